import { expect, test } from 'vitest';
import { heldStreams } from '../../../../functions/log/sequencer/logIndex.ts';
import { ENTRIES_MAX } from '../../../../functions/log/sequencer/pending.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import type { Store } from '../../../../functions/platform/store/port.ts';
import { type Bench, bench } from './ports.ts';

/** A store that counts the commits which it gives, wherever they are asked for. */
const counting = (store: Store) => {
  const read = { commits: 0 };
  const counted: Store = {
    ...store,
    history: async (...asked) => {
      const found = await store.history(...asked);
      read.commits += found.length;
      return found;
    },
    feed: async (...asked) => {
      const page = await store.feed(...asked);
      read.commits += page.items.length;
      return page;
    },
  };
  return { store: counted, read };
};

test('thousands of commits of one stream are read twice at most, however often the stream is named', async () => {
  const ports = bench();
  const waiting = 3 * ENTRIES_MAX;
  await ports.write('feature/many', waiting);
  const { store, read } = counting(ports.store);
  const named = Array.from({ length: 100 }, () => 'feature/many');
  const judge = { ...ports.judge, compare: async () => named };
  expect((await sequence({ ...ports, store, judge }, named))?.size).toBe(waiting);
  expect(read.commits).toBeLessThan(2.5 * waiting);
});

test('all those behind a commit that may not stand keep no other stream out, and follow once it may', async () => {
  const ports = bench();
  let mayStand = false;
  const refusing = (): Bench['judge'] => ({
    ...ports.judge,
    judge: (pending, ...rest) => {
      const { commits } = ports.judge.judge(
        pending.filter(({ stream }) => mayStand || stream !== 'feature/many'),
        ...rest,
      );
      const isHeld = commits.length < pending.length;
      const refused = isHeld ? [{ stream: 'feature/many', version: 1, problem: 'may not stand' }] : [];
      return { commits, refused, stopped: [] };
    },
  });
  const waiting = 2 * ENTRIES_MAX + 5;
  await ports.write('feature/many', waiting);
  await ports.write('feature/b');
  expect((await sequence({ ...ports, judge: refusing() }))?.size).toBe(1);
  await ports.write('feature/c');
  const { store, read } = counting(ports.store);
  expect((await sequence({ ...ports, store, judge: refusing() }, ['feature/many']))?.size).toBe(2);
  expect(read.commits).toBeLessThan(50);
  mayStand = true;
  expect((await sequence({ ...ports, judge: refusing() }))?.size).toBe(2 + waiting);
  expect(await heldStreams(ports.sideStore)).toEqual([]);
});
