import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, onTestFinished } from 'vitest';
import { parseCheckpoint } from '../../../domain/log/checkpoint.ts';
import { parseNote } from '../../../domain/log/note.ts';
import { formatAddCheckpoint } from '../../../domain/log/witness.ts';
import { logSigner } from '../../../functions/log/sequencer/ports.ts';
import { remoteClient } from '../../../infra/cli/apiClient.ts';
import { openWitness, witnessServer } from '../../../infra/cli/commands/witness.ts';
import { freePort, requestFor } from '../../../infra/demo/city.ts';
import { type Installation, openInstallation } from '../../../infra/local/installation.ts';
import { openSecrets } from '../../../infra/local/secrets.ts';
import { startServer } from '../../../infra/local/server.ts';
import { logOrigin, type Settings } from '../../../infra/local/settings.ts';
import { folderOfFile, folderOfTest } from '../../support/folders.ts';
import { listened } from '../../support/listened.ts';
import { filledFolder } from '../../support/sharedFolder.ts';
import { readyz } from './process.ts';

const PROGRAM = fileURLToPath(new URL('./playRevokedCity.ts', import.meta.url));

export const copyFolder = (from: string, to: string): void => cpSync(from, to, { recursive: true });

interface Played {
  readonly token: string;
  readonly now: string;
  readonly settings: Settings;
  readonly seats: readonly string[];
}

/** The city, made once for all processes of a run: copy its folders, and leave them as they are. */
export const revokedCity = () => {
  const folder = filledFolder('revoked', (into) => execFileSync(process.execPath, [PROGRAM, into], { stdio: 'inherit' }));
  const { now, ...played } = JSON.parse(readFileSync(join(folder, 'city.json'), 'utf8')) as Played;
  const [older, newer, outbox] = ['older', 'newer', 'outbox'].map((name) => join(folder, name)) as [string, string, string];
  return { ...played, now: () => now, older, newer, outbox };
};

const DAY_MS = 86_400_000;

/** Copies the mails, whose links then lead to another address. */
const readdress = (mails: string, outbox: string, from: string, to: string) => {
  copyFolder(mails, outbox);
  for (const name of readdirSync(outbox).filter((each) => each.endsWith('.json'))) {
    const path = join(outbox, name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(from, to));
  }
};

/** A gate on a copy of the city before the revocation, so many days later. Close it when the tests of a file end. */
export const playedCity = async (daysLater = 0) => {
  const { older, outbox, token: itToken, now: then, settings, seats } = revokedCity();
  const instant = new Date(Date.parse(then()) + daysLater * DAY_MS).toISOString();
  const now = () => instant;
  const data = join(mkdtempSync(join(tmpdir(), 'aldergate-played-')), 'data');
  copyFolder(older, data);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  readdress(outbox, join(data, 'outbox'), settings.url, url);
  const installation = openInstallation({ ...settings, data, port, url, logOrigin: logOrigin(settings) }, now);
  const server = await startServer(installation, () => undefined);
  await server.settle();
  const close = async () => {
    await server.close();
    rmSync(dirname(data), { recursive: true, force: true });
  };
  return {
    url,
    zone: settings.timeZone,
    seats,
    installation,
    itToken,
    ask: remoteClient(url, itToken).call,
    clock: { now },
    settle: server.settle,
    close,
  };
};
export type PlayedCity = Awaited<ReturnType<typeof playedCity>>;

export const answerAt = async (url: string, token: string, key: string): Promise<unknown> => {
  const asked = { token, json: { context: { agency: 'police' } } };
  return ((await requestFor(200, 'POST', `${url}/ofrep/v1/evaluate/flags/${key}`, asked)).json as { value: unknown }).value;
};

/** Changes a database as another program would, with no code of the gate. */
export const changeDatabase = (path: string, sql: string): void => {
  const database = new DatabaseSync(path, { timeout: 60_000 });
  database.exec(sql);
  database.close();
};

/** A witness until the test is over, of the log of a folder, which it has cosigned, or not seen yet. `line`: its cosignature. */
export const witnessOf = async (data: string, hasSeen = true) => {
  const checkpoint = readFileSync(join(data, 'log/checkpoint'));
  const { origin } = parseCheckpoint(parseNote(checkpoint).text);
  const { key } = logSigner(openSecrets(join(data, 'keys.json')).logKey, origin);
  const state = openWitness(folderOfTest('witness'), 'witness.example');
  const { url, close } = await listened(witnessServer(state, [{ origin, keys: [key] }], () => undefined));
  onTestFinished(close);
  const body = new Uint8Array(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint }));
  const answer = hasSeen ? await fetch(`${url}/add-checkpoint`, { method: 'POST', body }) : undefined;
  expect(answer?.ok).not.toBe(false);
  return { key: state.key, line: (await answer?.text()) ?? '', witnesses: { witnesses: [{ url, key: state.key }], quorum: 0 } };
};

/** What a sequencer of a test says to others. */
export const unheard = { logged: () => undefined, published: () => undefined, compared: () => undefined, older: () => undefined };

/** The city, and for each test of a file a folder, `folder()`, in which a gate can be started on a copy of it. */
export const copiesOfRevokedCity = () => {
  const city = revokedCity();
  const scratch = folderOfFile('copies');
  let data = '';
  beforeEach(({ task }) => {
    data = join(scratch, task.id);
  });
  /** A gate on the folder, until the test is over; rejects if it does not start. `opened`: gets the installation before that. */
  const serve = async (more: Partial<Settings> = {}, opened: (installation: Installation) => void = () => undefined) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const installation = openInstallation({ ...city.settings, url, ...more, data, port }, city.now);
    opened(installation);
    const server = await startServer(installation, () => undefined).catch(async (error: unknown) => {
      await installation.close();
      throw error;
    });
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => (closing ??= server.close());
    onTestFinished(close);
    return {
      url,
      installation,
      settle: server.settle,
      close,
      problems: () => readyz(url),
      isOn: (key = 'northcam') => answerAt(url, city.token, key),
    };
  };
  /** Does something on the folder beside whatever runs there. */
  const beside = async <T>(work: (installation: Installation) => Promise<T>, more: Partial<Settings> = {}): Promise<T> => {
    const installation = openInstallation({ ...city.settings, ...more, data }, city.now);
    try {
      return await work(installation);
    } finally {
      await installation.close();
    }
  };
  return { ...city, scratch, serve, beside, folder: () => data, file: (name: string) => join(data, name) };
};
