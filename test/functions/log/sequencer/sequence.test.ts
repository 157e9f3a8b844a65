import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { heldStreams, hold, readLogIndex } from '../../../../functions/log/sequencer/logIndex.ts';
import { collectPending, ENTRIES_MAX } from '../../../../functions/log/sequencer/pending.ts';
import { publishDelay, sequence } from '../../../../functions/log/sequencer/sequence.ts';
import type { Blobs } from '../../../../functions/platform/blobs/port.ts';
import { CorruptStore, StoreUnavailable } from '../../../../functions/platform/store/errors.ts';
import type { Store, StoredCommit } from '../../../../functions/platform/store/port.ts';
import { commitOf, newRecord } from '../../../../functions/platform/store/record.ts';
import { StreamQueue } from '../../../../functions/platform/store/submit.ts';
import { must, placeOf, recordAfter } from '../../../contract/underTest.ts';
import { faulty } from './faults.ts';
import { acceptAll, type Bench, bench, nextCommit } from './ports.ts';
import { verifiedEntries } from './verifiedEntries.ts';

const logged = ({ folder, signer }: Bench) => verifiedEntries(folder, signer.key);

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

const DIGEST = 'd'.repeat(64);
const RULES = ['settings', 'roster', 'policy'];
test.each<[string, readonly string[], JsonObject?]>([
  ['feature/acme.lpr', [...RULES, 'vendor/acme', `document/${DIGEST}`], { type: 'DocumentAttached', sha256: `sha256:${DIGEST}` }],
  [`redaction/${DIGEST}`, [...RULES, 'vendor/acme', 'feature/acme'], { type: 'TextWithheld', stream: 'feature/acme' }],
  ['observation/acme/check', []],
])('before %s enters what it names, %j, and nothing else', async (stream, named, event = { type: 'Tested' }) => {
  const ports = bench();
  await ports.store.append([nextCommit(stream, undefined, [event])]);
  const others = [`document/${DIGEST}`, 'feature/acme', 'vendor/acme', ...RULES].filter((each) => each !== stream);
  for (const other of others) await ports.write(other);
  await sequence(ports, [stream]);
  const first = [...named, stream].map((each) => `${each}@1`);
  expect(logged(ports).slice(0, first.length).map(placeOf)).toEqual(first);
});

