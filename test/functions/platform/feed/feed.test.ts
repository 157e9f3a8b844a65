import { expect, test } from 'vitest';
import { consume, progressIn } from '../../../../functions/platform/feed/consume.ts';
import { type Consumer, Unavailable } from '../../../../functions/platform/feed/consumer.ts';
import { lookThrough, runConsumers, skipTo, sweep, walkFeed } from '../../../../functions/platform/feed/consumers.ts';
import { deadLetters, replayDeadLetters } from '../../../../functions/platform/feed/deadLetters.ts';
import { CorruptStore, StoreUnavailable } from '../../../../functions/platform/store/errors.ts';
import type { Store, StoredCommit } from '../../../../functions/platform/store/port.ts';
import { recordAfter } from '../../../contract/underTest.ts';
import { failing, type Gate, openGate } from '../../openGate.ts';

test('every commit once, in order, then nothing more', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 3);
  const { seen, consumer } = listener();
  expect(await consume(gate.ports, consumer, 'feature/acme')).toBe('caught-up');
  await consume(gate.ports, consumer, 'feature/acme');
  await withNotices(gate, 'acme', 1);
  await consume(gate.ports, consumer, 'feature/acme');
  expect(seen).toEqual(['acme@1', 'acme@2', 'acme@3', 'acme@4']);
  expect(await progressIn(gate.sideStore, 'listener', 'feature/acme').mark()).toBe(4);
});

test('a long history comes in pages, whole and in order', async () => {
  const gate = await openGate({ honest: false });
  let last: StoredCommit | undefined;
  for (let version = 1; version <= 122; version += 1) {
    last = recordAfter(last, { stream: 'feature/acme' });
    await gate.store.append(last);
  }
  const { seen, consumer } = listener();
  await consume(gate.ports, consumer, 'feature/acme');
  expect(seen).toEqual(Array.from({ length: 122 }, (_, index) => `acme@${index + 1}`));
});

test('a crash after a commit was handled and before its mark repeats that commit and no other', async () => {
  let crash = false;
  const gate = await openGate({
    sideStoreOf: (sideStore) =>
      failing(sideStore, (method, [kind]) => (crash && method === 'put' && kind === 'mark' ? new Error('killed') : undefined)),
  });
  await withNotices(gate, 'acme', 3);
  const { seen, consumer } = listener((place) => {
    crash = place === 'feature/acme@2' && seen.length === 1;
  });
  await consume(gate.ports, consumer, 'feature/acme');
  expect(seen).toEqual(['acme@1', 'acme@2', 'acme@2', 'acme@3']);
});

test('a mark never goes back, even when an older one arrives late', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 3);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const atSecond = Promise.withResolvers<void>();
  const late = listener(async (place) => {
    if (place === 'feature/acme@1') await first.promise;
    if (place === 'feature/acme@2') {
      atSecond.resolve();
      await second.promise;
    }
  });
  const slow = consume(gate.ports, late.consumer, 'feature/acme');
  await consume(gate.ports, listener().consumer, 'feature/acme');
  expect(await progressIn(gate.sideStore, 'listener', 'feature/acme').mark()).toBe(3);
  first.resolve();
  await atSecond.promise;
  expect(await progressIn(gate.sideStore, 'listener', 'feature/acme').mark()).toBe(3);
  second.resolve();
  await slow;
  expect(await progressIn(gate.sideStore, 'listener', 'feature/acme').mark()).toBe(3);
});

test('poison is tried five times, each after a longer pause, then parked; what follows is not lost', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 3);
  let tries = 0;
  const { seen, consumer } = listener((place) => {
    if (place !== 'feature/acme@2') return;
    tries += 1;
    throw new Error(`try ${tries}`);
  });
  const spaced: number[] = [];
  for (let secondsMax = 0; (await consume(gate.ports, consumer, 'feature/acme')) === 'waiting'; secondsMax += 1) {
    if (secondsMax > 200) throw new Error('never parked');
    if (spaced.at(-1) !== tries) spaced.push(tries);
    gate.later(1_000);
  }
  // The second try follows at once; the others wait.
  expect(spaced).toEqual([2, 3, 4]);
  expect(tries).toBe(5);
  expect(seen).toEqual(['acme@1', 'acme@3']);
  expect(await deadLetters(gate.sideStore)).toMatchObject([
    { consumer: 'listener', stream: 'feature/acme', version: 2, tries: 5, error: 'Error: try 5' },
  ]);
  expect(await progressIn(gate.sideStore, 'listener', 'feature/acme').mark()).toBe(3);
  expect(gate.logged.filter(({ event }) => event === 'parked').length).toBe(1);
});

const parkedGate = async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 2);
  let broken = true;
  const told = listener((place) => {
    if (broken && place === 'feature/acme@1') throw new Error('not yet');
  });
  while ((await consume(gate.ports, told.consumer, 'feature/acme')) === 'waiting') gate.later(60_000);
  const mend = (): void => {
    broken = false;
  };
  return { gate, ...told, mend };
};

