import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Store, StoredCommit } from '../../../../../functions/platform/store/port.ts';
import { RecentCommits } from '../../../../../functions/platform/store/sqlite/recentCommits.ts';
import { openSqliteStore } from '../../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { placeOf, readFeed } from '../../../../contract/readFeed.ts';
import { recordAfter } from '../../../../contract/records.ts';
import { testMacs } from '../../../../support/macs.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aldergate-recent-'));
  path = join(folder, 'commits.sqlite');
});
afterEach(() => rm(folder, { recursive: true }));

/** The last record of each stream, by its number. */
type Heads = Map<number, StoredCommit>;

const nextOf = (heads: Heads, stream: number): StoredCommit => {
  const record = recordAfter(heads.get(stream), { stream: `feature/${stream}` });
  heads.set(stream, record);
  return record;
};

/** `here`: streams that this connection writes at once; `again`: a commit that it wrote before; `there`: a stream of another connection. */
const step = fc.record({
  here: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
  again: fc.boolean(),
  there: fc.option(fc.integer({ min: 0, max: 4 })),
  from: fc.nat(),
  limit: fc.integer({ min: 1, max: 7 }),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const append = async (store: Store, heads: Heads, { here, again, there }: Step, other: Store) => {
  const records = here.map((stream) => nextOf(heads, stream));
  await Promise.all([
    store.appendInOrder(records.slice(0, 2)),
    ...records.slice(2).map((record) => store.append(record)),
    ...(again && records[0] !== undefined ? [store.append(records[0])] : []),
  ]);
  if (there !== null) await other.append(nextOf(heads, there));
};

test('from any place the feed has what another connection reads from the file', async () => {
  let file = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      file += 1;
      const [store, other, reader] = Array.from({ length: 3 }, () => openSqliteStore(`${path}-${file}`, testMacs));
      if (store === undefined || other === undefined || reader === undefined) throw new Error('not opened');
      const heads: Heads = new Map();
      for (const each of steps) {
        await append(store, heads, each, other);
        await setImmediate();
        const whole = await readFeed(reader, undefined, 1_000);
        const from = each.from % (whole.items.length + 1);
        const cursor = from === 0 ? undefined : (await reader.feed(undefined, from)).next;
        const read = await readFeed(store, cursor, each.limit);
        expect(read.items.map(placeOf)).toEqual(whole.items.slice(from).map(placeOf));
        expect(read.next).toBe((await readFeed(reader, cursor, each.limit)).next);
      }
      await Promise.all([store, other, reader].map((each) => each.close()));
    }),
    { numRuns: Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 10) },
  );
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

test('what is no longer in memory is not taken for nothing', () => {
  const recent = new RecentCommits();
  const record = recordAfter(undefined);
  const kept = (above: number): number | undefined => recent.above(above, 10_000, 0)?.length;
  expect(kept(0)).toBeUndefined();
  for (let seq = 1; seq <= 5_000; seq += 1) recent.wrote(seq, record);
  expect(kept(0)).toBeUndefined();
  expect(kept(4_000)).toBe(1_000);
  expect(kept(5_000)).toBe(0);
  expect(kept(5_001)).toBeUndefined();
  recent.wrote(5_002, record);
  expect(kept(5_000)).toBeUndefined();
  expect(kept(5_001)).toBe(1);
});
