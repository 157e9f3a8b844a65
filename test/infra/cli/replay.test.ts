import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { type Installation, openInstallation } from '../../../infra/local/installation.ts';
import { sequencerPorts } from '../../../infra/local/sequencing.ts';
import { readSettings } from '../../../infra/local/settings.ts';
import { searchNotice } from '../local/cityProcess.ts';
import { cli, cliJson, makePlace, type Place } from '../local/process.ts';

let place: Place;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(() => rmSync(place.folder, { recursive: true, force: true }));

const within = async (work: (installation: Installation) => Promise<unknown>): Promise<void> => {
  const installation = openInstallation(readSettings(place.env, join(place.folder, 'aldergate.config.json')));
  await work(installation);
  await installation.close();
};

test('what a consumer gave up on is handled by one command once its cause is mended', async () => {
  await cli(place, 'init');
  await cliJson(place, 'roster', 'set', 'roster.json');
  await cliJson(place, 'policy', 'adopt', 'policy.json');
  writeFileSync(join(place.folder, 'acme.json'), JSON.stringify(searchNotice('acme')));
  await cliJson(place, 'notice', 'acme.json', '--channel', 'mail', '--heard-at', '2026-01-05T10:00:00Z');
  const parked = { consumer: 'notify', stream: 'feature/acme', version: 1 };
  const letter = { ...parked, error: 'no', tries: 5, at: '2026-01-05T11:00:00.000Z' };
  await within(({ ports }) => ports.sideStore.put('dead-letter', 'notify:feature/acme@1', letter));

  expect(await cli(place, 'replay', 'nobody')).toMatchObject({ code: 2, stderr: expect.stringContaining('projector') });
  // It was not judged yet.
  const early = await cli(place, 'replay', '--json');
  expect(early.code).toBe(1);
  expect(JSON.parse(early.stdout)).toMatchObject({ handled: 0, failed: [{ ...parked, error: 'not in the log yet' }] });
  await within((installation) => sequence(sequencerPorts(installation, () => undefined)));
  expect(await cliJson(place, 'replay', 'notify')).toStrictEqual({ handled: 1, failed: [] });
  expect(await cliJson(place, 'replay')).toStrictEqual({ handled: 0, failed: [] });
});
