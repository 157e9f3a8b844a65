import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '../../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { placeOf } from '../../../../contract/readFeed.ts';
import { recordAfter } from '../../../../contract/records.ts';
import { testMacs } from '../../../../support/macs.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aldergate-recent-'));
  path = join(folder, 'commits.sqlite');
});
afterEach(() => rm(folder, { recursive: true }));

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
