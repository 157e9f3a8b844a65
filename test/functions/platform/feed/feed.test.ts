import { expect, test } from 'vitest';
import { consume, progressIn } from '../../../../functions/platform/feed/consume.ts';
import { type Consumer, StillUnavailable, Unavailable } from '../../../../functions/platform/feed/consumer.ts';
import { runConsumers, skipTo, sweep, walkFeed } from '../../../../functions/platform/feed/consumers.ts';
import { deadLetters, replayDeadLetters } from '../../../../functions/platform/feed/deadLetters.ts';
import { CorruptStore, StoreUnavailable } from '../../../../functions/platform/store/errors.ts';
import type { Store, StoredCommit } from '../../../../functions/platform/store/port.ts';
import { recordAfter } from '../../../contract/underTest.ts';
import { failing, openGate } from '../../openGate.ts';

const WANTED = 'feature/';

type Trouble = (place: string) => Promise<void> | void;

const listener = (trouble: Trouble = () => undefined) => {
  const seen: string[] = [];
  const consumer: Consumer = {
    name: 'listener',
    wants: (stream) => stream.startsWith(WANTED),
    handle: async ({ stream, version }) => {
      const place = `${stream.slice(WANTED.length)}@${version}`;
      await trouble(place);
      seen.push(place);
    },
  };
  return { seen, consumer };
};

/** A gate with so many notices of each feature, each a commit, and a listener. */
const listening = async (
  notices: Readonly<Record<string, number>>,
  trouble?: Trouble,
  options: Parameters<typeof openGate>[0] = {},
) => {
  const gate = await openGate(options);
  const notify = async (feature: string, times = 1) => {
    for (let index = 0; index < times; index += 1) await gate.notice({ feature, title: `Number ${index}` });
  };
  for (const [feature, times] of Object.entries(notices)) await notify(feature, times);
  const { seen, consumer } = listener(trouble);
  return {
    gate,
    notify,
    seen,
    consumer,
    consumers: runConsumers(gate.ports, [consumer]),
    look: (stream = 'feature/acme') => consume(gate.ports, consumer, stream),
    mark: () => progressIn(gate.sideStore, 'listener', 'feature/acme').mark(),
    parked: () => deadLetters(gate.sideStore),
  };
};

const storeFailing = (fails: Parameters<typeof failing>[1]) => ({ storeOf: (store: Store) => failing(store, fails) });

test('every commit once, in order, then nothing more', async () => {
  const { look, notify, seen, mark } = await listening({ acme: 3 });
  expect(await look()).toBe('caught-up');
  await look();
  await notify('acme');
  await look();
  expect(seen).toEqual(['acme@1', 'acme@2', 'acme@3', 'acme@4']);
  expect(await mark()).toBe(4);
});

test('a long history comes in pages, whole and in order', async () => {
  const { gate, look, seen } = await listening({}, undefined, { honest: false });
  let last: StoredCommit | undefined;
  for (let version = 1; version <= 122; version += 1) {
    last = recordAfter(last, { stream: 'feature/acme' });
    await gate.store.append([last]);
  }
  await look();
  expect(seen).toEqual(Array.from({ length: 122 }, (_, index) => `acme@${index + 1}`));
});

test('a crash after a commit was handled and before its mark repeats that commit and no other', async () => {
  const handled: string[] = [];
  const { look, seen } = await listening({ acme: 3 }, (place) => void handled.push(place), {
    sideStoreOf: (sideStore) =>
      failing(sideStore, (method, [kind]) => handled.length === 2 && method === 'put' && kind === 'mark' && new Error('killed')),
  });
  await look();
  expect(seen).toEqual(['acme@1', 'acme@2', 'acme@2', 'acme@3']);
});

