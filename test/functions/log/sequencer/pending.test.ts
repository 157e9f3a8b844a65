import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashOf } from '../../../../domain/kernel/commit.ts';
import { collectPending, type Pending } from '../../../../functions/log/sequencer/pending.ts';
import type { SequencerPorts } from '../../../../functions/log/sequencer/ports.ts';
import { CorruptStore } from '../../../../functions/platform/store/errors.ts';
import type { Store, StoredCommit } from '../../../../functions/platform/store/port.ts';
import { commitOf } from '../../../../functions/platform/store/record.ts';
import { must } from '../../../contract/underTest.ts';
import { nextCommit } from './ports.ts';
import '../../../support/propertySeed.ts';

const DIGEST = 'd'.repeat(64);
const DOCUMENT = `document/${DIGEST}`;
const FEATURE = 'feature/acme.lpr';
const VENDOR = 'vendor/acme';
const [REDACTION, OBSERVATION] = [`redaction/${DIGEST}`, 'observation/acme/check'];
const STREAMS = ['settings', 'roster', 'policy', 'revocation', VENDOR, FEATURE, DOCUMENT, REDACTION, OBSERVATION, 'log'] as const;

/** What the commits of a stream rest on. */
const RESTS_ON: Readonly<Record<string, readonly string[]>> = {
  roster: ['settings'],
  revocation: ['settings', 'roster'],
  policy: ['settings', 'roster'],
  [FEATURE]: ['settings', 'roster', 'policy', 'revocation', VENDOR, DOCUMENT],
  [REDACTION]: [FEATURE],
};
const EVENTS: Readonly<Record<string, { readonly type: string } & Readonly<Record<string, string>>>> = {
  [FEATURE]: { type: 'DocumentAttached', sha256: `sha256:${DIGEST}` },
  [REDACTION]: { type: 'TextWithheld', stream: FEATURE },
};

/** One stream: its commits, how many are in the log already and how many not yet in the feed, and what is wrong with one. */
const oneOf = (stream: string) =>
  fc.record({
    stream: fc.constant(stream),
    count: fc.nat(5),
    logged: fc.nat(3),
    unseen: fc.constantFrom(0, 0, 1, 5),
    fault: fc.constantFrom('none', 'none', 'unreadable', 'missing', 'not chained'),
    at: fc.integer({ min: 1, max: 5 }),
    isNudged: fc.boolean(),
    held: stream === 'log' ? fc.constant('no') : fc.constantFrom('no', 'no', 'no', 'held', 'resumed'),
    // A commit of the log may not stand: nothing follows it.
    isStopped: fc.constantFrom(false, false, false, true),
  });
type Drawn = ReturnType<typeof oneOf> extends fc.Arbitrary<infer One> ? One : never;

const storedOf = (drawn: Drawn) => {
  const { stream, count, at, logged, isStopped } = drawn;
  const events = [EVENTS[stream] ?? { type: 'Tested' }];
  const rows: StoredCommit[] = [];
  for (let version = 1; version <= count; version += 1) rows.push(nextCommit(stream, rows.at(-1), events));
  const ends = Math.min(logged, count);
  const fault = at > ends && at <= count && (at > 1 || drawn.fault !== 'not chained') ? drawn.fault : 'none';
  const end = isStopped ? Number.POSITIVE_INFINITY : ends;
  const last = rows[ends - 1];
  const ofAnother = () => nextCommit(stream, nextCommit(stream, rows[at - 3]), events);
  const stored = rows.flatMap((row) => {
    if (row.version !== at || fault === 'none' || fault === 'unreadable') return [row];
    return fault === 'missing' ? [] : [ofAnother()];
  });
  return { ...drawn, fault, end, hash: last === undefined ? null : hashOf(last.bytes), stored };
};
type Stored = ReturnType<typeof storedOf>;

const isUnreadable = ({ fault, at }: Stored, version: number) => fault === 'unreadable' && version === at;
const inFeed = ({ stored, count, unseen }: Stored) => stored.filter(({ version }) => version <= count - unseen);
const headOf = ({ stored }: Stored) => stored.at(-1)?.version ?? 0;
const isHeadReadable = (one: Stored) => headOf(one) > 0 && !isUnreadable(one, headOf(one));

/** Each stream in its order, mixed with the others. */
const mixed = (streams: readonly Stored[], turns: readonly number[]): readonly StoredCommit[] => {
  const queues = streams.map((one) => [...inFeed(one)]);
  const feed: StoredCommit[] = [];
  for (let turn = 0; ; turn += 1) {
    const waiting = queues.filter(({ length }) => length > 0);
    if (waiting.length === 0) return feed;
    feed.push(must(must(waiting[must(turns[turn % turns.length]) % waiting.length]).shift()));
  }
};

const PAGE = 4;

const storeOf = (streams: readonly Stored[], feed: readonly StoredCommit[]): Pick<Store, 'head' | 'history' | 'feed'> => {
  const by = new Map(streams.map((one) => [one.stream, one]));
  const isBad = ({ stream, version }: StoredCommit) => isUnreadable(must(by.get(stream)), version);
  const readable = (rows: readonly StoredCommit[]) => {
    if (rows.some(isBad)) throw new CorruptStore('altered');
    return rows;
  };
  const stored = (stream: string) => by.get(stream)?.stored ?? [];
  return {
    head: async (stream) => readable(stored(stream).slice(-1))[0],
    history: async (stream, { after = 0, upTo = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY }) =>
      readable(
        stored(stream)
          .filter(({ version }) => version > after && version <= upTo)
          .slice(0, limit),
      ),
    feed: async (cursor, _, unreadable) => {
      const from = Number(cursor ?? 0);
      const page = feed.slice(from, from + PAGE);
      for (const { stream, version } of page.filter(isBad)) unreadable?.({ stream, version, problem: 'altered' });
      const next = from + page.length;
      return { items: page.filter((each) => !isBad(each)), next: String(next), done: next >= feed.length };
    },
  };
};

