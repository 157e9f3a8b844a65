import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { StoredCommit } from '../../../../../functions/platform/store/port.ts';
import { openSqliteSideStore, type SqliteSideStore } from '../../../../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { COMMITS_FORMAT, openSqliteStore, type SqliteStore } from '../../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { recordAfter } from '../../../../contract/underTest.ts';
import { folderOfTest } from '../../../../support/folders.ts';
import { testGuard, testMacs } from '../../../../support/macs.ts';

let folder: string;
let commits: SqliteStore;
let side: SqliteSideStore;
let first: StoredCommit;
const path = (name: string) => join(folder, name);
const open = () => {
  commits = openSqliteStore(path('commits.db'), testMacs);
  side = openSqliteSideStore(path('side.db'), testGuard);
};
const close = async () => {
  await commits.close();
  await side.close();
};
beforeEach(async () => {
  folder = folderOfTest('check');
  open();
  first = recordAfter(undefined);
  await commits.append([first]);
  await side.put('token', 'one', { is: 'kept' });
});
afterEach(close);

const reopen = async () => {
  await close();
  open();
};
const WRITES = [
  () => commits.append([recordAfter(first)]),
  () => side.put('token', 'one', { is: 'another' }),
  () => side.putIfAbsent('token', 'two', {}),
  () => side.remove('token', 'one'),
];
const READS = [
  () => commits.head(first.stream),
  () => commits.history(first.stream, {}),
  () => commits.feed(undefined, 10),
  () => side.get('token', 'one'),
];

/** Runs SQL as another process. */
const elsewhere = async (name: string, sql: string) => {
  const database = new DatabaseSync(path(name));
  // Not in every version's types.
  (database as DatabaseSync & { enableDefensive?: (on: boolean) => void }).enableDefensive?.(false);
  database.exec(sql);
  database.close();
  // Another process cannot act within a turn of this one.
  await setImmediate();
};
const planted = (
  values: string,
) => `PRAGMA writable_schema = ON; INSERT INTO sqlite_master VALUES (${values}); PRAGMA writable_schema = OFF;
  PRAGMA schema_version = 1000`;

/** Changes of a schema, by which what is acknowledged could be swallowed, put back or hidden. */
const CHANGES: Readonly<Record<string, (table: string) => string>> = {
  'a trigger that ignores inserts': (table) => `CREATE TRIGGER x BEFORE INSERT ON ${table} BEGIN SELECT RAISE(IGNORE); END`,
  'a trigger that removes what was inserted': (table) =>
    `CREATE TRIGGER x AFTER INSERT ON ${table} BEGIN DELETE FROM ${table} WHERE rowid = NEW.rowid; END`,
  'a trigger on removals': (table) => `CREATE TRIGGER x BEFORE DELETE ON ${table} BEGIN SELECT RAISE(IGNORE); END`,
  'a trigger with a name of SQLite’s': (table) =>
    planted(
      `'trigger', 'sqlite_autoindex_${table}_2', '${table}', 0,
       'CREATE TRIGGER sqlite_autoindex_${table}_2 BEFORE INSERT ON ${table} BEGIN SELECT RAISE(IGNORE); END'`,
    ),
  'a view in place of the table': (table) =>
    `ALTER TABLE ${table} RENAME TO kept; CREATE VIEW ${table} AS SELECT * FROM kept;
     CREATE TRIGGER x INSTEAD OF INSERT ON ${table} BEGIN SELECT 1; END`,
  'an index on an expression': (table) => `CREATE INDEX x ON ${table} (abs(1))`,
  'another table': () => 'CREATE TABLE hidden (x)',
  'another column': (table) => `ALTER TABLE ${table} ADD COLUMN x TEXT`,
  'a generated column': (table) => `ALTER TABLE ${table} ADD COLUMN x TEXT AS (abs(1)) VIRTUAL`,
  'a constraint': (table) =>
    `PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', 'NOT NULL CHECK (1)') WHERE name = '${table}';
     PRAGMA schema_version = 1000`,
  'no table': (table) => `DROP TABLE ${table}`,
};
const changed = expect.objectContaining({ name: 'CorruptStore', code: 'schema-changed' });

test.each(Object.entries(CHANGES))(
  '%s: nothing is read and nothing acknowledged, while it runs and after a start',
  async (_, change) => {
    const moment = (await commits.changed([''], undefined)).moment;
    await elsewhere('commits.db', change('commits'));
    await elsewhere('side.db', change('side'));
    for (const isAgain of [false, true]) {
      if (isAgain) await reopen();
      for (const attempt of [...WRITES, ...READS]) await expect(attempt()).rejects.toEqual(changed);
      expect(commits.isUnchangedSince(moment)).toBe(false);
      for (const { check } of [commits, side]) expect(check.look()).toEqual(changed);
    }
  },
);

test.each([
  [
    'a view under the name by which a schema is read',
    "'view', 'sqlite_schema', 'sqlite_schema', 0, 'CREATE VIEW sqlite_schema AS SELECT 1'",
  ],
  [
    'a trigger on what ANALYZE makes',
    "'trigger', 'x', 'sqlite_stat1', 0, 'CREATE TRIGGER x AFTER INSERT ON sqlite_stat1 BEGIN SELECT 1; END'",
  ],
])('%s, which SQLite itself refuses', async (_, row) => {
  await elsewhere('commits.db', `ANALYZE; ${planted(row)}`);
  await expect(commits.append([recordAfter(first)])).rejects.toEqual(changed);
  await expect(commits.head(first.stream)).rejects.toEqual(changed);
  await commits.close();
  expect(() => openSqliteStore(path('commits.db'), testMacs)).toThrow('malformed database schema');
});

