import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDynamoStore } from '../../../../../functions/platform/store/dynamo/dynamoStore.ts';
import { OVERLAP_MS } from '../../../../../functions/platform/store/dynamo/tables.ts';
import type { Store } from '../../../../../functions/platform/store/port.ts';
import { COMMITS, clientAt, createTables } from '../../../../contract/dynamoTables.ts';
import { placeOf, readFeed, recordAfter } from '../../../../contract/underTest.ts';
import { type Dynoxide, startDynoxide } from '../../../../support/dynoxide.ts';
import { testMacs } from '../../../../support/macs.ts';

const NOON = Date.parse('2026-04-01T12:00:00.000Z');
const MINUTE_MS = 60_000;

let engine: Dynoxide;
beforeAll(async () => {
  engine = await startDynoxide();
  await createTables(clientAt(engine.endpoint));
});
afterAll(() => engine.stop());

const storeAt = (now: () => number) =>
  openDynamoStore({ client: clientAt(engine.endpoint), table: COMMITS, now, macs: testMacs });
const write = (store: Store, stream: string) => store.append([recordAfter(undefined, { stream })]);

test('a commit whose writer’s clock is behind, or that the index showed late, is found by the next sweep', async () => {
  let now = NOON;
  const reader = storeAt(() => now);
  await write(reader, 'early');
  const first = await readFeed(reader, undefined, 10);
  expect(first.items.map(placeOf)).toEqual(['early@1']);

  // Written after that sweep, but bearing a stamp from before it: to a reader this is what a late index looks like too.
  await write(
    storeAt(() => NOON - 9 * MINUTE_MS),
    'late',
  );
  now = NOON + MINUTE_MS;
  const second = await readFeed(reader, first.next, 10);
  expect(second.items.map(placeOf).toSorted()).toEqual(['early@1', 'late@1']);

  // The sweep after one that began beyond the overlap no longer repeats them.
  now = NOON + OVERLAP_MS + 2 * MINUTE_MS;
  const third = await readFeed(reader, second.next, 10);
  const fourth = await readFeed(reader, third.next, 10);
  expect(fourth.items).toEqual([]);
  await write(reader, 'new');
  expect((await readFeed(reader, fourth.next, 10)).items.map(placeOf)).toEqual(['new@1']);
});

test('the next sweep goes back from the beginning of a long one, not from its end', async () => {
  let now = NOON + 60 * MINUTE_MS;
  const writer = storeAt(() => now);
  for (let index = 0; index < 12; index += 1) await write(writer, `long/${index}`);
  const reader = storeAt(() => now);
  let page = await reader.feed(undefined, 1);
  for (let pages = 1; pages < 10; pages += 1) page = await reader.feed(page.next, 1);
  expect(page.done).toBe(false);
  now += 5 * 60 * MINUTE_MS;
  // By now the shards already passed have got another commit, bearing a time since the sweep began.
  for (let index = 0; index < 12; index += 1) {
    await write(
      storeAt(() => NOON + 61 * MINUTE_MS),
      `meanwhile/${index}`,
    );
  }
  const rest = await readFeed(reader, page.next, 1);
  const next = await readFeed(reader, rest.next, 1);
  const seen = new Set([...rest.items, ...next.items].map(placeOf));
  expect(Array.from({ length: 12 }, (_, index) => `meanwhile/${index}@1`).filter((place) => !seen.has(place))).toEqual([]);
});

test('the feed gives commits in the order of their times, whatever shards they are in, also in small pages', async () => {
  let now = NOON + 24 * 60 * MINUTE_MS;
  const store = storeAt(() => now);
  const written = Array.from({ length: 20 }, (_, index) => `ordered/${index}`);
  for (const stream of written) {
    now += 1;
    await write(store, stream);
  }
  for (const limit of [1, 5, 200]) {
    const { items } = await readFeed(store, undefined, limit);
    const found = items.map(({ stream }) => stream).filter((stream) => written.includes(stream));
    expect(found).toEqual(written);
  }
});
