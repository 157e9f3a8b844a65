import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { hashOf } from '../../../../../domain/kernel/commit.ts';
import type { StoredCommit } from '../../../../../functions/platform/store/port.ts';
import { HeadCache } from '../../../../../functions/platform/store/sqlite/headCache.ts';
import { recordAfter } from '../../../../contract/underTest.ts';
import { folderOfTest } from '../../../../support/folders.ts';

/** A head of so many bytes, a third of them in each of its parts. */
const headOf = (stream: string, bytes: number, version = 1): StoredCommit => ({
  stream,
  version,
  at: '2026-03-02T12:00:00.000Z',
  commandId: stream,
  bytes: new Uint8Array(bytes / 3),
  state: ' '.repeat(bytes / 3),
  stateVersion: 1,
  attachments: [{ sha256: 'sha256:', mediaType: 'text/plain', bytes: new Uint8Array(bytes / 3) }],
});

/** A cache, and the streams whose heads had to be read. */
const cacheOf = (limits: { readonly heads: number; readonly bytes: number }, stored: readonly StoredCommit[] = []) => {
  const database = new DatabaseSync(':memory:');
  onTestFinished(() => database.close());
  const cache = new HeadCache(
    database,
    () => undefined,
    () => stored,
    limits,
  );
  const read: string[] = [];
  const askAll = (streams: readonly string[], bytes: number) => {
    for (const stream of streams)
      cache.head(stream, () => {
        read.push(stream);
        return headOf(stream, bytes);
      });
  };
  const readBy = (work: () => void) => {
    work();
    return read.splice(0);
  };
  return { cache, askAll, readBy };
};

test('heads are kept up to a number, and the one used least recently goes first', () => {
  const { askAll, readBy } = cacheOf({ heads: 2, bytes: 3_000 });
  expect(readBy(() => askAll(['a', 'b', 'a', 'c'], 3))).toEqual(['a', 'b', 'c']);
  expect(readBy(() => askAll(['a', 'c', 'b'], 3))).toEqual(['b']);
});

test('a stream without a commit is kept, too, until it has one, whoever writes it', async () => {
  const path = join(folderOfTest('heads'), 'commits.db');
  const [database, other] = [new DatabaseSync(path), new DatabaseSync(path)];
  onTestFinished(() => {
    database.close();
    other.close();
  });
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE heads (stream TEXT)');
  const cache = new HeadCache(
    database,
    () => undefined,
    () => [],
  );
  let reads = 0;
  const head = (found?: StoredCommit) =>
    cache.head('revocation', () => {
      reads += 1;
      return found;
    });
  expect([head(), head(), reads]).toEqual([undefined, undefined, 1]);
  other.exec("INSERT INTO heads VALUES ('revocation')");
  await new Promise<void>((resolve) => process.nextTick(resolve));
  const foreign = headOf('revocation', 3);
  expect([head(foreign), reads]).toEqual([foreign, 2]);

  const emptied = new HeadCache(
    database,
    () => undefined,
    () => [],
  );
  expect(emptied.head('revocation', () => undefined)).toBeUndefined();
  emptied.forget('revocation');
  const own = headOf('revocation', 3);
  emptied.wrote(own);
  expect(emptied.head('revocation', () => undefined)).toBe(own);
});

test('a stream that has become shorter is refused, also after tens of thousands of others were read', () => {
  const { cache } = cacheOf({ heads: 2, bytes: 3_000 });
  cache.head('shorter', () => headOf('shorter', 3, 2));
  for (let n = 0; n < 40_000; n += 1) cache.head(`other/${n}`, () => headOf(`other/${n}`, 3));
  expect(() => cache.head('shorter', () => headOf('shorter', 3))).toThrow('its newest commit was version 2, and is 1');
  expect(() => cache.head('shorter', () => undefined)).toThrow('its newest commit was version 2, and is not there');
});

test('a stream that is shorter than another thread knows is refused, also where it was read, and what rests on it has changed', () => {
  const { cache } = cacheOf({ heads: 9, bytes: 3_000 });
  const read = (stream: string, version: number) => () => cache.head(stream, () => headOf(stream, 3, version));
  for (const stream of ['shorter', 'same']) read(stream, 2)();
  const { moment } = cache.changed([''], undefined);
  const end = (version: number) => ({ version, hash: null });
  cache.expect(new Map(Object.entries({ shorter: end(3), same: end(2), unread: end(5) })));
  expect(cache.changed([''], moment).streams?.toSorted()).toEqual(['shorter', 'unread']);
  expect(read('shorter', 2)).toThrow('its newest commit was version 3, and is 2');
  expect(read('unread', 4)).toThrow('its newest commit was version 5, and is 4');
  expect(read('same', 2)()?.version).toBe(2);
  expect(read('shorter', 3)()?.version).toBe(3);
  // What is told later may be less: it was collected before.
  cache.expect(new Map([['unread', end(1)]]));
  expect(read('unread', 4)).toThrow('version 5');
});

test('a commit in the place of the one in the log, also before others that follow it, is refused, whether it was read before or not', () => {
  const first = recordAfter(undefined);
  const [logged, other] = [recordAfter(first), recordAfter(first, { actor: 'clock' })];
  const [after, afterOther] = [recordAfter(logged), recordAfter(other)];
  const ends = new Map([[first.stream, { version: 2, hash: hashOf(logged.bytes) }]]);
  const headOver = (stored: readonly StoredCommit[], isKnown: boolean) => {
    const { cache } = cacheOf({ heads: 9, bytes: 9_000 }, stored);
    const head = () => cache.head(first.stream, () => stored.at(-1));
    if (isKnown) head();
    cache.expect(ends);
    return head;
  };
  for (const isKnown of [false, true]) {
    for (const stored of [[logged], [logged, after]]) expect(headOver(stored, isKnown)()).toBe(stored.at(-1));
    for (const stored of [[other], [other, afterOther]]) expect(headOver(stored, isKnown)).toThrow('is another commit');
    expect(headOver([logged, afterOther], isKnown)).toThrow('prev is not the hash');
    expect(headOver([afterOther], isKnown)).toThrow('version 2 is in the log');
  }
});
