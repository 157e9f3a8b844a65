import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, onTestFinished } from 'vitest';
import { remoteClient } from '../../../infra/cli/apiClient.ts';
import { freePort, openCity, requestFor } from '../../../infra/demo/city.ts';
import { play, revokeApproval, story, TODAY } from '../../../infra/demo/story.ts';
import { type Installation, openInstallation } from '../../../infra/local/installation.ts';
import { startServer } from '../../../infra/local/server.ts';
import type { Settings } from '../../../infra/local/settings.ts';
import { folderOfFile } from '../../support/folders.ts';
import { sharedFolder } from '../../support/sharedFolder.ts';
import { readyz } from './process.ts';

interface RevokedCity {
  readonly older: string;
  readonly newer: string;
  readonly token: string;
  readonly now: () => string;
  readonly settings: Settings;
  readonly seats: readonly string[];
}

/** Copies a data folder without the lock of the server that has it. */
export const copyFolder = (from: string, to: string): void =>
  cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('server.lock') });

const made = async (): Promise<RevokedCity> => {
  const folder = sharedFolder('revoked');
  const [older, newer] = [join(folder, 'older'), join(folder, 'newer')];
  const city = await openCity(TODAY);
  try {
    for (const step of story) await play(city, step);
    const { settings } = city.installation;
    copyFolder(settings.data, older);
    await revokeApproval(city, 'mayor', 'northcam.lpr/1', 'Not any more.');
    await city.settle();
    copyFolder(settings.data, newer);
    const instant = city.clock.now();
    return { older, newer, token: city.itToken, now: () => instant, settings, seats: city.seats };
  } finally {
    await city.close();
  }
};

let kept: Promise<RevokedCity> | undefined;

/** The city, made once for all files of a process: copy its folders, and leave them as they are. */
export const revokedCity = (): Promise<RevokedCity> => {
  kept ??= made();
  return kept;
};

const DAY_MS = 86_400_000;

/**
 * A gate on a copy of the city before the revocation, at the city's own address, so many days later. Close it when the tests of a
 * file end.
 */
export const playedCity = async (daysLater = 0) => {
  const { older, token: itToken, now: then, settings, seats } = await revokedCity();
  const instant = new Date(Date.parse(then()) + daysLater * DAY_MS).toISOString();
  const now = () => instant;
  const data = join(mkdtempSync(join(tmpdir(), 'aldergate-played-')), 'data');
  copyFolder(older, data);
  const installation = openInstallation({ ...settings, data }, now);
  const server = await startServer(installation, () => undefined);
  await server.settle();
  const close = async () => {
    await server.close();
    rmSync(dirname(data), { recursive: true, force: true });
  };
  const { url, timeZone: zone } = settings;
  return {
    url,
    zone,
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

/** What the gate at an address answers to the police's IT. */
export const answerAt = async (url: string, token: string, key: string): Promise<unknown> => {
  const asked = { token, json: { context: { agency: 'police' } } };
  return ((await requestFor(200, 'POST', `${url}/ofrep/v1/evaluate/flags/${key}`, asked)).json as { value: unknown }).value;
};

/** The city, and for each test of a file a folder, `folder()`, in which a gate can be started on a copy of it. */
export const copiesOfRevokedCity = async () => {
  const city = await revokedCity();
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
