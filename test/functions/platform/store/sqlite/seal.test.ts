import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { macsUnder } from '../../../../../functions/platform/store/mac.ts';
import { openSqliteSideStore, type SqliteSideStore } from '../../../../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { folderOfTest } from '../../../../support/folders.ts';
import { testCommitKey, testGuard } from '../../../../support/macs.ts';

let path: string;
let side: SqliteSideStore;
const state = async () => [await side.sealed.verify(), side.sealed.isWhole()];
beforeEach(async () => {
  path = join(folderOfTest('seal'), 'side.db');
  side = openSqliteSideStore(path, testGuard);
  for (const id of ['one', 'two', 'three']) await side.put('sent', id, { at: 1 });
});
afterEach(() => side.close());

type Row = Record<string, SQLInputValue>;

/** Does something as another process, which has not the key. */
const elsewhere = (work: (database: DatabaseSync) => void) => {
  const database = new DatabaseSync(path);
  work(database);
  database.close();
};
const rows = () => {
  let found: readonly Row[] = [];
  elsewhere((database) => {
    found = database.prepare('SELECT * FROM side').all();
  });
  return found;
};
const without = (id: string) => elsewhere((database) => database.prepare('DELETE FROM side WHERE id = ?').run(id));
const putBack = (was: readonly Row[], id: string) => {
  const row = was.find((each) => each.id === id) ?? {};
  without(id);
  elsewhere((database) => database.prepare('INSERT INTO side VALUES (?, ?, ?, ?, ?)').run(...Object.values(row)));
};

test('what the gate wrote is whole, by whichever process', async () => {
  await side.put('sent', 'two', { at: 2 });
  expect([await side.putIfAbsent('sent', 'two', { at: 3 }), await side.putIfAbsent('sent', 'four', {})]).toEqual([false, true]);
  await side.remove('sent', 'three');
  await side.remove('sent', 'none');
  const other = openSqliteSideStore(path, testGuard);
  await other.put('sent', 'one', {});
  await other.close();
  expect(await state()).toEqual([true, true]);
  await Promise.all([side.put('sent', 'one', { at: 4 }), side.sealed.renew(true), side.remove('sent', 'two')]);
  expect(await state()).toEqual([true, true]);
});

test.each<[string, (was: readonly Row[]) => unknown]>([
  ['removed', () => without('one')],
  ['removed, with the seal', () => ['one', 'all'].forEach(without)],
  ['removed, with an earlier seal', (was) => [without('one'), putBack(was, 'all')]],
  ['put back to an earlier value', (was) => putBack(was, 'two')],
  ['put back after its removal', (was) => putBack(was, 'three')],
  [
    'removed, written again as it was, and removed again',
    async () => {
      without('one');
      await side.put('sent', 'one', { at: 1 });
      without('one');
    },
  ],
])(
  'a record that is %s is missed, whatever is written after it, and that is known until it is taken for whole',
  async (_, deed) => {
    const was = rows();
    await side.put('sent', 'two', { at: 2 });
    await side.remove('sent', 'three');
    await deed(was);
    await side.put('sent', 'five', {});
    expect((await state())[0]).toBe(false);
    await side.sealed.renew(false);
    await side.put('sent', 'six', {});
    expect(await state()).toEqual([true, false]);
    await side.sealed.renew(true);
    expect(await state()).toEqual([true, true]);
  },
);

test.each([true, false])('another key for the MACs leaves it as it was: whole %s', async (isWhole) => {
  await side.sealed.renew(isWhole);
  await side.close();
  const macs = macsUnder([Buffer.alloc(32, 'the next key'), testCommitKey], 'records');
  side = openSqliteSideStore(path, { ...testGuard, macs });
  expect(await state()).toEqual([true, isWhole]);
  await side.renewMacs();
  expect(await state()).toEqual([true, isWhole]);
});

test('the seal of a file fits no file of another name', async () => {
  await side.close();
  renameSync(path, `${path}.other`);
  side = openSqliteSideStore(`${path}.other`, testGuard);
  expect(await side.sealed.verify()).toBe(false);
});

test('a key that is no UTF-8 is passed', async () => {
  elsewhere((database) => database.exec("INSERT INTO side VALUES ('text', CAST(x'61ff' AS TEXT), '1', NULL, NULL)"));
  expect([await side.altered(), await side.sealed.verify()]).toEqual([[expect.objectContaining({ kind: 'text' })], true]);
});

test('a value or a name that is larger than any program could hold is not read, is named, and hides none behind it', async () => {
  elsewhere((database) => database.exec("INSERT INTO side VALUES ('sent', printf('o%.*c', 1048577, 'a'), '1', NULL, NULL)"));
  expect((await side.list('sent', 'o')).map(({ id }) => id)).toEqual(['one']);
  expect(await state()).toEqual([true, true]);
  elsewhere((database) => database.exec("UPDATE side SET value = printf('%.*c', 1048577, 'x') WHERE id = 'one'"));
  expect(await side.altered()).toEqual(['null', 'one'].map((id) => ({ kind: 'sent', id, problem: 'it has no MAC' })));
  expect(await state()).toEqual([false, false]);
});

const INDEXES = { 'in another order': '(kind, id DESC)', 'without the record': "(kind, id) WHERE id <> 'one'" };
const STATISTICS = ['', "ANALYZE; INSERT INTO sqlite_stat1 VALUES ('side', 'sqlite_autoindex_side_1', '9 9 1 unordered');"];
test.each(Object.entries(INDEXES).flatMap(([how, index]) => STATISTICS.map((planted) => [how, planted, index])))(
  'a record that a search by its key would not find is missed: an index %s; %s',
  async (how, planted, index) => {
    elsewhere((database) => {
      (database as DatabaseSync & { enableDefensive?: (on: boolean) => void }).enableDefensive?.(false);
      database.exec(`CREATE INDEX other ON side ${index}; PRAGMA writable_schema = ON;
        UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'other') WHERE sql IS NULL;
        DELETE FROM sqlite_master WHERE name = 'other'; ${planted}`);
    });
    await side.close();
    side = openSqliteSideStore(path, testGuard);
    expect(await side.get('sent', 'one')).toBeUndefined();
    expect(await state()).toEqual([false, false]);
    // In no order, it takes no seal.
    if (how === 'in another order') await expect(side.sealed.renew(true)).rejects.toThrow('its index is damaged');
  },
);
