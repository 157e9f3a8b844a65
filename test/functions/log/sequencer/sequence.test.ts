import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { heldStreams, hold, readLogIndex } from '../../../../functions/log/sequencer/logIndex.ts';
import { ENTRIES_MAX } from '../../../../functions/log/sequencer/pending.ts';
import { publishDelay, sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { CorruptStore } from '../../../../functions/platform/store/errors.ts';
import type { Store } from '../../../../functions/platform/store/port.ts';
import { commitOf, newRecord } from '../../../../functions/platform/store/record.ts';
import { must, placeOf, recordAfter } from '../../../contract/underTest.ts';
import { type Bench, bench, nextCommit } from './ports.ts';
import { verifiedEntries } from './verifiedEntries.ts';

const logged = ({ folder, signer }: Bench) => verifiedEntries(folder, signer.key);

test('an empty log has a signed checkpoint of size 0', async () => {
  const ports = bench();
  expect((await sequence(ports))?.size).toBe(0);
  expect(logged(ports)).toEqual([]);
});

test('commits go in by the order of the feed, all that wait in one checkpoint, the log itself never', async () => {
  const ports = bench();
  await ports.write('feature/a', 2);
  await ports.write('observation/a');
  await ports.write('feature/a');
  expect((await sequence(ports))?.size).toBe(4);
  const [signed, ...others] = await ports.store.history('log', {});
  expect(others).toEqual([]);
  expect(commitOf(must(signed)).events).toMatchObject([
    {
      runs: [
        { stream: 'feature/a', from: 1, to: 2 },
        { stream: 'observation/a', from: 1, to: 1 },
        { stream: 'feature/a', from: 3, to: 3 },
      ],
    },
  ]);
  await ports.write('observation/a');
  expect((await sequence(ports))?.size).toBe(5);
  const inOrder = ['feature/a@1', 'feature/a@2', 'observation/a@1', 'feature/a@3', 'observation/a@2'];
  expect(logged(ports).map(placeOf)).toEqual(inOrder);
  expect((await readLogIndex(ports.sideStore, 'observation/a', 2))?.index).toBe(4);
});

test('policy, roster, settings and the vendor enter the log before the commits that name their versions, a document before one that names it', async () => {
  const ports = bench();
  await ports.write('feature/acme.lpr', 2);
  for (const stream of ['policy', 'roster', 'vendor/acme', 'settings']) await ports.write(stream);
  const named = [{ type: 'DocumentAttached', v: 1, sha256: `sha256:${'d'.repeat(64)}` }];
  await ports.store.append(nextCommit('feature/acme.lpr', await ports.store.head('feature/acme.lpr'), named));
  await ports.write(`document/${'d'.repeat(64)}`);
  await sequence(ports);
  expect(logged(ports).map(placeOf)).toEqual([
    'settings@1',
    'roster@1',
    'policy@1',
    'vendor/acme@1',
    'feature/acme.lpr@1',
    'feature/acme.lpr@2',
    `document/${'d'.repeat(64)}@1`,
    'feature/acme.lpr@3',
  ]);
});

test('the log goes on whatever the names of commits, and of those that enter it late', async () => {
  const ports = bench();
  const append = (stream: string, minute: string) => {
    const commit = { ...commitOf(nextCommit(stream, undefined)), at: `2026-03-02T12:${minute}:00.000Z` };
    return ports.store.append(newRecord(commit, { state: '{}', stateVersion: 1, attachments: [] }));
  };
  const taken = async (count: number, letter: string, isLate: (index: number) => boolean) => {
    const appending = Array.from({ length: count }, (_, index) =>
      append(`receipt/acme/${letter.repeat(190)}${index}`, isLate(index) ? '00' : '30'),
    );
    await Promise.all(appending);
    return (await sequence(ports))?.size;
  };
  expect(await taken(1, 'w', () => false)).toBe(1);
  for (const [index, letter] of ['x', 'y', 'z'].entries()) expect(await taken(60, letter, () => true)).toBe(61 + 60 * index);
  // In the commit each of these characters takes two.
  expect(await taken(105, '"', (index) => index % 2 === 0)).toBe(286);
});

test('nothing new: nothing is signed', async () => {
  const ports = bench();
  await ports.write('observation/a');
  const first = await sequence(ports);
  const again = await sequence(ports);
  expect(again?.bytes).toEqual(first?.bytes);
  expect((await ports.store.head('log'))?.version).toBe(1);
});

test('six hundred commits and the edges of tiles, step by step', async () => {
  const ports = bench();
  for (const count of [1, 254, 1, 1, 255, 1, 90]) {
    await ports.write('feature/a', count);
    await sequence(ports);
    expect(logged(ports).length).toBe((await ports.store.head('feature/a'))?.version);
  }
});

test('more than fits into one checkpoint is taken by several', async () => {
  const ports = bench();
  await ports.write('feature/a', 1_030);
  expect((await sequence(ports))?.size).toBe(1_030);
  expect((await ports.store.head('log'))?.version).toBe(2);
  verifiedEntries(ports.folder, ports.signer.key);
});

test('two at once give each index once', async () => {
  const ports = bench();
  for (let round = 0; round < 8; round += 1) {
    await Promise.all([
      ports.write(`feature/${round % 3}`, 5),
      ports.write(`receipt/v/${round}`),
      sequence({ ...ports }),
      sequence({ ...ports }),
      sequence({ ...ports }),
    ]);
  }
  expect((await sequence(ports))?.size).toBe(48);
  expect(new Set(logged(ports).map(placeOf)).size).toBe(48);
});

test.each([10, 290])(
  'public files that were put back from an older copy are made up to what was signed, after %d more',
  async (more) => {
    const ports = bench();
    await ports.write('feature/a', 20);
    await sequence(ports);
    const older = join(ports.folder, '..', 'older');
    cpSync(ports.folder, older, { recursive: true });
    await ports.write('feature/a', more);
    const published = await sequence(ports);
    rmSync(ports.folder, { recursive: true });
    renameSync(older, ports.folder);
    expect((await sequence(ports))?.bytes).toEqual(published?.bytes);
    expect(logged(ports).length).toBe(20 + more);
  },
);

test.each([
  ['the public files', ['log']],
  ['the places', ['side.db', 'side.db-wal', 'side.db-shm']],
  ['both', ['log', 'side.db', 'side.db-wal', 'side.db-shm']],
])('%s are made anew from the store when they are lost', async (_, lost) => {
  const before = bench();
  for (const count of [200, 100, 3]) {
    await before.write('feature/a', count);
    await before.write('observation/a', 2);
    await sequence(before);
  }
  const data = join(before.folder, '..');
  const published = await sequence(before);
  await before.store.close();
  await before.sideStore.close();
  for (const name of lost) rmSync(join(data, name), { recursive: true, force: true });
  const after = bench(data);
  expect((await sequence(after))?.bytes).toEqual(published?.bytes);
  expect(logged(after).length).toBe(309);
  expect((await readLogIndex(after.sideStore, 'observation/a', 6))?.index).toBe(308);
});

const NOW = Date.parse('2026-03-02T12:00:10.000Z');
const commit = (second: string) => recordAfter(undefined, { at: `2026-03-02T12:00:${second}00Z` });

test('the delay is that of the commit that waited longest; one of a clock that is ahead took no time', () => {
  expect(publishDelay(['09.5', '02.0', '08.0'].map(commit), NOW)).toBe(8);
  expect(publishDelay([commit('59.0')], NOW)).toBe(0);
});

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
  const waiting = ENTRIES_MAX + 200;
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
  const waiting = ENTRIES_MAX + 5;
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

test('a stream that was held stays so while its head cannot be read, though its commits may enter', async () => {
  const ports = bench();
  await ports.write('feature/a');
  await hold(ports.sideStore, { stream: 'feature/a', version: 1, problem: 'it was altered' });
  const head: Store['head'] = async (stream) => {
    if (stream === 'feature/a') throw new CorruptStore('altered');
    return ports.store.head(stream);
  };
  expect((await sequence({ ...ports, store: { ...ports.store, head } }))?.size).toBe(1);
  expect(await heldStreams(ports.sideStore)).toMatchObject([{ stream: 'feature/a' }]);
  await sequence(ports);
  expect(await heldStreams(ports.sideStore)).toEqual([]);
});