test('a crash after one of two commits that waited, which a sweep had passed, loses not the other', async () => {
  let [isDown, dies] = [true, false];
  const { gate, consumer, seen } = await listening(
    { acme: 2 },
    (place) => {
      if (isDown) throw new Unavailable('down');
      if (dies && place === 'acme@2') throw new Error('killed');
    },
    {
      sideStoreOf: (sideStore) =>
        failing(sideStore, (method, [kind]) => dies && method === 'put' && kind === 'trouble' && new Error('killed')),
    },
  );
  const sweepNow = () => runConsumers(gate.ports, [consumer]).sweep();
  await sweepNow();
  [isDown, dies] = [false, true];
  gate.later(60_000);
  await sweepNow().catch(() => undefined);
  dies = false;
  gate.later(60_000);
  await sweepNow();
  expect(seen).toEqual(['acme@1', 'acme@2']);
});

test('a mark never goes back, even when an older one arrives late', async () => {
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const atSecond = Promise.withResolvers<void>();
  const { gate, look, mark } = await listening({ acme: 3 }, async (place) => {
    if (place === 'acme@1') await first.promise;
    if (place !== 'acme@2') return;
    atSecond.resolve();
    await second.promise;
  });
  const slow = look();
  await consume(gate.ports, listener().consumer, 'feature/acme');
  expect(await mark()).toBe(3);
  first.resolve();
  await atSecond.promise;
  expect(await mark()).toBe(3);
  second.resolve();
  await slow;
  expect(await mark()).toBe(3);
});

test('poison is tried five times, each after a longer pause, then parked until a replay handles it; what follows is not lost', async () => {
  let [tries, isMended] = [0, false];
  const { gate, consumer, look, seen, mark, parked } = await listening({ acme: 3 }, (place) => {
    if (place !== 'acme@2' || isMended) return;
    tries += 1;
    throw new Error(`try ${tries}`);
  });
  const spaced: number[] = [];
  for (let secondsMax = 0; (await look()) === 'waiting'; secondsMax += 1) {
    if (secondsMax > 200) throw new Error('never parked');
    if (spaced.at(-1) !== tries) spaced.push(tries);
    gate.later(1_000);
  }
  // The second try follows at once; the others wait.
  expect(spaced).toEqual([2, 3, 4]);
  expect(seen).toEqual(['acme@1', 'acme@3']);
  expect(await parked()).toMatchObject([
    { consumer: 'listener', stream: 'feature/acme', version: 2, tries: 5, error: 'Error: try 5' },
  ]);
  expect(await mark()).toBe(3);
  expect(gate.logged.filter(({ event }) => event === 'parked').length).toBe(1);
  expect(await replayDeadLetters(gate.ports, consumer)).toMatchObject({ handled: 0, failed: [{ tries: 6 }] });
  isMended = true;
  for (const handled of [1, 0]) expect(await replayDeadLetters(gate.ports, consumer)).toEqual({ handled, failed: [] });
  expect(seen).toEqual(['acme@1', 'acme@3', 'acme@2']);
  expect(await parked()).toEqual([]);
});

test.each([
  ['could not be reached', new Unavailable('away')],
  ['could not be handled', new Error('not now')],
])('what %s by a clock that ran ahead is tried again once the clock is put right', async (_, error) => {
  let isAway = true;
  const { gate, look, seen } = await listening({ acme: 2 }, () => {
    if (isAway) throw error;
  });
  const MONTH_MS = 30 * 86_400_000;
  gate.later(MONTH_MS);
  expect(await look()).toBe('waiting');
  isAway = false;
  expect(await look()).toBe('waiting');
  gate.later(-MONTH_MS);
  expect(await look()).toBe('caught-up');
  expect(seen).toEqual(['acme@1', 'acme@2']);
});

test('what cannot be reached is tried for as long as it takes, and parks nothing', async () => {
  let down = true;
  const { gate, look, seen, parked } = await listening({ acme: 2 }, () => {
    if (down) throw new Unavailable('nobody there');
  });
  for (let tries = 0; tries < 20; tries += 1) {
    expect(await look()).toBe('waiting');
    gate.later(5_000);
  }
  down = false;
  expect(await look()).toBe('caught-up');
  expect(seen).toEqual(['acme@1', 'acme@2']);
  expect([await parked(), await gate.sideStore.list('trouble')]).toEqual([[], []]);
});

