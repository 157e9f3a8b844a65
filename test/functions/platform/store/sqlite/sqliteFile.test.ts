import { chmodSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, test, vi } from 'vitest';
import { walkFeed } from '../../../../../functions/platform/feed/consumers.ts';
import { CorruptStore, StoreUnavailable } from '../../../../../functions/platform/store/errors.ts';
import { commitParts, macsUnder } from '../../../../../functions/platform/store/mac.ts';
import { verifiedRecord } from '../../../../../functions/platform/store/record.ts';
import { hasNoRow, isBusy, translated } from '../../../../../functions/platform/store/sqlite/database.ts';
import { attachmentsIn, openSqliteStore, toRow } from '../../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { recordAfter } from '../../../../contract/underTest.ts';
import { folderOfTest } from '../../../../support/folders.ts';
import { testCommitKey, testMacs } from '../../../../support/macs.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = folderOfTest('file');
  path = join(folder, 'commits.sqlite');
});

test('a file locked by another process is unavailable, and works again afterwards', async () => {
  const store = openSqliteStore(path, testMacs);
  const intruder = new DatabaseSync(path);
  intruder.exec('BEGIN IMMEDIATE');
  const first = recordAfter(undefined);
  const answers = await Promise.allSettled([
    store.append([first]),
    store.append([recordAfter(undefined, { stream: 'another' })]),
  ]);
  for (const answer of answers) expect(answer).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
  expect(await store.head('feature/flock')).toBeUndefined();
  intruder.exec('ROLLBACK');
  intruder.close();
  expect(await store.append([first])).toMatchObject({ appended: 1 });
  await store.close();
});