const collected = (streams: readonly Stored[], feed: readonly StoredCommit[]) => {
  const endOf = (stream: string) => {
    const { end, hash } = streams.find((one) => one.stream === stream) ?? { end: 0, hash: null };
    return { version: end, hash };
  };
  const ports = {
    store: storeOf(streams, feed),
    sideStore: { get: async () => undefined },
    judge: { endOf },
    logger: () => undefined,
  } as unknown as SequencerPorts;
  const names = (chosen: (one: Stored) => boolean) => streams.filter(chosen).map(({ stream }) => stream);
  const held = streams
    .filter((one) => one.held !== 'no')
    .map(({ stream, end }) => ({ stream, version: end + 1, problem: 'before' }));
  const sources = { nudged: names((one) => one.isNudged), held, resumed: names((one) => one.held === 'resumed') };
  return collectPending(ports, sources);
};

interface Outcome {
  readonly one: Stored;
  /** The last version that is in the log or taken. */
  readonly upTo: number;
  /** The last version up to which nothing is wrong. */
  readonly good: number;
  readonly heldAt: number | undefined;
}

const outcomesOf = (streams: readonly Stored[], { commits, held }: Pending): readonly Outcome[] =>
  streams.map((one) => {
    const taken = commits.filter(({ stream }) => stream === one.stream);
    const good = one.fault === 'none' ? one.count : one.at - 1;
    const heldAt = held.find(({ stream }) => stream === one.stream)?.version;
    return { one, upTo: taken.at(-1)?.version ?? one.end, good, heldAt };
  });

const checkChain = (streams: readonly Stored[], { commits }: Pending) => {
  const ends = new Map(streams.map(({ stream, end, hash }) => [stream, { version: end, hash }]));
  for (const commit of commits) {
    const end = must(ends.get(commit.stream));
    expect(commit.stream).not.toBe('log');
    expect([commit.version, commitOf(commit).prev]).toEqual([end.version + 1, end.hash]);
    ends.set(commit.stream, { version: commit.version, hash: hashOf(commit.bytes) });
  }
};

/** What the commits rest on that are taken comes first, all that the store has of it. */
const checkOrder = (outcomes: readonly Outcome[], { commits }: Pending) => {
  const places = commits.map(({ stream }) => stream);
  for (const { one, good, upTo } of outcomes.filter((each) => each.one.held !== 'held' && isHeadReadable(each.one))) {
    const above = places.findIndex((stream) => (RESTS_ON[stream] ?? []).includes(one.stream));
    if (above === -1) continue;
    expect(upTo).toBe(Math.max(one.end, good));
    expect(places.lastIndexOf(one.stream)).toBeLessThan(above);
  }
};

const checkTaken = ({ one, upTo, good, heldAt }: Outcome) => {
  const head = headOf(one);
  const next = one.stored.find(({ version }) => version > one.end)?.version;
  if (one.stream === 'log' || one.isStopped) expect([upTo, heldAt]).toEqual([one.end, undefined]);
  else if (one.held === 'held') {
    const mayEnter = next !== undefined && good > one.end;
    expect(upTo).toBe(mayEnter ? one.end + 1 : one.end);
    expect(heldAt).toBe(next === undefined || mayEnter ? undefined : one.end + 1);
  } else {
    const isAsked = (one.isNudged || one.held === 'resumed') && isHeadReadable(one);
    const shown = inFeed(one).at(-1)?.version ?? 0;
    const known = Math.max(shown, isAsked ? head : 0);
    expect(upTo).toBeGreaterThanOrEqual(Math.min(good, known));
    if (known > upTo) expect(heldAt).toBe(upTo + 1);
    if (heldAt !== undefined) expect([heldAt, head > upTo]).toEqual([upTo + 1, true]);
  }
};

const checkHeld = (outcomes: readonly Outcome[], { released, resumed }: Pending) => {
  const open = outcomes.filter(({ one, heldAt }) => one.held !== 'no' && heldAt === undefined);
  const names = (chosen: readonly Outcome[]) => chosen.map(({ one }) => one.stream).sort();
  const isWhole = ({ one, upTo }: Outcome) => headOf(one) === 0 || (isHeadReadable(one) && headOf(one) <= upTo);
  expect(released.toSorted()).toEqual(names(open.filter(isWhole)));
  expect(resumed.toSorted()).toEqual(names(open.filter((each) => !isWhole(each) && each.upTo > each.one.end)));
};

test('of every stream what may enter the log is taken in its order, after what it rests on, and what may not is held', () => {
  const turns = fc.array(fc.nat(20), { minLength: 30, maxLength: 30 });
  return fc.assert(
    fc.asyncProperty(fc.tuple(...STREAMS.map(oneOf)), turns, async (drawn, order) => {
      const streams = drawn.map(storedOf);
      const feed = mixed(streams, order);
      const pending = await collected(streams, feed);
      const outcomes = outcomesOf(streams, pending);
      checkChain(streams, pending);
      checkOrder(outcomes, pending);
      for (const outcome of outcomes) checkTaken(outcome);
      checkHeld(outcomes, pending);
      expect(pending).toMatchObject({ cursor: String(feed.length), isFull: false });
    }),
    { numRuns: 300 },
  );
});
