import { expect, test } from 'vitest';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { type Commit, encodeCommit, hashOf } from '../../../../domain/kernel/commit.ts';
import { LogError } from '../../../../domain/log/encoding.ts';
import { logbookStream } from '../../../../domain/log/events.ts';
import { formatVerifierKey, type VerifierKey, verifierKey } from '../../../../domain/log/note.ts';
import { noticeDigests } from '../../../../functions/log/judging.ts';
import { WitnessList, WitnessText } from '../../../../functions/log/sequencer/witnesses.ts';
import { followHandovers, LogFault, LogLife } from '../../../../functions/log/verify/readLog.ts';
import { NamedTexts, Replay, standingAt } from '../../../../functions/log/verify/replay.ts';
import { adoption, confirmRollback, day, facts, notify, withdraw, wordsOf } from '../../../domain/feature/support.ts';
import { city, type Log } from '../../../domain/judge/log.ts';
import { commented, withhold } from '../../../domain/judge/redactionStory.ts';
import { optedOutLate, rolledBack } from '../../../domain/judge/stories.ts';
import {
  announced,
  logKey,
  ORIGIN,
  otherLogKey,
  otherWitnessKey,
  testKey,
  witnessKey,
} from '../../../domain/log/support/testLog.ts';
import { openGate } from '../../openGate.ts';

const RECEIPT = {
  type: 'NoticeReceived',
  v: 1,
  bodySha256: `sha256:${'0'.repeat(64)}`,
  feature: 'acme.search',
  after: 0,
  missingAncestors: [],
};

const commit = (version: number, before?: Commit, edit: Partial<Commit> = {}): Commit => ({
  stream: 'receipt/acme/msg_1',
  version,
  id: `id-${version}`,
  commandId: `command-${version}`,
  at: `2026-03-0${version}T12:00:00.000Z`,
  actor: 'vendor:acme',
  prev: before === undefined ? null : hashOf(encodeCommit(before)),
  events: [RECEIPT],
  ...edit,
});
const first = commit(1);
const second = commit(2, first);

const verdict = (...entries: readonly (Commit | Uint8Array)[]) => {
  const replay = new Replay();
  try {
    for (const [index, entry] of entries.entries())
      replay.take({ index, bytes: entry instanceof Uint8Array ? entry : encodeCommit(entry) });
    return `${replay.streams} streams`;
  } catch (error) {
    if (error instanceof LogFault) return error.message;
    throw error;
  }
};

test('streams whose commits follow each other are replayed', () => {
  expect(verdict(first, second, commit(1, undefined, { stream: 'receipt/acme/msg_2' }))).toBe('2 streams');
});

const GAP = 'receipt/acme/msg_1@3 leaves a gap';
test.each<[string, readonly (Commit | Uint8Array)[], string]>([
  ['begins with a gap', [second], 'entry 0: receipt/acme/msg_1@2 leaves a gap: version 1 is not before it'],
  ['has a gap', [first, commit(3, second)], `entry 1: ${GAP}`],
  ['has a commit twice', [first, first], 'entry 1: receipt/acme/msg_1@1 leaves a gap'],
  [
    'has a broken chain',
    [first, commit(2, commit(1, undefined, { actor: 'someone' }))],
    'entry 1: receipt/acme/msg_1@2 does not continue the hash chain of its stream',
  ],
  [
    'runs back in time',
    [first, commit(2, first, { at: '2026-03-01T11:59:59.999Z' })],
    'entry 1: receipt/acme/msg_1@2 is earlier',
  ],
  ['has its own commit', [first, commit(1, undefined, { stream: 'log' })], "entry 1: is one of the log's own commits"],
  ['has bytes that are no commit', [Buffer.from('{}')], 'entry 0: is not a commit'],
  ['has a commit in another form', [Buffer.from(`${Buffer.from(encodeCommit(first)).toString()} `)], 'entry 0: is not a commit'],
  [
    'has an unknown event',
    [commit(1, undefined, { events: [{ type: 'Imagined', v: 1 }] })],
    'entry 0: receipt/acme/msg_1@1 cannot be replayed',
  ],
  ['has an unknown stream', [commit(1, undefined, { stream: 'elsewhere/x' })], 'no aggregate has the stream elsewhere/x'],
])('a log that %s, truly signed, is refused with the index', (_, entries, said) => {
  expect(verdict(...entries)).toContain(said);
});

