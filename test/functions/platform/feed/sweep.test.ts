import { expect, test } from 'vitest';
import { consume } from '../../../../functions/platform/feed/consume.ts';
import { Unavailable } from '../../../../functions/platform/feed/consumer.ts';
import { runConsumers } from '../../../../functions/platform/feed/consumers.ts';
import { deadLetters } from '../../../../functions/platform/feed/deadLetters.ts';
import { lookThrough, skipTo, sweep, walkFeed } from '../../../../functions/platform/feed/sweep.ts';
import { CorruptStore, StoreUnavailable } from '../../../../functions/platform/store/errors.ts';
import type { Store } from '../../../../functions/platform/store/port.ts';
import { failing, openGate } from '../../openGate.ts';
import { listener, withNotices } from './listener.ts';

test('a sweep heals nudges that never came, and keeps its place', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 2);
  const { seen, consumer } = listener();
  const looks: string[] = [];
  const look = (stream: string) => {
    looks.push(stream);
    return consume(gate.ports, consumer, stream);
  };
  await sweep(gate.ports, consumer, look);
  expect(looks).toEqual(['feature/acme']);
  expect(await sweep(gate.ports, consumer, look)).toEqual([]);
  await withNotices(gate, 'other', 1);
  await sweep(gate.ports, consumer, look);
  expect(looks).toEqual(['feature/acme', 'feature/other']);
  expect(seen).toEqual(['acme@1', 'acme@2', 'other@1']);
});

test('a crash within a sweep repeats the page', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 1);
  await withNotices(gate, 'other', 1);
  const { seen, consumer } = listener();
  let crash = true;
  const look = (stream: string) => {
    if (crash && stream === 'feature/other') throw new StoreUnavailable('killed');
    return consume(gate.ports, consumer, stream);
  };
  await expect(sweep(gate.ports, consumer, look)).rejects.toThrow('killed');
  crash = false;
  await sweep(gate.ports, consumer, look);
  expect(seen).toEqual(['acme@1', 'other@1']);
});

test.each([7, 'no cursor', null])('a place in the feed that reads %j starts anew', async (cursor) => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 1);
  await gate.sideStore.put('feed-cursor', 'listener', cursor);
  const { seen, consumer } = listener();
  await runConsumers(gate.ports, [consumer]).sweep();
  expect(seen).toEqual(['acme@1']);
});

test('a feed that cannot be read is logged; streams in trouble are looked at anyway', async () => {
  const gate = await openGate({
    storeOf: (store) => failing(store, (method) => (method === 'feed' ? new CorruptStore('altered') : undefined)),
  });
  await withNotices(gate, 'acme', 1);
  let down = true;
  const { seen, consumer } = listener(() => {
    if (down) throw new Unavailable('down');
  });
  const consumers = runConsumers(gate.ports, [consumer]);
  await consumers.look('feature/acme');
  down = false;
  gate.later(60_000);
  await consumers.sweep();
  expect(seen).toEqual(['acme@1']);
  expect(gate.logged).toContainEqual(expect.objectContaining({ event: 'feed cannot be read' }));
});

test('a row that cannot be read is named and set aside; everything before, beside and behind it is handled', async () => {
  const row = { stream: 'feature/acme', version: 2, problem: 'feature/acme@2 does not decode' };
  const gate = await openGate({
    storeOf: (store) => ({
      ...store,
      feed: async (cursor, limit, unreadable) => {
        const page = await store.feed(cursor, limit);
        const isBad = ({ stream, version }: { stream: string; version: number }) =>
          stream === row.stream && version === row.version;
        if (page.items.some(isBad)) unreadable?.(row);
        return { ...page, items: page.items.filter((item) => !isBad(item)) };
      },
      history: async (stream, range) => {
        const commits = await store.history(stream, range);
        if (commits.some((each) => each.stream === row.stream && each.version === row.version))
          throw new CorruptStore(row.problem);
        return commits;
      },
    }),
  });
  await withNotices(gate, 'acme', 3);
  await withNotices(gate, 'other', 1);
  const { seen, consumer } = listener();
  const consumers = runConsumers(gate.ports, [consumer]);
  for (let hours = 0; hours < 6; hours += 1) {
    await consumers.sweep();
    gate.later(3_600_000);
  }
  expect(seen.toSorted()).toEqual(['acme@1', 'acme@3', 'other@1']);
  expect(await deadLetters(gate.sideStore)).toMatchObject([{ consumer: 'listener', stream: 'feature/acme', version: 2 }]);
  expect(gate.logged).toContainEqual(
    expect.objectContaining({ event: 'commit cannot be read', stream: 'feature/acme', version: 2 }),
  );
});

test('a store that cannot be reached fails the look and loses nothing', async () => {
  let down = true;
  const gate = await openGate({
    storeOf: (store) => failing(store, (method) => (down && method === 'feed' ? new StoreUnavailable('down') : undefined)),
  });
  await withNotices(gate, 'acme', 1);
  const { seen, consumer } = listener();
  const consumers = runConsumers(gate.ports, [consumer]);
  await expect(consumers.sweep()).rejects.toThrow('down');
  down = false;
  await consumers.sweep();
  expect(seen).toEqual(['acme@1']);
});

test('after an import marks are set to the end: what comes later is handled, what came before is not', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 3);
  const { seen, consumer } = listener();
  await skipTo(gate.sideStore, consumer, await walkFeed(gate.store));
  const consumers = runConsumers(gate.ports, [consumer]);
  await consumers.sweep();
  await withNotices(gate, 'acme', 1);
  await consumers.sweep();
  expect(seen).toEqual(['acme@4']);
});

test('after a feed was looked through, sweeps read what comes later, and return to what could not be handled yet', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 2);
  const walked = await walkFeed(gate.store);
  const { seen, consumer } = listener();
  await lookThrough({ ...gate.ports, isReleased: async () => false }, consumer, walked);
  expect(seen).toEqual([]);
  const read: number[] = [];
  const store: Store = {
    ...gate.store,
    feed: async (...args) => {
      const page = await gate.store.feed(...args);
      read.push(page.items.filter(({ stream }) => consumer.wants(stream)).length);
      return page;
    },
  };
  const consumers = runConsumers({ ...gate.ports, store }, [consumer]);
  await consumers.sweep();
  expect([seen, read]).toEqual([['acme@1', 'acme@2'], [0]]);
  await withNotices(gate, 'other', 1);
  await consumers.sweep();
  expect([seen, read]).toEqual([
    ['acme@1', 'acme@2', 'other@1'],
    [0, 1],
  ]);
});