test('the log goes on whatever the names of commits, and of those that enter it late', async () => {
  const ports = bench();
  const append = (stream: string, minute: string) => {
    const commit = { ...commitOf(nextCommit(stream, undefined)), at: `2026-03-02T12:${minute}:00.000Z` };
    return ports.store.append([newRecord(commit, { state: '{}', stateVersion: 1, attachments: [] })]);
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

test('files that refuse each time to replace what was read of them end a run, and the next publishes', async () => {
  const ports = bench();
  await ports.write('feature/a');
  const replaced = vi.spyOn(ports.blobs, 'replace').mockResolvedValue(false);
  await expect(sequence(ports)).rejects.toThrow(StoreUnavailable);
  expect(replaced.mock.calls.length).toBeLessThan(20);
  replaced.mockRestore();
  expect((await sequence(ports))?.size).toBe(1);
});

test('nothing new: nothing is signed, and nothing published again', async () => {
  const ports = bench();
  await ports.write('observation/a');
  const first = await sequence(ports);
  const replaced = vi.spyOn(ports.blobs, 'replace');
  const again = await sequence(ports);
  expect(again?.bytes).toEqual(first?.bytes);
  expect(replaced).not.toHaveBeenCalled();
  expect((await ports.store.head('log'))?.version).toBe(1);
});

test('six hundred commits and the edges of tiles, step by step', async () => {
  const ports = bench();
  for (const count of [0, 1, 254, 1, 1, 255, 1, 90]) {
    await ports.write('feature/a', count);
    await sequence(ports);
    expect(logged(ports).length).toBe((await ports.store.head('feature/a'))?.version ?? 0);
  }
});

test('a log is not published over another one of its size, nor with other commits than were signed', async () => {
  const [ports, other] = [bench(), bench()];
  for (const each of [ports, other]) await each.write('feature/a', 3);
  await sequence(other);
  await expect(sequence({ ...ports, blobs: other.blobs })).rejects.toMatchObject({ name: 'LogConflict' });
  const history: Store['history'] = (stream, range) => (stream === 'log' ? other : ports).store.history(stream, range);
  const changed = { ...other, blobs: bench().blobs, store: { ...other.store, history } };
  await expect(sequence(changed)).rejects.toThrow('not those of the checkpoint signed at size 3');
});

const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, index) => (index === 9 ? byte ^ 1 : byte));
const cut = (bytes: Uint8Array): Uint8Array => bytes.slice(0, -1);

const ALTERED = 'was altered since it was published';
test.each([
  ['tile/0/001.p/44', flipped, ALTERED],
  ['tile/1/000.p/1', flipped, ALTERED],
  ['tile/entries/001.p/44', flipped, ALTERED],
  ['tile/0/001.p/44', cut, ALTERED],
  ['tile/entries/001.p/44', cut, ALTERED],
  ['tile/entries/001.p/44', () => undefined, 'is missing'],
])('%s is copied into no other one once it is altered or lost, and made again', async (path, alter, problem) => {
  const ports = bench();
  await ports.write('feature/a', 300);
  const published = await sequence(ports);
  const file = join(ports.folder, path);
  const altered = alter(readFileSync(file));
  if (altered === undefined) rmSync(file);
  else writeFileSync(file, altered);
  await ports.write('feature/a', 5);
  await expect(sequence(ports)).rejects.toThrow(`${path} ${problem}`);
  expect(readFileSync(join(ports.folder, 'checkpoint'))).toEqual(Buffer.from(published?.bytes ?? []));
  expect((await sequence(ports))?.size).toBe(305);
  expect(logged(ports).length).toBe(305);
});

test('while the files are made anew what is held stays so', async () => {
  const ports = bench();
  const held = { stream: 'feature/b', version: 0, problem: 'version 2 is in the log and not in the store' };
  await hold(ports, [held]);
  await ports.write('feature/a', 300);
  await sequence({ ...ports, judge: { ...ports.judge, judge: (commits) => ({ commits, refused: [], stopped: [held] }) } });
  rmSync(ports.folder, { recursive: true });
  const { ports: ending } = faulty(ports, (write) => write === 'side log-place', 'persisted');
  await expect(sequence(ending)).rejects.toMatchObject({ name: 'Crash' });
  expect(await heldStreams(ports.sideStore)).toEqual([held]);
});

test('of two that sign at once one loses, and takes what is left', async () => {
  const ports = bench();
  await ports.write('feature/a', 3);
  let isAlone = true;
  const append: Store['append'] = async (records) => {
    if (records[0]?.stream === 'log' && isAlone) {
      isAlone = false;
      await sequence({ ...ports, judge: acceptAll(), queue: new StreamQueue() });
      await ports.write('feature/a');
    }
    return ports.store.append(records);
  };
  expect((await sequence({ ...ports, store: { ...ports.store, append } }, ['feature/a']))?.size).toBe(4);
  expect(logged(ports).length).toBe(4);
});

test.each(['since this one read the log', 'while this one stood still behind its signature'])(
  'what another one takes %s is not made anew, though it replaces partial files',
  async (when) => {
    const ports = bench();
    await ports.write('feature/a', 300);
    await sequence(ports);
    const removed = vi.spyOn(ports.sideStore, 'remove');
    const overtake = async () => {
      overtaken = true;
      const other = { ...ports, judge: acceptAll(), queue: new StreamQueue() };
      await sequence(other);
      await ports.write('feature/a', 212);
      await sequence(other);
    };
    let overtaken = false;
    const compare = async () => {
      if (!overtaken && when.startsWith('since')) await overtake();
      return [];
    };
    const judge = Object.assign(acceptAll(), { compare });
    const append: Store['append'] = async (records) => {
      const answer = await ports.store.append(records);
      if (!overtaken) await overtake();
      return answer;
    };
    await ports.write('feature/a');
    expect((await sequence({ ...ports, store: { ...ports.store, append }, judge }))?.size).toBe(513);
    expect(logged(ports).length).toBe(513);
    expect(removed).not.toHaveBeenCalledWith('log-applied', expect.anything());
  },
);

test('a partial file that another one outgrows and removes, as this one finds it there, is no conflict', async () => {
  const ports = bench();
  await ports.write('feature/a', 3);
  const putIfAbsent: Blobs['putIfAbsent'] = async (path, bytes) =>
    path.includes('.p/') ? false : ports.blobs.putIfAbsent(path, bytes);
  expect((await sequence({ ...ports, blobs: { ...ports.blobs, putIfAbsent } }))?.size).toBe(3);
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

const SIDE_FILES = ['side.db', 'side.db-wal', 'side.db-shm'];

test.each([
  ['the public files', ['log']],
  ['the tiles', ['log/tile']],
  ['the places', SIDE_FILES],
  ['both', ['log', ...SIDE_FILES]],
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

test('public files of a log that was imported are written by runs that are each cut off, which go on where the one before ended', async () => {
  const before = bench();
  for (let checkpoint = 0; checkpoint < 4; checkpoint += 1) {
    await before.write('feature/a', 700);
    await sequence(before);
  }
  const data = join(before.folder, '..');
  await before.store.close();
  await before.sideStore.close();
  for (const name of ['log', ...SIDE_FILES]) rmSync(join(data, name), { recursive: true, force: true });
  const after = bench(data);
  const cutOff = () => faulty(after, (write) => write === 'side log-applied', 'persisted');
  const placesIn = (writes: readonly string[]) => writes.filter((write) => write === 'side log-place').length;
  for (const { ports, writes } of [cutOff(), cutOff()]) {
    await expect(sequence(ports)).rejects.toThrow('log-applied');
    expect(placesIn(writes)).toBe(1_400);
  }
  const last = faulty(after, () => false, 'persisted');
  expect((await sequence(last.ports))?.size).toBe(2_800);
  expect(placesIn(last.writes)).toBe(0);
  expect(logged(after).length).toBe(2_800);
});

test('places of a log that the store does not have, since it was put back from a copy, are forgotten, and all of it is taken', async () => {
  const before = bench();
  await before.write('feature/a', 5);
  await sequence(before);
  const after = { ...bench(), sideStore: before.sideStore };
  await after.write('feature/a', 2);
  expect((await sequence(after))?.size).toBe(2);
  expect(logged(after).map(placeOf)).toEqual(['feature/a@1', 'feature/a@2']);
  expect(await readLogIndex(after.sideStore, 'feature/a', 5)).toBeUndefined();
});

const NOW = Date.parse('2026-03-02T12:00:10.000Z');
const commit = (second: string) => recordAfter(undefined, { at: `2026-03-02T12:00:${second}00Z` });

test('the delay is that of the commit that waited longest; one of a clock that is ahead took no time', () => {
  expect(publishDelay(['09.5', '02.0', '08.0'].map(commit), NOW)).toBe(8);
  expect(publishDelay([commit('59.0')], NOW)).toBe(0);
});

const counting = (store: Store) => {
  const read = { calls: 0, commits: 0 };
  const counted = <Args extends unknown[], R>(ask: (...args: Args) => Promise<R>, of: (found: R) => number) => {
    return async (...args: Args) => {
      const found = await ask(...args);
      read.calls += 1;
      read.commits += of(found);
      return found;
    };
  };
  const history = counted(store.history, ({ length }) => length);
  const feed = counted(store.feed, ({ items }) => items.length);
  return { store: { ...store, head: counted(store.head, () => 0), history, feed }, read };
};

test('thousands of commits of one stream are read twice at most, however often the stream is named, and what they name once', async () => {
  const ports = bench();
  const waiting = ENTRIES_MAX + 200;
  await ports.write('feature/many', waiting);
  const { store, read } = counting(ports.store);
  const named = Array.from({ length: 100 }, () => 'feature/many');
  const judge = { ...ports.judge, compare: async () => named };
  expect((await sequence({ ...ports, store, judge }, named))?.size).toBe(waiting);
  expect((await ports.store.head('log'))?.version).toBe(2);
  expect(read.commits).toBeLessThan(2.5 * waiting);
  expect(read.calls).toBeLessThan(60);
});

test('once a checkpoint is full none of the other streams that are named or held is read', async () => {
  const ports = bench();
  await ports.write('observation/many', ENTRIES_MAX + 1);
  const { store, read } = counting(ports.store);
  const others = Array.from({ length: 100 }, (_, n) => `observation/${n}`);
  const held = [{ stream: 'observation/held', version: 1, problem: 'may not stand' }];
  const nudged = ['observation/many', ...others];
  expect(await collectPending({ ...ports, store }, { nudged, held, resumed: [] })).toMatchObject({ isFull: true });
  expect(read.calls).toBeLessThan(10);
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

test.each([{ nudged: [] }, { nudged: ['feature/a'] }])(
  'of a stream with a commit that cannot be read those before it enter, and all others; it is held, with the reason: %o',
  async ({ nudged }) => {
    const ports = bench();
    for (const stream of ['feature/a', 'feature/b']) await ports.write(stream, 3);
    const row = { stream: 'feature/a', version: 2, problem: 'the MAC is not valid' };
    const isRow = ({ stream, version }: StoredCommit) => stream === row.stream && version === row.version;
    const store: Store = {
      ...ports.store,
      history: async (...asked) => {
        const found = await ports.store.history(...asked);
        if (found.some(isRow)) throw new CorruptStore(row.problem);
        return found;
      },
      feed: async (cursor, limit, unreadable) => {
        const { items, ...page } = await ports.store.feed(cursor, limit);
        if (items.some(isRow)) unreadable?.(row);
        return { ...page, items: items.filter((each) => !isRow(each)) };
      },
    };
    expect((await sequence({ ...ports, store }, nudged))?.size).toBe(4);
    expect(await heldStreams(ports.sideStore)).toMatchObject([row]);
    expect(ports.logged).toEqual([{ level: 'error', event: 'stream is kept out of the public log', ...row }]);
    // What comes first is held, by which all that follows is.
    const first = { stream: 'feature/a', version: 1, problem: 'may not stand' };
    const refused: Bench['judge']['judge'] = () => ({ commits: [], refused: [first], stopped: [] });
    await sequence({ ...ports, store, judge: { ...ports.judge, judge: refused } }, nudged);
    expect(await heldStreams(ports.sideStore)).toMatchObject([first]);
  },
);