test('that a target is away is logged by who asked it, once for a commit, and again for another reason', async () => {
  let error: Error = new StillUnavailable('a moment ago');
  const { gate, look } = await listening({ acme: 1 }, () => {
    throw error;
  });
  const [away, other] = [new Unavailable('nobody there'), new Unavailable('wrong password')];
  for (error of [error, away, away, other, other]) {
    expect(await look()).toBe('waiting');
    gate.later(5_000);
  }
  const line = (why: string) => ({ level: 'warn', event: 'consumer waits', stream: 'feature/acme', error: why });
  expect(gate.logged).toMatchObject([line('nobody there'), line('wrong password')]);
});

test('that no progress can be kept, as on a full disk, is logged once and not for each stream', async () => {
  const full = async () => Promise.reject(new StoreUnavailable('the disk is full'));
  const { gate, consumer } = await listening({ acme: 1, other: 1 }, full);
  const { nudge, settled } = runConsumers({ ...gate.ports, sideStore: { ...gate.sideStore, put: full } }, [consumer]);
  for (const stream of ['feature/acme', 'feature/other']) {
    nudge(stream);
    await settled();
  }
  expect(gate.logged).toMatchObject([{ event: 'nudge failed', consumer: 'listener', stream: 'feature/acme' }]);
});

test('two runs of one stream never overlap; another stream does not wait', async () => {
  const gateOpen = Promise.withResolvers<void>();
  let [inside, most] = [0, 0];
  const { consumers, seen } = await listening({ acme: 2, other: 1 }, async (place) => {
    if (!place.startsWith('acme')) return;
    inside += 1;
    most = Math.max(most, inside);
    await gateOpen.promise;
    inside -= 1;
  });
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
  const { gate, consumers, seen } = await listening({ acme: 1 }, async (place) => {
    if (place !== 'acme@1') return;
    await gate.notice();
    consumers.nudge('feature/acme');
  });
  consumers.nudge('feature/acme');
  await consumers.settled();
  await consumers.settled();
  expect(seen).toEqual(['acme@1', 'acme@2']);
});

test('one stream’s trouble holds up no other', async () => {
  const { gate, consumers, seen, parked } = await listening({ acme: 1, broken: 1, zeta: 1 }, (place) => {
    if (place.includes('broken')) throw new Error('always');
  });
  await consumers.sweep();
  expect(seen).toEqual(['acme@1', 'zeta@1']);
  for (let round = 0; round < 6; round += 1) {
    gate.later(60_000);
    await consumers.sweep();
  }
  expect(await parked()).toMatchObject([{ stream: 'feature/broken', version: 1 }]);
});

test('only wanted streams are looked at', async () => {
  const { gate, consumers, seen } = await listening({ acme: 1 });
  await consumers.look('policy');
  expect([seen, await gate.sideStore.list('mark')]).toEqual([[], []]);
});

test('a sweep heals nudges that never came, and keeps its place; a crash within it repeats the page', async () => {
  const { gate, notify, consumer, look, seen } = await listening({ acme: 2 });
  const looks: string[] = [];
  let crash = true;
  const looking = (stream: string) => {
    if (crash && stream === 'feature/other') throw new StoreUnavailable('killed');
    looks.push(stream);
    return look(stream);
  };
  await sweep(gate.ports, consumer, looking);
  expect(looks).toEqual(['feature/acme']);
  expect(await sweep(gate.ports, consumer, looking)).toEqual([]);
  await notify('other');
  await expect(sweep(gate.ports, consumer, looking)).rejects.toThrow('killed');
  crash = false;
  await sweep(gate.ports, consumer, looking);
  expect(looks).toEqual(['feature/acme', 'feature/other']);
  expect(seen).toEqual(['acme@1', 'acme@2', 'other@1']);
});

test.each([7, 'no cursor'])('a place in the feed that reads %j starts anew', async (cursor) => {
  const { gate, consumers, seen } = await listening({ acme: 1 });
  await gate.sideStore.put('feed-cursor', 'listener', cursor);
  await consumers.sweep();
  expect(seen).toEqual(['acme@1']);
});

