import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addVendor } from '../../../functions/gate/vendors.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { startServer } from '../../../infra/local/server.ts';
import { readSettings } from '../../../infra/local/settings.ts';
import { searchNotice } from './cityProcess.ts';
import { cli, cliJson, makePlace, type Place } from './process.ts';

let place: Place;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(() => rmSync(place.folder, { recursive: true, force: true }));

const served = async (env: NodeJS.ProcessEnv, work?: (url: string) => Promise<unknown>): Promise<string | undefined> => {
  const installation = openInstallation(readSettings({ ...place.env, ...env }, 'no file'));
  try {
    const server = await startServer(installation, () => undefined);
    await addVendor(installation.ports, 'acme', 'Acme Cameras');
    await work?.(`http://127.0.0.1:${server.port}`);
    await server.settle();
    const name = readFileSync(join(place.folder, 'data/log/checkpoint'), 'utf8').split('\n')[0];
    await server.close();
    return name;
  } catch (error) {
    await installation.close();
    throw error;
  }
};

test('the name of the log follows the settings while it holds set-up alone; from the first notice on it stays', async () => {
  expect(await served({})).toBe(`127.0.0.1:${place.port}/log`);
  expect(await served({ ALDERGATE_LOG_ORIGIN: 'wrong.city.gov/log' })).toBe('wrong.city.gov/log');
  expect(await served({ ALDERGATE_URL: 'https://gate.city.gov' })).toBe('gate.city.gov/log');
  const { token } = (await cliJson(place, 'token', 'create', '--name', 'clerk', '--scope', 'admin')) as { token: string };
  const enter = async (url: string): Promise<void> => {
    const body = { notice: searchNotice('acme'), channel: 'letter', heardAt: '2026-03-01T09:00:00Z' };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}/v1/intake`, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(answer.status, await answer.text()).toBe(202);
  };
  expect(await served({ ALDERGATE_URL: 'https://gate.city.gov' }, enter)).toBe('gate.city.gov/log');
  expect(await served({ ALDERGATE_URL: 'https://other.city.gov' })).toBe('gate.city.gov/log');
  await expect(served({ ALDERGATE_LOG_ORIGIN: 'wrong.city.gov/log' })).rejects.toThrow(
    /named wrong\.city\.gov\/log, .*published as gate\.city\.gov\/log.* Set ALDERGATE_LOG_ORIGIN .* to gate\.city\.gov\/log, or leave it out/,
  );
  // The files may be lost, and the name is not.
  rmSync(join(place.folder, 'data/log'), { recursive: true });
  expect(await served({ ALDERGATE_URL: 'https://other.city.gov' })).toBe('gate.city.gov/log');
  expect(await cli(place, 'fsck')).toMatchObject({ code: 0 });
});
