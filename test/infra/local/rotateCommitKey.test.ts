import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { macsUnder } from '../../../functions/platform/store/mac.ts';
import { openSqliteStore } from '../../../functions/platform/store/sqlite/sqliteStore.ts';
import { openCity } from '../../../infra/demo/city.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { beginCommitKeyRotation, openSecrets } from '../../../infra/local/secrets.ts';
import { folderOfFile } from '../../support/folders.ts';
import { cliOn } from './process.ts';
import { copyFolder as copy } from './revokedCity.ts';

const scratch = folderOfFile('rotate-mac');
const original = join(scratch, 'original');
let settings: Parameters<typeof openInstallation>[0];
let folder: string;

beforeAll(async () => {
  const city = await openCity(0);
  try {
    await city.post('contract', { endsAt: city.clock.dateAt(300) });
    await city.post('plate-readers');
    await city.settle();
    ({ settings } = city.installation);
    copy(settings.data, original);
  } finally {
    await city.close();
  }
});
beforeEach(({ task }) => {
  folder = join(scratch, task.id);
  copy(original, folder);
});

const run = (...args: readonly string[]) => cliOn(folder, ...args);
const keys = (): readonly string[] =>
  z.object({ commit: z.array(z.string()) }).parse(JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8'))).commit;
const keyIds = (): readonly unknown[] =>
  [
    ['aldergate.db', 'commits'],
    ['side.db', 'side'],
    ['consumers.db', 'side'],
  ].flatMap(([file = '', table = '']) => {
    const database = new DatabaseSync(join(folder, file));
    const found = database.prepare(`SELECT DISTINCT mac_key AS id FROM ${table}`).all();
    database.close();
    return found.map(({ id }) => id);
  });

test('every row and record gets a MAC by the new key; one that had none stays unreadable', async () => {
  const [before, oldIds] = [keys(), keyIds()];
  const database = new DatabaseSync(join(folder, 'aldergate.db'));
  database.exec("UPDATE commits SET mac = zeroblob(32) WHERE stream = 'feature/northcam.lpr'");
  database.close();
  const rotated = await run('keys', 'rotate-commit', '--json');
  expect(rotated, rotated.stderr).toMatchObject({ code: 0 });
  expect(keys()).toHaveLength(1);
  expect(keys()).not.toEqual(before);
  expect(keyIds().filter((id) => oldIds.includes(id))).toHaveLength(1);
  expect(await run('fsck')).toMatchObject({ code: 1, stdout: expect.stringContaining('feature/northcam.lpr@1') });
});

test('interrupted between the commits and the records, the folder can be served, and the same command completes it', async () => {
  const path = join(folder, 'keys.json');
  beginCommitKeyRotation(path);
  const store = openSqliteStore(join(folder, 'aldergate.db'), macsUnder(openSecrets(path).commitKeys, 'commits'));
  expect(await store.renewMacs()).toBeGreaterThan(5);
  await store.close();
  expect(keys()).toHaveLength(2);
  const installation = openInstallation({ ...settings, data: folder });
  expect(await installation.ports.store.head('feature/northcam')).toMatchObject({ version: 1 });
  expect(await installation.ports.sideStore.list('directory')).not.toEqual([]);
  expect(await installation.recordMacs.altered()).toEqual([]);
  await installation.close();
  expect(await run('keys', 'rotate-commit')).toMatchObject({ code: 0 });
  expect(new Set(keyIds()).size).toBe(2);
  expect(keys()).toHaveLength(1);
  expect(await run('fsck')).toMatchObject({ code: 0 });
});
