import { chmodSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CorruptStore, StoreUnavailable } from '../../../../../functions/platform/store/errors.ts';
import { attachmentsIn, columnsOf, openSqliteStore } from '../../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { attachment, placeOf, recordAfter } from '../../../../contract/underTest.ts';
import { testMacs } from '../../../../support/macs.ts';

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

test('the file and those beside it are their owner’s to read only, whatever they were before', async () => {
  const mode = (file: string): number => statSync(file).mode & 0o777;
  await writeFile(path, '', { mode: 0o666 });
  chmodSync(path, 0o666);
  const store = openSqliteStore(path, testMacs);
  await store.append(recordAfter(undefined));
  for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(mode(file)).toBe(0o600);
  await store.close();
});

test('a row that another connection altered is read from the file again, and found', async () => {
  const store = openSqliteStore(path, testMacs);
  const first = recordAfter(undefined);
  await store.appendInOrder([first, recordAfter(first)]);
  expect((await store.feed(undefined, 10)).items).toHaveLength(2);
  const intruder = new DatabaseSync(path);
  intruder.exec("UPDATE commits SET state = '[]' WHERE version = 2");
  intruder.close();
  const unreadable: string[] = [];
  const { items, next } = await store.feed(undefined, 10, ({ version, problem }) => unreadable.push(`${version} ${problem}`));
  expect(items.map(placeOf)).toEqual(['feature/flock@1']);
  expect(unreadable).toEqual([expect.stringMatching(/^2 .*was not written by this gate/)]);
  expect(next).toBe('2');
  await store.close();
});

const two = [attachment(Buffer.from('{"feature":"acme"}')), attachment(Buffer.alloc(0), 'text/plain; charset="utf-8"')];

test('attachments come back in their order, and none is no column', () => {
  const [list, attached] = columnsOf(two);
  expect(attachmentsIn(list, attached).map((each) => ({ ...each, bytes: Buffer.from(each.bytes) }))).toStrictEqual(two);
  expect(columnsOf([])).toStrictEqual([null, null]);
  expect(attachmentsIn(null, null)).toStrictEqual([]);
});

test.each<[string, string | null, Uint8Array | null]>([
  ['a list without bytes', '[["sha256:0","text/plain",0]]', null],
  ['bytes without a list', null, Buffer.from('x')],
  ['no JSON', '[[', Buffer.from('x')],
  ['an empty list', '[]', Buffer.alloc(0)],
  ['an entry too short', '[["sha256:0",1]]', Buffer.from('x')],
  ['a length that is no text', '[["sha256:0","text/plain","1"]]', Buffer.from('x')],
  ['a negative length', '[["sha256:0","text/plain",2],["sha256:0","text/plain",-1]]', Buffer.from('x')],
  ['a broken length', '[["sha256:0","text/plain",0.5],["sha256:0","text/plain",0.5]]', Buffer.from('x')],
  ['fewer bytes than listed', '[["sha256:0","text/plain",2]]', Buffer.from('x')],
  ['more bytes than listed', '[["sha256:0","text/plain",1]]', Buffer.from('xy')],
])('columns that were altered are corrupt: %s', (_, list, attached) => {
  expect(() => attachmentsIn(list, attached)).toThrow(CorruptStore);
});
