import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { progressIn } from '../../../functions/platform/feed/consume.ts';
import { macsUnder } from '../../../functions/platform/store/mac.ts';
import { openSideStores, type SideStores } from '../../../infra/local/databases.ts';
import { openSecrets } from '../../../infra/local/secrets.ts';
import { folderOfFile, folderOfTest } from '../../support/folders.ts';

const [OLD, NEW] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
let folder: string;
let sideStore: SideStores;
const opened = (...keys: [Uint8Array, ...Uint8Array[]]) =>
  openSideStores(folder, { macs: macsUnder(keys, 'records'), altered: () => undefined }, true);
const scratch = folderOfFile('sides');
beforeEach(async ({ task }) => {
  folder = join(scratch, task.id);
  mkdirSync(folder);
  sideStore = opened(OLD);
  await progressIn(sideStore, 'notify', 'feature/acme').advance(3);
  await sideStore.put('text', 'sha256:1', { text: 'in confidence' });
});
afterEach(() => sideStore.close());
const database = (name: string) => new DatabaseSync(join(folder, name), { timeout: 0 });
const kindsIn = (name: string): readonly unknown[] => {
  const file = database(name);
  const rows = file.prepare('SELECT kind FROM side').all();
  file.close();
  return rows.map(({ kind }) => kind);
};

test('progress and texts lie in files of their own, which only their owner reads, as the keys, also when put back', () => {
  expect([kindsIn('consumers.db'), kindsIn('side.db')]).toEqual([
    ['mark', 'seal'],
    ['seal', 'text'],
  ]);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600);
  const keys = join(folder, 'keys.json');
  openSecrets(keys);
  for (const [mode, then] of [
    [0o644, 0o600],
    [0o400, 0o400],
  ] as const) {
    chmodSync(keys, mode);
    openSecrets(keys);
    expect(statSync(keys).mode & 0o777).toBe(then);
  }
});

test('a request writes its record while the consumers hold the lock of theirs', async () => {
  const consumers = database('consumers.db');
  consumers.exec('BEGIN IMMEDIATE');
  await sideStore.put('text', 'sha256:2', { text: 'another' });
  expect((await sideStore.list('text')).map(({ id }) => id)).toEqual(['sha256:1', 'sha256:2']);
  expect(await progressIn(sideStore, 'notify', 'feature/acme').mark()).toBe(3);
  consumers.exec('ROLLBACK');
  consumers.close();
});

test('a new file and its seal are there after a power cut', async () => {
  const said = vi.spyOn(DatabaseSync.prototype, 'exec');
  folder = folderOfTest('new');
  await opened(OLD).close();
  const all = said.mock.calls.flat();
  expect(all.indexOf('PRAGMA synchronous = NORMAL')).toBeGreaterThan(all.lastIndexOf('COMMIT'));
});

test('the MACs of both files are checked and renewed, both durably before the old key goes', async () => {
  await sideStore.close();
  sideStore = opened(NEW, OLD);
  const said = vi.spyOn(DatabaseSync.prototype, 'exec');
  expect(await sideStore.renewMacs()).toBe(2);
  const [full, ...then] = said.mock.calls.flat();
  expect([full, then.filter((each) => each === full).length]).toEqual(['PRAGMA synchronous = FULL', 1]);
  await sideStore.close();
  sideStore = opened(NEW);
  expect(await sideStore.altered()).toEqual([]);
  for (const name of ['side.db', 'consumers.db']) {
    const file = database(name);
    file.exec('UPDATE side SET mac = zeroblob(32)');
    file.close();
  }
  expect((await sideStore.altered()).map(({ kind }) => kind)).toEqual(['text', 'mark']);
  expect(await progressIn(sideStore, 'notify', 'feature/acme').mark()).toBe(0);
});