test('waiting writes are still written when the store closes; afterwards everything is unavailable', async () => {
  const store = openSqliteStore(path, testMacs);
  const record = recordAfter(undefined);
  const [answer] = await Promise.all([store.append([record]), store.close(), store.close()]);
  expect(answer).toMatchObject({ appended: 1 });
  for (const late of [
    store.append([recordAfter(record)]),
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

test('what another process holds is busy, what no other try mends is thrown as it is, and what cannot be read is not empty', () => {
  const [busy, recovering, locked, notUnique] = [5, 261, 6, 2067].map((errcode) => Object.assign(new Error(), { errcode }));
  expect([busy, recovering, locked, notUnique].map(isBusy)).toEqual([true, true, false, false]);
  expect(translated('append', notUnique)).toBe(notUnique);
  expect(hasNoRow(new DatabaseSync(':memory:'), 'commits')).toBe(false);
});

test('the file and those beside it are their owner’s to read only, whatever they were before', async () => {
  const mode = (file: string) => statSync(file).mode & 0o777;
  await writeFile(path, '', { mode: 0o666 });
  chmodSync(path, 0o666);
  const store = openSqliteStore(path, testMacs);
  await store.append([recordAfter(undefined)]);
  for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(mode(file)).toBe(0o600);
  await store.close();
});

test('no read is compiled again, whatever is asked for', async () => {
  const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare');
  const store = openSqliteStore(path, testMacs);
  const [database] = (prepare.mock.contexts as DatabaseSync[]).filter(({ isOpen }) => isOpen);
  let last = recordAfter(undefined);
  let compiled = 0;
  const use = async (limit: number) => {
    await store.append([last]);
    expect(await store.head(last.stream)).toBeDefined();
    expect(await store.history(last.stream, { upTo: limit, limit })).toHaveLength(limit);
    expect((await store.feed(undefined, limit)).items).toHaveLength(limit);
    expect((await store.places(undefined, limit)).places).toHaveLength(limit);
    last = recordAfter(last);
  };
  // Whoever sets it has every statement compiled again, once.
  database?.setAuthorizer((action) => {
    if (action === constants.SQLITE_SELECT) compiled += 1;
    return constants.SQLITE_OK;
  });
  await use(1);
  expect(compiled).toBeGreaterThan(0);
  compiled = 0;
  await use(2);
  expect(compiled).toBe(0);
  await store.close();
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
  expect(() => attachmentsIn(FLOCK, list, attached)).toThrow(FLOCK);
});

// Numbers that the gate never writes, in rows of the file: an integer beyond 2^53 is no number in JavaScript.

const MAX = 2n ** 63n - 1n;
const FLOCK = 'feature/flock';
const LATER = '2031-01-01T00:00:00.000Z';
/** Writes a number into a file of two commits as somebody without a key, and opens it again. */
const tampered = async (sql: string, value: bigint) => {
  const writer = openSqliteStore(path, testMacs);
  const first = recordAfter(undefined);
  for (const record of [first, recordAfter(first, { at: LATER })]) await writer.append([record]);
  await writer.close();
  const database = new DatabaseSync(path);
  database.prepare(sql).run(value);
  database.close();
  return openSqliteStore(path, testMacs);
};

test.each([2n ** 53n + 1n, 2n ** 60n, MAX, -1n])(
  'a planted version %d: the stream cannot be read from there on, all else can',
  async (version) => {
    const store = await tampered(
      'INSERT INTO commits (version, stream, bytes, state, state_version) SELECT ?, stream, bytes, state, state_version FROM commits LIMIT 1',
      version,
    );
    const other = recordAfter(undefined, { stream: 'feature/other', at: LATER });
    await store.append([other]);
    if (version > 0) await expect(store.head(FLOCK)).rejects.toThrow(CorruptStore);
    else expect(await store.head(FLOCK)).toMatchObject({ version: 2 });
    expect(await store.history(FLOCK, { upTo: 2 })).toHaveLength(2);
    expect((await store.head('feature/other'))?.version).toBe(1);
    expect(await store.newestAt()).toBe(other.at);
    const unreadable: unknown[] = [];
    expect((await store.feed(undefined, 10, (row) => unreadable.push(row))).items).toHaveLength(3);
    expect(unreadable).toMatchObject([{ stream: FLOCK }]);
    await store.close();
  },
);

test.each(['stream', 'state'])('a %s that is larger than any program could hold is not read', async (column) => {
  const store = await tampered(`UPDATE commits SET ${column} = printf('%.*c', ?, 'x') WHERE version = 2`, 1_048_577n);
  const problems: string[] = [];
  expect((await store.feed(undefined, 10, ({ problem }) => problems.push(problem))).items).toMatchObject([{ version: 1 }]);
  expect(problems).toEqual([expect.stringContaining('it has no MAC')]);
  expect(problems.join().length).toBeLessThan(200);
  expect((await store.places(undefined, 10)).places).toHaveLength(2);
  await store.close();
});

// Somebody gives the table another schema for as long as it takes to write it.
test.each([
  { bytes: null },
  { state: 7 },
  { mac: '0'.repeat(32) },
  { stream: Buffer.from(FLOCK) },
  { attachments: '[["sha256:0","text/plain",0]]', attached: '' },
])('a value of a type that its column never takes makes its row unreadable: %j', (planted) => {
  const record = recordAfter(undefined);
  const { stream, version, bytes, state } = record;
  const { keyId, tag: mac } = testMacs.make(...commitParts(record));
  const beside = { state_version: record.stateVersion, mac_key: keyId, attachments: null, attached: null };
  const row = { stream, version, bytes, state, mac, ...beside };
  expect(verifiedRecord(toRow(row), testMacs)).toMatchObject({ stream, version });
  expect(() => verifiedRecord(toRow({ ...row, ...planted }), testMacs)).toThrow(CorruptStore);
});

test.each([MAX, 2n ** 53n + 1n, 0n, -7n, -(2n ** 63n)])('a row that was moved to place %d is still in the feed', async (seq) => {
  const store = await tampered('UPDATE commits SET seq = ? WHERE version = 2', seq);
  expect(await store.head(FLOCK)).toMatchObject({ version: 2, at: LATER });
  expect(await store.newestAt()).toBe(LATER);
  expect((await walkFeed(store)).newest).toEqual(new Map([[FLOCK, 2]]));
  const pages: number[] = [];
  for (let cursor: string | undefined, done = false; !done; ) {
    const page = await store.feed(cursor, 1);
    pages.push(...page.items.map(({ version }) => version));
    ({ next: cursor, done } = page);
  }
  expect(pages.toSorted((one, other) => one - other)).toEqual([1, 2]);
  await store.close();
});

test('a moved row gets a MAC of the new key, too', async () => {
  const store = await tampered('UPDATE commits SET seq = ? WHERE version = 2', -7n);
  await store.close();
  const renewed = openSqliteStore(path, macsUnder([Buffer.alloc(32, 'new'), testCommitKey], 'commits'));
  expect(await renewed.renewMacs()).toBe(2);
  await renewed.close();
});
