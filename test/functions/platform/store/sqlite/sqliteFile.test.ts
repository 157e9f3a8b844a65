import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CorruptStore, StoreUnavailable } from '../../../../../functions/platform/store/errors.ts';
import { openSqliteStore } from '../../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { recordAfter } from '../../../../contract/records.ts';
import { testMacs } from '../../../../support/macs.ts';

const MAKER = new URL('makingProcess.ts', import.meta.url).pathname;

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aldergate-file-'));
  path = join(folder, 'commits.sqlite');
});
afterEach(() => rm(folder, { recursive: true }));

test('a file locked by another process is unavailable, and works again afterwards', async () => {
  const store = openSqliteStore(path, testMacs);
  const intruder = new DatabaseSync(path);
  intruder.exec('BEGIN IMMEDIATE');
  const first = recordAfter(undefined);
  const answers = await Promise.allSettled([store.append(first), store.append(recordAfter(undefined, { stream: 'another' }))]);
  for (const answer of answers) expect(answer).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
  expect(await store.head('feature/flock')).toBeUndefined();
  intruder.exec('ROLLBACK');
  intruder.close();
  expect(await store.append(first)).toEqual({ outcome: 'appended' });
  await store.close();
});

test('waiting writes are still written when the store closes; afterwards everything is unavailable', async () => {
  const store = openSqliteStore(path, testMacs);
  const record = recordAfter(undefined);
  const [answer] = await Promise.all([store.append(record), store.close(), store.close()]);
  expect(answer).toEqual({ outcome: 'appended' });
  for (const late of [
    store.append(recordAfter(record)),
    store.head('feature/flock'),
    store.history('feature/flock', {}),
    store.feed(undefined, 1),
  ]) {
    await expect(late).rejects.toThrow(StoreUnavailable);
  }
  const again = openSqliteStore(path, testMacs);
  expect((await again.head('feature/flock'))?.version).toBe(1);
  await again.close();
});

test('a file of a later format, a file that is not a database and a missing folder are refused', async () => {
  const later = new DatabaseSync(path);
  later.exec('PRAGMA user_version = 99');
  later.close();
  expect(() => openSqliteStore(path, testMacs)).toThrow(CorruptStore);
  await writeFile(join(folder, 'text'), 'not a database, and long enough to be read as one '.repeat(100));
  expect(() => openSqliteStore(join(folder, 'text'), testMacs)).toThrow(CorruptStore);
  expect(() => openSqliteStore(join(folder, 'none', 'commits.sqlite'), testMacs)).toThrow(StoreUnavailable);
});

test('several processes may make a file at once', async () => {
  const paths = Array.from({ length: 40 }, (_, index) => join(folder, `born${index}`));
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, [MAKER, ...paths], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const ended = children.map((child) => once(child, 'exit'));
  await Promise.all(children.map(({ stdout }) => once(stdout, 'data')));
  for (const { stdin } of children) stdin.write('now');
  expect(await Promise.all(ended)).toStrictEqual(children.map(() => [0, null]));
  for (const path of paths) expect(existsSync(path)).toBe(true);
});

test('the file and those beside it are their owner’s to read only, whatever they were before', async () => {
  const mode = (file: string): number => statSync(file).mode & 0o777;
  await writeFile(path, '', { mode: 0o666 });
  chmodSync(path, 0o666);
  const store = openSqliteStore(path, testMacs);
  await store.append(recordAfter(undefined));
  for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(mode(file)).toBe(0o600);
  await store.close();
});
