import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { LOG_STREAM } from '../../../../domain/log/events.ts';
import { logbookStream } from '../../../../domain/log/logbookState.ts';
import { announceKey, freeze, freezeLog } from '../../../../functions/log/sequencer/logbook.ts';
import { heldStreams, readLogIndex } from '../../../../functions/log/sequencer/logIndex.ts';
import { ENTRIES_MAX } from '../../../../functions/log/sequencer/pending.ts';
import type { SequencerPorts } from '../../../../functions/log/sequencer/ports.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { logSigner } from '../../../../functions/log/sequencer/signer.ts';
import type { Store } from '../../../../functions/platform/store/port.ts';
import { type Bench, bench, ORIGIN } from './ports.ts';

const SUCCESSOR = { origin: 'next.example/log', key: 'next.example/log+1+AAAA' };
const END = logbookStream(ORIGIN);
const MINUTE = { endAfterMs: 60_000 };

const indexOf = async ({ sideStore }: Bench, stream: string, version = 1) =>
  (await readLogIndex(sideStore, stream, version))?.index;
const end = (ports: SequencerPorts) => freezeLog(ports, ports.signer.key, SUCCESSOR);

test('commits written beside the end enter before it, in whatever order the store has them', async () => {
  const ports = bench();
  await ports.write('feature/a');
  await end(ports);
  await ports.write('feature/b', 2);
  expect((await sequence(ports))?.size).toBe(4);
  expect(await Promise.all([indexOf(ports, 'feature/b', 2), indexOf(ports, END)])).toEqual([2, 3]);
});

test('the end waits for those who had not heard of it, and is found again', async () => {
  const ports = bench();
  const at = ports.clock();
  expect(await freeze({ ...ports, ...MINUTE }, SUCCESSOR)).toEqual({ ok: true, end: { at, size: 0, successor: SUCCESSOR } });
  await ports.write('feature/late');
  expect((await sequence({ ...ports, ...MINUTE }))?.size).toBe(1);
  expect(await indexOf(ports, END)).toBeUndefined();
  const later = { ...ports, ...MINUTE, clock: () => new Date(Date.parse(at) + MINUTE.endAfterMs).toISOString() };
  expect((await sequence(later))?.size).toBe(2);
  expect(await indexOf(ports, END)).toBe(1);
});

test('more than one checkpoint’s fill still comes before the end', async () => {
  const ports = bench();
  await end(ports);
  await ports.write('feature/many', ENTRIES_MAX + 5);
  await sequence(ports);
  expect(await indexOf(ports, END)).toBe(ENTRIES_MAX + 5);
});

test('a commit written after the end is logged and stays outside', async () => {
  const ports = bench();
  await end(ports);
  await sequence(ports);
  await ports.write('feature/late', 3);
  expect((await sequence(ports))?.size).toBe(1);
  expect(ports.logged).toContainEqual({ level: 'error', event: 'commits after the end of the log stay outside', commits: 3 });
  expect((await ports.store.head(LOG_STREAM))?.version).toBe(1);
});

test('a log that ended ends again for the same successor only', async () => {
  const ports = bench();
  await freeze(ports, SUCCESSOR);
  const again = await freeze(ports, SUCCESSOR);
  expect(again).toMatchObject({ ok: true, end: { size: 1, successor: SUCCESSOR } });
  const other = await freeze(ports, { ...SUCCESSOR, origin: 'other.example/log' });
  expect(other).toEqual({ ok: false, detail: expect.stringContaining('it goes on at next.example/log') });
});

test('the continuation of a log is its first entry, whatever was in the store before', async () => {
  const ports = bench();
  await ports.write('feature/many', ENTRIES_MAX + 5);
  const { privateKey } = generateKeyPairSync('ed25519');
  const next = logSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), ORIGIN);
  await announceKey(ports, { by: ports.signer, next, until: '2026-04-01T00:00:00.000Z' });
  await sequence(ports);
  expect(await Promise.all([indexOf(ports, END), indexOf(ports, 'feature/many')])).toEqual([0, 1]);
  expect(await indexOf(ports, 'feature/many', ENTRIES_MAX + 5)).toBe(ENTRIES_MAX + 5);
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
      return { commits, held: isHeld ? [{ stream: 'feature/many', version: 1, problem: 'may not stand' }] : [] };
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