test('what was parked is replayed, and parked no longer once it was handled', async () => {
  const { gate, seen, consumer, mend } = await parkedGate();
  expect(seen).toEqual(['acme@2']);
  expect(await replayDeadLetters(gate.ports, consumer)).toMatchObject({ handled: 0, failed: [{ tries: 6 }] });
  mend();
  expect(await replayDeadLetters(gate.ports, consumer)).toEqual({ handled: 1, failed: [] });
  expect(await replayDeadLetters(gate.ports, consumer)).toEqual({ handled: 0, failed: [] });
  expect(seen).toEqual(['acme@2', 'acme@1']);
  expect(await deadLetters(gate.sideStore)).toEqual([]);
});

test('what cannot be reached is tried for as long as it takes, and parks nothing', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 2);
  let down = true;
  const { seen, consumer } = listener(() => {
    if (down) throw new Unavailable('nobody there');
  });
  for (let tries = 0; tries < 20; tries += 1) {
    expect(await consume(gate.ports, consumer, 'feature/acme')).toBe('waiting');
    gate.later(5_000);
  }
  down = false;
  expect(await consume(gate.ports, consumer, 'feature/acme')).toBe('caught-up');
  expect(seen).toEqual(['acme@1', 'acme@2']);
  expect(await deadLetters(gate.sideStore)).toEqual([]);
  expect(await gate.sideStore.list('trouble')).toEqual([]);
});

test('two runs of one stream never overlap; another stream does not wait', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 2);
  await withNotices(gate, 'other', 1);
  const gateOpen = Promise.withResolvers<void>();
  let inside = 0;
  let most = 0;
  const { seen, consumer } = listener(async (place) => {
    if (!place.startsWith('feature/acme')) return;
    inside += 1;
    most = Math.max(most, inside);
    await gateOpen.promise;
    inside -= 1;
  });
  const consumers = runConsumers(gate.ports, [consumer]);
  const looks = Array.from({ length: 10 }, () => consumers.look('feature/acme'));
  await consumers.look('feature/other');
  expect(seen).toEqual(['other@1']);
  gateOpen.resolve();
  await Promise.all(looks);
  await consumers.settled();
  expect(most).toBe(1);
  expect(seen).toEqual(['other@1', 'acme@1', 'acme@2']);
});

test('a nudge during a run is not lost', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 1);
  const consumers = runConsumers(gate.ports, [
    {
      name: 'slow',
      wants: () => true,
      handle: async ({ version }) => {
        if (version > 1) return;
        await gate.notice();
        consumers.nudge('feature/acme');
      },
    },
  ]);
  consumers.nudge('feature/acme');
  await consumers.settled();
  await consumers.settled('slow');
  expect(await progressIn(gate.sideStore, 'slow', 'feature/acme').mark()).toBe(2);
});

test('one stream’s trouble holds up no other', async () => {
  const gate = await openGate();
  for (const feature of ['acme', 'broken', 'zeta']) await withNotices(gate, feature, 1);
  const { seen, consumer } = listener((place) => {
    if (place.includes('broken')) throw new Error('always');
  });
  const consumers = runConsumers(gate.ports, [consumer]);
  await consumers.sweep();
  expect(seen).toEqual(['acme@1', 'zeta@1']);
  for (let round = 0; round < 6; round += 1) {
    gate.later(60_000);
    await consumers.sweep();
  }
  expect(await deadLetters(gate.sideStore)).toMatchObject([{ stream: 'feature/broken', version: 1 }]);
});

test('only wanted streams are looked at', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 1);
  const { seen, consumer } = listener();
  const consumers = runConsumers(gate.ports, [consumer]);
  await consumers.look('policy');
  await consumers.look('feature/acme', 'somebody else');
  expect(seen).toEqual([]);
  expect((await gate.sideStore.list('mark')).length).toBe(0);
});

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

type Told = { readonly seen: string[]; readonly consumer: Consumer };

const WANTED = 'feature/';
/** A consumer that notes what it is told; `trouble` may throw instead. */
const listener = (trouble: (place: string) => Promise<void> | void = () => undefined): Told => {
  const seen: string[] = [];
  return {
    seen,
    consumer: {
      name: 'listener',
      wants: (stream) => stream.startsWith(WANTED),
      handle: async ({ stream, version }) => {
        await trouble(`${stream}@${version}`);
        seen.push(`${stream.slice(WANTED.length)}@${version}`);
      },
    },
  };
};

/** So many notices of one feature, each a commit. */
const withNotices = async (gate: Gate, feature: string, times: number): Promise<void> => {
  for (let index = 0; index < times; index += 1) await gate.notice({ feature, title: `Number ${index}` });
};