const KEY = 'acme.search';

test('a replay keeps no more changes of a long stream than the state of its feature knows', async () => {
  const gate = await openGate();
  for (let n = 0; n < 40; n += 1) await gate.withdraw((await gate.notice({ feature: KEY })).change);
  const written = await gate.store.history(`feature/${KEY}`, {});
  const replay = new Replay();
  for (const [index, { bytes }] of written.entries()) replay.take({ index, bytes });

  const known = replay.feature(KEY)?.changes.map(({ number: n }) => n) ?? [];
  const kept = Array.from({ length: 41 }, (_, n) => n).filter((n) => replay.change(KEY, n) !== undefined);
  expect(kept).toStrictEqual(known.toSorted((one, other) => one - other));
  expect(kept).toStrictEqual([37, 38, 39, 40]);
  expect(replay.change(KEY, 40)).toMatchObject({ number: 40, status: 'withdrawn', revisions: [{ revision: 1, words: 79 }] });
});

/** When a feature is on, and since when, by a log that ends before the last of these days. */
const sinceIn = ({ bytes }: Log, ...days: readonly number[]) => {
  const replay = new Replay();
  for (const [index, each] of bytes.entries()) replay.take({ index, bytes: each });
  return days.map((n) => standingAt(replay, 'acme', day(n)).since);
};
const running = (effect: number) => ({ notice: facts({ kind: 'update', optOut: 'no', effectiveAt: day(effect) }) });

test('an approval that time alone began is on since then', () => {
  const from = { terms: { from: day(30), until: null, audience: ['police'], conditions: null, maintenance: false } };
  expect(sinceIn(city().feat(notify(day(0), 1), ...adoption(1, from)), 29, 31)).toEqual([null, day(30)]);
  const meanwhile = city().feat(notify(day(0), 1, running(60)), ...adoption(1));
  meanwhile.feat(notify(day(20), 2, running(25)), ...adoption(2, {}, 25));
  expect(sinceIn(meanwhile, 37, 61)).toEqual([day(36), day(60)]);
});

test('what was off in between is on since the day on which it was no more', () => {
  expect([sinceIn(rolledBack(), 24), sinceIn(optedOutLate(), 30)]).toEqual([[day(23)], [day(29)]]);
  const overtaken = city().feat(notify(day(0), 1, running(60)), ...adoption(1), notify(day(20), 2, running(25)));
  expect(sinceIn(overtaken, 24, 26, 61)).toEqual([day(11), null, day(60)]);
  overtaken.feat(notify(day(70), 3, running(71)));
  expect(sinceIn(overtaken, 70, 72)).toEqual([day(60), null]);
  const mayor = { change: 3, digest: wordsOf(3), holder: 'mayor', body: 'mayor', seat: 'mayor' };
  overtaken.feat(
    withdraw(day(73), 3),
    confirmRollback(day(74), { change: 3, digest: wordsOf(3) }),
    confirmRollback(day(75), mayor),
  );
  expect(sinceIn(overtaken, 75)).toEqual([day(75)]);
  expect(sinceIn(city().feat(notify(day(0), 1, running(60)), ...adoption(1)), 61)).toEqual([day(11)]);
});

test('an order hides what it names at its places, and bytes that nothing names if it is about them', () => {
  const texts = new NamedTexts();
  for (const each of withhold(commented(), day(12)).commits) texts.take(each);
  const place = { key: 'acme', change: 1, revision: 1 };
  const isHidden = (...places: readonly (typeof place)[]) => texts.isHidden(digestOf('a comment'), places);
  expect([isHidden(), isHidden(place), isHidden(place, { ...place, change: 2 })]).toEqual([true, true, false]);
  expect(texts.isHidden(digestOf('another'), [])).toBe(false);
  expect(texts.count).toEqual({ commitments: 1, withheld: 1, files: 0 });
});

const [pinned, next, last, stranger] = [logKey, otherLogKey, testKey(ORIGIN, 1, 5), testKey(ORIGIN, 1, 7)].map(({ key }) => key);
if (pinned === undefined || next === undefined || last === undefined || stranger === undefined) throw new Error('no keys');
const handover = (by: typeof pinned, key: typeof pinned, until: string) => ({
  by: formatVerifierKey(by),
  key: formatVerifierKey(key),
  until,
});

