import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import type { StoredCommit } from '../../../../../functions/platform/store/port.ts';
import { openDatabase } from '../../../../../functions/platform/store/sqlite/database.ts';
import { HeadCache } from '../../../../../functions/platform/store/sqlite/headCache.ts';
import { WalIndex } from '../../../../../functions/platform/store/sqlite/walIndex.ts';

const RIVAL = new URL('rivalProcess.ts', import.meta.url).pathname;
const SCHEMA = "CREATE TABLE facts (name TEXT PRIMARY KEY, n INTEGER); INSERT INTO facts VALUES ('ours', 0), ('theirs', 0)";

const opened = () => {
  const folder = mkdtempSync(join(tmpdir(), 'aldergate-wal-'));
  const path = join(folder, 'facts.db');
  const database = openDatabase(path, { number: 1, schema: SCHEMA });
  onTestFinished(() => {
    if (database.isOpen) database.close();
    rmSync(folder, { recursive: true });
  });
  return { folder, path, database };
};

/** Runs SQL in another process. */
const elsewhere = (path: string, sql: string): void => {
  const code = `new (require('node:sqlite').DatabaseSync)(${JSON.stringify(path)}).exec(${JSON.stringify(sql)})`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
};

/** A watch that has been settled once, and whether it and SQLite find the file unchanged since. */
const watch = (database: DatabaseSync, path: string) => {
  const index = new WalIndex(database, path);
  const version = database.prepare('PRAGMA data_version');
  const ask = () => version.get()?.data_version;
  index.isUnchanged();
  const seen = ask();
  index.settle();
  return { index, isSame: () => ask() === seen };
};

const commit = (database: DatabaseSync): void => database.exec("UPDATE facts SET n = n + 1 WHERE name = 'ours'");

test('no head is older than what another process had acknowledged before it was asked for', async () => {
  const { folder, path, database } = opened();
  // Without an fsync: the other process must find its turn to write.
  database.exec('PRAGMA synchronous = NORMAL');
  const [heads, rows] = [new HeadCache(database, path, () => undefined), database.prepare('SELECT n FROM facts WHERE name = ?')];
  const head = (stream: string, version: number) =>
    ({ stream, version, bytes: new Uint8Array(), state: '', attachments: [] }) as unknown as StoredCommit;
  const read = (stream: string) => () => head(stream, Number(rows.get(stream)?.n));
  const file = join(folder, 'acknowledged');
  writeFileSync(file, Uint32Array.of(0));
  const [acknowledged, descriptor] = [new Uint32Array(1), openSync(file, 'r')];
  const rival = spawn(process.execPath, [RIVAL, path, file, '4000'], { stdio: 'inherit' });
  const ended = once(rival, 'exit');
  let [checks, own] = [0, 0];
  while (rival.exitCode === null || checks < 20_000) {
    readSync(descriptor, acknowledged, 0, 4, 0);
    const before = acknowledged[0] ?? 0;
    const theirs = heads.head('theirs', read('theirs'));
    if ((theirs?.version ?? -1) < before) throw new Error(`${theirs?.version} is older than ${before}, check ${checks}`);
    checks += 1;
    if (checks % 211 === 0) {
      database.exec('BEGIN IMMEDIATE');
      heads.forget('ours');
      commit(database);
      database.exec('COMMIT');
      own += 1;
      heads.wrote(head('ours', own));
    }
    expect(heads.head('ours', read('ours'))?.version).toBe(own);
    // The next check belongs to another turn; every now and then the exit of the other process is seen.
    await new Promise((resolve) => (checks % 50 === 0 ? setImmediate(resolve) : process.nextTick(resolve)));
  }
  await ended;
  expect(rival.exitCode).toBe(0);
  expect(heads.head('theirs', read('theirs'))?.version).toBe(4_000);
});

test.runIf(process.platform === 'linux')('a file to which nothing is committed is found unchanged', () => {
  const { path, database } = opened();
  const { index } = watch(database, path);
  for (let time = 0; time < 3; time += 1) expect(index.isUnchanged()).toBe(true);
});

test.each([
  ['a commit of this connection', (_path: string, database: DatabaseSync) => commit(database)],
  ['a commit of another process', (path: string) => elsewhere(path, 'UPDATE facts SET n = 9')],
  ['a vacuum by another process', (path: string) => elsewhere(path, 'VACUUM')],
  [
    'a commit by another process that then empties the log',
    (path: string) => elsewhere(path, 'UPDATE facts SET n = 9; PRAGMA wal_checkpoint(TRUNCATE)'),
  ],
])('%s is found, by each connection of this process', (_name, change) => {
  const { path, database } = opened();
  const other = new DatabaseSync(path);
  const watches = [watch(database, path), watch(other, path)];
  change(path, database);
  for (const { index } of watches) expect(index.isUnchanged()).toBe(false);
  other.close();
  // The descriptor is that of the first connection, and of all.
  const again = watch(database, path);
  elsewhere(path, 'UPDATE facts SET n = 10');
  expect(again.index.isUnchanged()).toBe(false);
  expect(again.isSame()).toBe(false);
});

test('a header that is not whole is never known', () => {
  const { path, database } = opened();
  const { index } = watch(database, path);
  // In another process: closing the file here would drop the locks of SQLite.
  const broken = `const fs = require('node:fs'); fs.writeSync(fs.openSync(${JSON.stringify(`${path}-shm`)}, 'r+'), 'torn', 8)`;
  expect(spawnSync(process.execPath, ['-e', broken]).status).toBe(0);
  for (let time = 0; time < 2; time += 1) {
    expect(index.isUnchanged()).toBe(false);
    index.settle();
  }
  // SQLite mends it when it reads.
  commit(database);
  expect(database.prepare("SELECT n FROM facts WHERE name = 'ours'").get()?.n).toBe(1);
});

test('nothing is known of a closed connection, nor of a file without a write-ahead log', () => {
  const { path, database } = opened();
  const { index } = watch(database, path);
  database.close();
  // Its files take the descriptors that the first one had.
  const next = opened();
  for (let time = 0; time < 2; time += 1) {
    expect(index.isUnchanged()).toBe(false);
    index.settle();
  }
  next.database.close();
  const memory = new DatabaseSync(':memory:');
  const unwatched = watch(memory, ':memory:').index;
  expect(unwatched.isUnchanged()).toBe(false);
  memory.close();
});

test('the locks of this process outlast its watches', () => {
  const { path, database } = opened();
  const { index } = watch(database, path);
  database.exec('BEGIN IMMEDIATE');
  index.isUnchanged();
  index.settle();
  watch(new DatabaseSync(path), path);
  expect(() => elsewhere(path, 'UPDATE facts SET n = 9')).toThrow('locked');
  database.exec('ROLLBACK');
});
