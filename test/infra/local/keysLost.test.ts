import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatVerifierKey } from '../../../domain/log/verifierKey.ts';
import { logSigner } from '../../../functions/log/sequencer/signer.ts';
import { openCity } from '../../../infra/demo/city.ts';
import { freePort } from '../../../infra/demo/freePort.ts';
import { requestFor } from '../../../infra/demo/http.ts';
import { play, story } from '../../../infra/demo/story.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { startServer } from '../../../infra/local/server.ts';
import { logOrigin } from '../../../infra/local/settings.ts';
import { cli, programEnv } from './process.ts';

/** The day on which the contract is approved. */
const DAY = 10;
const scratch = mkdtempSync(join(tmpdir(), 'aldergate-keys-lost-'));
const [old, data] = [join(scratch, 'old'), join(scratch, 'data')];
let settings: Parameters<typeof openInstallation>[0];
let now: () => string;
let key: string;

beforeAll(async () => {
  const city = await openCity(DAY);
  try {
    for (const step of story.filter(({ day }) => day <= DAY)) await play(city, step);
    ({ settings } = city.installation);
    key = formatVerifierKey(logSigner(city.installation.secrets.logKey, logOrigin(settings)).key);
    cpSync(join(settings.data, 'log'), join(old, 'log'), { recursive: true });
    const instant = city.clock.now();
    now = () => instant;
  } finally {
    await city.close();
  }
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const NEW_ORIGIN = 'city.example/second-log';
const run = (folder: string, ...args: readonly string[]) => {
  const env = { ...programEnv(), HOME: scratch, ALDERGATE_DATA: folder, ALDERGATE_LOG_ORIGIN: NEW_ORIGIN };
  return cli({ folder: scratch, port: 0, url: '', env }, ...args);
};
const record = (folder: string, pinned = key) => run(folder, 'log', 'keys-lost', old, '--key', pinned, '--json');

test('a new installation records whose keys were lost; nothing approved there is on, and it is public', async () => {
  const recorded = await record(data);
  expect(recorded, recorded.stderr).toMatchObject({ code: 0 });
  const said = JSON.parse(recorded.stdout);
  expect(said).toMatchObject({ lost: { origin: logOrigin(settings), key } });
  expect(JSON.parse((await record(data)).stdout)).toMatchObject({ at: said.at });

  const port = await freePort();
  const server = await startServer(openInstallation({ ...settings, data, port, logOrigin: NEW_ORIGIN }, now), () => undefined);
  try {
    const { stdout } = await run(data, 'token', 'create', '--name', 'it', '--scope', 'state:read', '--json');
    const asked = { token: JSON.parse(stdout).token, json: { context: { agency: 'police' } } };
    const answer = await requestFor(200, 'POST', `http://127.0.0.1:${port}/ofrep/v1/evaluate/flags/northcam`, asked);
    expect(answer.json).toMatchObject({ value: false, variant: 'unknown' });
    await server.settle();
  } finally {
    await server.close();
  }
  const verified = await run(data, 'verify', join(data, 'log'), '--key', said.key, '--json');
  expect(verified, verified.stderr).toMatchObject({ code: 0 });
  expect(JSON.parse(verified.stdout)).toMatchObject({ keysLost: said.lost, features: [] });
  // The old log stays verifiable under its own key.
  expect(await run(data, 'verify', old, '--key', key)).toMatchObject({ code: 0 });
});

test('it is refused for a log that does not verify, and where something was entered', async () => {
  const fresh = join(scratch, 'fresh');
  const other = formatVerifierKey(logSigner(openKeys(), logOrigin(settings)).key);
  expect(await record(fresh, other)).toMatchObject({ code: 1, stderr: expect.stringContaining('does not verify') });
  expect(await run(fresh, 'vendor', 'add', 'acme', '--name', 'Acme')).toMatchObject({ code: 0 });
  expect(await record(fresh)).toMatchObject({ code: 1, stderr: expect.stringContaining('vendor/acme') });
});

/** The log key of some other installation. */
const openKeys = (): string => {
  const installation = openInstallation({ ...settings, data: join(scratch, 'other') }, now);
  void installation.close();
  return installation.secrets.logKey;
};