test('a feed that cannot be read is logged; streams in trouble are looked at anyway', async () => {
  let down = true;
  const trouble = () => {
    if (down) throw new Unavailable('down');
  };
  const altered = storeFailing((method) => method === 'feed' && new CorruptStore('altered'));
  const { gate, consumers, seen } = await listening({ acme: 1 }, trouble, altered);
  await consumers.look('feature/acme');
  down = false;
  gate.later(60_000);
  await consumers.sweep();
  expect(seen).toEqual(['acme@1']);
  expect(gate.logged).toContainEqual(expect.objectContaining({ event: 'feed cannot be read' }));
});

test('a row that cannot be read is named and set aside; everything before, beside and behind it is handled', async () => {
  const row = { stream: 'feature/acme', version: 2, problem: 'feature/acme@2 does not decode' };
  const isBad = ({ stream, version }: StoredCommit) => stream === row.stream && version === row.version;
  const storeOf = (store: Store): Store => ({
    ...store,
    feed: async (cursor, limit, unreadable) => {
      const page = await store.feed(cursor, limit);
      if (page.items.some(isBad)) unreadable?.(row);
      return { ...page, items: page.items.filter((item) => !isBad(item)) };
    },
    history: async (stream, range) => {
      const commits = await store.history(stream, range);
      if (commits.some(isBad)) throw new CorruptStore(row.problem);
      return commits;
    },
  });
  const { gate, consumers, seen, parked } = await listening({ acme: 3, other: 1 }, undefined, { storeOf });
  for (let hours = 0; hours < 6; hours += 1) {
    await consumers.sweep();
    gate.later(3_600_000);
  }
  expect(seen.toSorted()).toEqual(['acme@1', 'acme@3', 'other@1']);
  const place = { stream: 'feature/acme', version: 2 };
  expect(await parked()).toMatchObject([{ consumer: 'listener', ...place }]);
  expect(gate.logged).toContainEqual(expect.objectContaining({ event: 'commit cannot be read', ...place }));
});

test.each([1_005, 2_000])('a planted row under a name of %d characters is named, and holds up nothing', async (length) => {
  const planted = { stream: `feature/${'x'.repeat(length)}`, version: 1, problem: 'the MAC is not valid' };
  const { gate, consumer, seen } = await listening({ acme: 1, 'acme.next': 1 });
  const store: Store = {
    ...gate.store,
    feed: async (cursor, limit, unreadable) => {
      const page = await gate.store.feed(cursor, limit, unreadable);
      unreadable?.(planted);
      return page;
    },
  };
  const consumers = runConsumers({ ...gate.ports, store }, [consumer]);
  await consumers.sweep();
  expect(seen.toSorted()).toEqual(['acme.next@1', 'acme@1']);
  await consumers.look(planted.stream);
  await skipTo(gate.sideStore, consumer, { newest: new Map([[planted.stream, 1]]), cursor: '0' });
  expect(await deadLetters(gate.sideStore)).toEqual([]);
});

test('a store that cannot be reached fails the look and loses nothing', async () => {
  let down = true;
  const away = storeFailing((method) => down && method === 'feed' && new StoreUnavailable('down'));
  const { consumers, seen } = await listening({ acme: 1 }, undefined, away);
  await expect(consumers.sweep()).rejects.toThrow('down');
  down = false;
  await consumers.sweep();
  expect(seen).toEqual(['acme@1']);
});

test('after an import marks are set to the end: what comes later is handled, what came before is not', async () => {
  const { gate, notify, consumer, consumers, seen } = await listening({ acme: 3 });
  await skipTo(gate.sideStore, consumer, await walkFeed(gate.store));
  await consumers.sweep();
  await notify('acme');
  await consumers.sweep();
  expect(seen).toEqual(['acme@4']);
});

test('a sweep passes commits that are not in the log yet, and the next one returns to them', async () => {
  const { gate, consumer, seen } = await listening({ acme: 2 });
  let released = false;
  const consumers = runConsumers({ ...gate.ports, isReleased: async () => released }, [consumer]);
  await consumers.sweep();
  expect(seen).toEqual([]);
  released = true;
  await consumers.sweep();
  expect(seen).toEqual(['acme@1', 'acme@2']);
});