/** Runs SQL while a table takes values of any type. */
const whileLoose = (sql: string) => {
  const edit = (from: string, to: string, version: number) =>
    `PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, '${from}', '${to}') WHERE type = 'table';
     PRAGMA schema_version = ${version}; PRAGMA writable_schema = RESET`;
  return `${edit(') STRICT', ')', 1000)}; ${sql}; ${edit('\n  )', '\n  ) STRICT', 1001)}`;
};

test('a name that became bytes while the schema was another is no name: its record is altered, its commit unreadable', async () => {
  await elsewhere('commits.db', whileLoose('UPDATE commits SET stream = CAST(stream AS BLOB)'));
  await elsewhere('side.db', whileLoose('UPDATE side SET id = CAST(id AS BLOB)'));
  const unreadable: unknown[] = [];
  expect((await commits.feed(undefined, 10, (row) => unreadable.push(row.stream))).items).toEqual([]);
  expect(unreadable).toEqual([expect.any(String)]);
  expect(await side.list('token')).toEqual([]);
  expect(await side.altered()).toMatchObject([{ kind: 'token', id: expect.any(String) }]);
});

test.each([
  ['a trigger', 'CREATE TRIGGER x BEFORE INSERT ON commits BEGIN SELECT RAISE(IGNORE); END', 'DROP TRIGGER x'],
  ['the number of another format', 'PRAGMA user_version = 9', `PRAGMA user_version = ${COMMITS_FORMAT.number}`],
])('%s that is taken away again leaves nothing behind', async (_, change, back) => {
  await elsewhere('commits.db', change);
  await expect(commits.append([recordAfter(first)])).rejects.toEqual(changed);
  expect(commits.check.look()).toEqual(changed);
  await elsewhere('commits.db', back);
  expect(commits.check.look()).toBeUndefined();
  expect(await commits.append([recordAfter(first)])).toMatchObject({ appended: 1 });
});

test('a schema that is locked for a moment is no other one', () => {
  const busy = Object.assign(new Error('database is locked'), { code: 'ERR_SQLITE_ERROR', errcode: 5 });
  vi.spyOn(StatementSync.prototype, 'all').mockImplementationOnce(() => {
    throw busy;
  });
  expect(commits.check.look()).toBeUndefined();
});

test('what ANALYZE, VACUUM and a backup make is no change', async () => {
  for (const name of ['commits.db', 'side.db']) await elsewhere(name, 'ANALYZE; VACUUM');
  expect(await commits.append([recordAfter(first)])).toMatchObject({ appended: 1 });
  await side.put('token', 'two', {});
  await close();
  for (const name of ['commits.db', 'side.db']) copyFileSync(path(name), path(`${name}.copy`));
  for (const name of ['commits.db', 'side.db']) renameSync(path(`${name}.copy`), path(name));
  open();
  expect(await commits.head(first.stream)).toMatchObject({ version: 2 });
  expect((await side.list('token')).map(({ id }) => id)).toEqual(['one', 'two']);
});

test('what the database did not take is not acknowledged, whatever it says', async () => {
  // As if it had written: what a trigger does, without one.
  const ignored = vi.spyOn(StatementSync.prototype, 'run').mockReturnValue({ changes: 1, lastInsertRowid: 9 });
  onTestFinished(() => ignored.mockRestore());
  const lost = expect.objectContaining({
    name: 'CorruptStore',
    message: expect.stringMatching(/was (?:written|removed) and is/),
  });
  for (const write of WRITES) await expect(write()).rejects.toEqual(lost);
  ignored.mockRestore();
  expect(await commits.append([recordAfter(first)])).toMatchObject({ appended: 1 });
});

/** Ways in which another file comes to lie at the path of one that is open. */
const EXCHANGES: Readonly<Record<string, (file: string) => void>> = {
  'a copy moved over it': (file) => {
    copyFileSync(file, `${file}.copy`);
    renameSync(`${file}.copy`, file);
  },
  'it moved away and a copy put there': (file) => {
    renameSync(file, `${file}.old`);
    copyFileSync(`${file}.old`, file);
  },
  'its log exchanged': (file) => {
    copyFileSync(`${file}-wal`, `${file}.copy`);
    renameSync(`${file}.copy`, `${file}-wal`);
  },
};
test.each(Object.entries(EXCHANGES))('%s: nothing more is acknowledged or read', async (_, exchange) => {
  for (const name of ['commits.db', 'side.db']) exchange(path(name));
  const exchanged = expect.objectContaining({ name: 'CorruptStore', code: 'file-exchanged' });
  for (const attempt of [...WRITES, ...READS]) await expect(attempt()).rejects.toEqual(exchanged);
  for (const { check } of [commits, side]) expect(check.look()).toEqual(exchanged);
});

test.each(['', '-wal', '-shm'])('a file that is gone is named: %s', async (end) => {
  rmSync(path(`commits.db${end}`));
  const gone = { code: 'file-exchanged', message: `commits.db${end} is missing` };
  await expect(commits.append([recordAfter(first)])).rejects.toMatchObject(gone);
  await expect(commits.head(first.stream)).rejects.toThrow('is missing');
});

test('a checkpoint, and other connections that come and go, exchange no file', async () => {
  for (let round = 0; round < 3; round += 1) {
    await elsewhere('commits.db', 'PRAGMA wal_checkpoint(TRUNCATE)');
    await side.put('token', `more-${round}`, {});
    await side.remove('token', `more-${round}`);
    for (const { check } of [commits, side]) expect(check.look()).toBeUndefined();
  }
  await reopen();
  for (const { check } of [commits, side]) expect(check.look()).toBeUndefined();
});