test('a pinned key is followed from one handover to the next, and counted until its own ended', () => {
  const life = [handover(pinned, next, '2026-05-31T00:00:00.000Z'), handover(next, last, '2026-08-31T00:00:00.000Z')];
  expect(followHandovers(pinned, life)).toStrictEqual({ key: last, until: '2026-05-31T00:00:00.000Z' });
  expect(followHandovers(next, life)).toStrictEqual({ key: last, until: '2026-08-31T00:00:00.000Z' });
});

test.each([
  [pinned, stranger, last],
  [last, pinned, next],
])('what another key handed over leads nowhere from the pinned one', (key, by, to) => {
  expect(followHandovers(key, [handover(by, to, '2026-05-31T00:00:00.000Z')])).toStrictEqual({ key, until: undefined });
});

// What is taken from single entries of a log, and from the settings of its witnesses.

test('a handover is taken from the logbook of its log alone, and only if both keys signed it', () => {
  const at = '2026-05-01T12:00:00.000Z';
  const taken = (handover: ReturnType<typeof announced>, stream = logbookStream(ORIGIN)) => {
    const life = new LogLife(ORIGIN);
    life.take({ stream: 'feature/acme', at: '2026-05-02T00:00:00.000Z', events: [] });
    life.take({ stream, at, events: [{ type: 'LogKeyAnnounced', v: 1, ...handover }] });
    expect(life.latest).toBe('2026-05-02T00:00:00.000Z');
    return life.handovers.map(({ key }) => key);
  };
  const good = announced(logKey, otherLogKey);
  expect(taken(good)).toEqual([good.key]);
  expect(taken(good, 'feature/acme')).toEqual([]);
  expect(() => taken(announced(logKey, otherLogKey, [logKey]))).toThrow(LogError);
  expect(() => taken(announced(logKey, otherLogKey, [otherLogKey]))).toThrow(LogError);
  expect(() => taken(good, logbookStream('log.example/other'))).toThrow('of another');
  const [a, b] = [testKey('log.example/other', 1, 8), testKey('log.example/other', 1, 9)];
  expect(taken(announced(a, b), logbookStream('log.example/other'))).toEqual([]);
});

test('the messages that a commit names are those of notices, revisions and withdrawals, in the stream of a feature', () => {
  const digest = digestOf('a body');
  const types = ['ChangeNotified', 'ChangeRevised', 'ChangeWithdrawn', 'DocumentAttached', 'SignatureGiven'];
  const named = (stream: string) => noticeDigests({ stream, events: types.map((type) => ({ type, digest })) });
  expect(named('feature/acme')).toEqual([digest, digest, digest]);
  expect([...named('roster'), ...named('observation/acme/own')]).toEqual([]);
  expect(noticeDigests({ stream: 'feature/acme', events: [{ type: 'ChangeNotified', digest: 7 }] })).toEqual([]);
});

test('witnesses have an address each and a key of their own', () => {
  const of = (key: VerifierKey, url = 'https://w.example') => ({ url, vkey: formatVerifierKey(key) });
  const issues = (...list: readonly object[]) => WitnessList.safeParse(list).error?.issues.map(({ message }) => message);
  const [one, other] = [witnessKey.key, otherWitnessKey.key];
  const padded = { url: 'https://w.example//', vkey: ` ${formatVerifierKey(one)} ` };
  expect(WitnessList.parse([padded])).toEqual([{ url: 'https://w.example', key: one }]);
  expect(issues(of(one), of(other))).toBeUndefined();
  for (const again of [one, verifierKey('v.example', 4, one.publicKey), verifierKey(one.name, 4, other.publicKey)])
    expect(issues(of(one), of(again, 'https://v.example'))).toEqual(['names a witness twice']);
  expect(issues(of(logKey.key))).toEqual(['is not a witness key (type 4 or 6)']);
  expect(issues(of(one, 'ftp://w.example'))).toHaveLength(1);
  expect(WitnessText.safeParse('none').error?.issues).toMatchObject([{ message: 'is not JSON' }]);
  const many = Array.from({ length: 17 }, (_, n) => of(testKey(`w.example/${n}`, 4, n + 20).key));
  expect([issues(...many.slice(1)), issues(...many)?.length]).toEqual([undefined, 1]);
});
