import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { walkFeed } from '../../../../../functions/platform/feed/consumers.ts';
import { CorruptStore } from '../../../../../functions/platform/store/errors.ts';
import { macsUnder } from '../../../../../functions/platform/store/mac.ts';
import type { StoredCommit } from '../../../../../functions/platform/store/port.ts';
import { openSqliteStore, type SqliteStore } from '../../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { recordAfter } from '../../../../contract/underTest.ts';
import { testCommitKey, testMacs } from '../../../../support/macs.ts';

// Numbers that the gate never writes, in rows of the file: an integer beyond 2^53 is no number in JavaScript.

const MAX = 2n ** 63n - 1n;
let folder: string;
let store: SqliteStore;
let second: StoredCommit;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aldergate-numbers-'));
  store = openSqliteStore(join(folder, 'commits'), testMacs);
  const first = recordAfter(undefined);
  second = recordAfter(first);
  for (const record of [first, second]) await store.append(record);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** Writes into the file as somebody without a key, and opens it again. */
const tampered = async (sql: string, ...values: readonly bigint[]): Promise<void> => {
  await store.close();
  const database = new DatabaseSync(join(folder, 'commits'));
  database.prepare(sql).run(...values);
  database.close();
  store = openSqliteStore(join(folder, 'commits'), testMacs);
};
test.each([2n ** 53n + 1n, 2n ** 60n, MAX, -1n])(
  'a planted version %d: the stream cannot be read from there on, all else can',
  async (version) => {
    await tampered(
      'INSERT INTO commits (version, stream, bytes, state, state_version) SELECT ?, stream, bytes, state, state_version FROM commits LIMIT 1',
      version,
    );
    const other = recordAfter(undefined, { stream: 'feature/other' });
    await store.append(other);
    if (version > 0) await expect(store.head(second.stream)).rejects.toThrow(CorruptStore);
    else expect(await store.head(second.stream)).toMatchObject({ version: 2 });
    expect(await store.history(second.stream, { upTo: 2 })).toHaveLength(2);
    expect((await store.head('feature/other'))?.version).toBe(1);
    expect(await store.newestAt()).toBe(other.at);
    const unreadable: unknown[] = [];
    expect((await store.feed(undefined, 10, (row) => unreadable.push(row))).items).toHaveLength(3);
    expect(unreadable).toMatchObject([{ stream: second.stream }]);
  },
);

test.each([MAX, 2n ** 53n + 1n, 0n, -7n, -(2n ** 63n)])('a row that was moved to place %d is still in the feed', async (seq) => {
  await tampered('UPDATE commits SET seq = ? WHERE version = 2', seq);
  expect((await store.head(second.stream))?.version).toBe(2);
  expect((await walkFeed(store)).newest).toEqual(new Map([[second.stream, 2]]));
  const pages: number[] = [];
  for (let cursor: string | undefined, done = false; !done; ) {
    const page = await store.feed(cursor, 1);
    pages.push(...page.items.map(({ version }) => version));
    ({ next: cursor, done } = page);
  }
  expect(pages.toSorted((one, other) => one - other)).toEqual([1, 2]);
});

test('a moved row gets a MAC of the new key, too', async () => {
  await tampered('UPDATE commits SET seq = ? WHERE version = 2', -7n);
  await store.close();
  store = openSqliteStore(join(folder, 'commits'), macsUnder([Buffer.alloc(32, 'new'), testCommitKey], 'commits'));
  expect(await store.renewMacs()).toBe(2);
});
