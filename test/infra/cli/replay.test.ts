import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { RELEASED_AT_ONCE } from '../../../functions/platform/feed/consumer.ts';
import { runConsumers } from '../../../functions/platform/feed/consumers.ts';
import { macsUnder } from '../../../functions/platform/store/mac.ts';
import { openSqliteStore } from '../../../functions/platform/store/sqlite/sqliteStore.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { openSecrets } from '../../../infra/local/secrets.ts';
import { sequencerPorts } from '../../../infra/local/sequencing.ts';
import { readSettings } from '../../../infra/local/settings.ts';
import { openSideStores } from '../../../infra/local/sideStores.ts';
import { tamper } from '../../functions/log/verify/tamper.ts';
import { cli, cliJson, makePlace, type Place } from '../local/process.ts';

const HOUR_MS = 3_600_000;
let place: Place;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(() => rmSync(place.folder, { recursive: true, force: true }));

const sweepForHours = async (data: string): Promise<void> => {
  const { commitKeys } = openSecrets(join(data, 'keys.json'));
  const guard = { macs: macsUnder(commitKeys, 'records'), altered: () => undefined };
  const [store, sideStore] = [
    openSqliteStore(join(data, 'aldergate.db'), macsUnder(commitKeys, 'commits')),
    openSideStores(data, guard),
  ];
  let hours = 0;
  const clock = (): string => '2026-03-02T12:00:00.000Z';
  const ports = { store, sideStore, clock, isReleased: RELEASED_AT_ONCE, logger: () => undefined, wallMs: () => hours * HOUR_MS };
  const consumer = { name: 'notify', wants: (stream: string) => stream.startsWith('feature/'), handle: async () => undefined };
  for (; hours < 8; hours += 1) await runConsumers(ports, [consumer]).sweep();
  await store.close();
  await sideStore.close();
};

const sequenced = async (data: string): Promise<void> => {
  const installation = openInstallation(
    readSettings({ ...place.env, ALDERGATE_DATA: data }, join(place.folder, 'aldergate.config.json')),
  );
  await sequence(sequencerPorts(installation, () => undefined));
  await installation.close();
};

const bytesOf = (data: string, replace?: Uint8Array): Uint8Array => {
  let found = new Uint8Array();
  tamper(join(data, 'aldergate.db'), (database) => {
    const where = "WHERE stream = 'feature/acme' AND version = 1";
    found = database.prepare(`SELECT bytes FROM commits ${where}`).get()?.bytes as Uint8Array<ArrayBuffer>;
    if (replace !== undefined) database.prepare(`UPDATE commits SET bytes = ? ${where}`).run(replace);
  });
  return found;
};

const noticed = async (feature: string): Promise<void> => {
  const path = join(place.folder, `${feature}.json`);
  const notice = { feature, kind: 'new-feature', title: 'A new search', summary: 'Officers can search in another way.' };
  writeFileSync(path, JSON.stringify(notice));
  await cliJson(place, 'notice', path, '--channel', 'mail', '--heard-at', '2026-01-05T10:00:00Z');
};

test('what a consumer gave up on is handled by one command once its cause is mended', async () => {
  const data = join(place.folder, 'data');
  await cli(place, 'init');
  await cliJson(place, 'roster', 'set', 'roster.json');
  await cliJson(place, 'policy', 'adopt', 'policy.json');
  await cliJson(place, 'vendor', 'add', 'acme', '--name', 'Acme');
  for (const feature of ['acme', 'acme.lpr']) await noticed(feature);
  const good = bytesOf(data, Buffer.from('{"not":"a commit"}'));
  await sweepForHours(data);
  expect(await cli(place, 'replay', 'nobody')).toMatchObject({ code: 2, stderr: expect.stringContaining('projector') });
  const failing = await cli(place, 'replay', '--json');
  expect(failing.code).toBe(1);
  expect(JSON.parse(failing.stdout)).toMatchObject({
    handled: 0,
    failed: [
      { consumer: 'notify', stream: 'feature/acme', version: 1, error: expect.stringContaining('was not written by this gate') },
    ],
  });
  bytesOf(data, good);
  // It was not judged yet.
  const early = await cli(place, 'replay', 'notify', '--json');
  expect(JSON.parse(early.stdout)).toMatchObject({ handled: 0, failed: [{ error: 'not in the log yet' }] });
  await sequenced(data);
  expect(await cliJson(place, 'replay', 'notify')).toStrictEqual({ handled: 1, failed: [] });
  expect(await cliJson(place, 'replay')).toStrictEqual({ handled: 0, failed: [] });
});
