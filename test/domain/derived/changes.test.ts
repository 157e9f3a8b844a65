import { expect, test } from 'vitest';
import { announcedIn, changesAfter, changesAt, NONE_ANNOUNCED } from '../../../domain/derived/changes.ts';
import type { ChangeRecord, KnownOptOut, Report } from '../../../domain/derived/record.ts';
import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { adoption, certify, day, facts, notify, rollOf, tick, withdraw } from '../feature/support.ts';
import { city } from '../judge/log.ts';
import { announced, at, minuteAfter, minuteBefore, seen } from './known.ts';

const DAY = at('06-01');
const optedOut = (counts: boolean): KnownOptOut => ({ at: at('05-02'), person: 'it', evidence: null, counts });
const counted = (changes: readonly ChangeRecord[], now: string, reports: readonly Report[] = []) =>
  announcedIn({ changes: [...changes], reports: [...reports], at: now });

test('changes that the vendor announced are counted, by what was recorded of their opt-out', () => {
  const changes = [
    announced({ n: 1 }),
    announced({ n: 2, kind: 'update', optedOut: optedOut(true) }),
    announced({ n: 3, kind: 'data-sharing', optedOut: optedOut(false) }),
  ];
  expect(counted(changes, minuteBefore(DAY))).toStrictEqual({ announced: 3, optedOut: 1, late: 1, neverLooked: 0 });
  expect(counted([], DAY)).toStrictEqual(NONE_ANNOUNCED);
});

test.each<[string, Partial<ChangeRecord>]>([
  ['an entry of the inventory', { announced: false }],
  ['maintenance', { maintenance: true }],
  ['a contract', { kind: 'contract' }],
  ['terms', { kind: 'terms' }],
  ['a removal', { kind: 'removal' }],
])('%s is none of them', (_name, over) => {
  expect(counted([announced({ ...over, optedOut: optedOut(true) })], minuteAfter(DAY))).toStrictEqual(NONE_ANNOUNCED);
});

test.each<[string, number, Partial<ChangeRecord>, readonly Report[]]>([
  ['no report', 1, {}, []],
  ['a look before its day', 1, {}, [seen(false, minuteBefore(DAY))]],
  ['a look on its day', 0, {}, [seen(true, DAY)]],
  ['a look after it, of an audit', 0, {}, [seen(false, minuteBefore(DAY)), seen(false, minuteAfter(DAY), { kind: 'audit' })]],
  ['a report of the vendor', 1, {}, [seen(false, minuteAfter(DAY), { kind: 'vendor' })]],
  ['no day', 0, { effectiveAt: null }, []],
  ['a withdrawal before its day', 0, { withdrawn: minuteBefore(DAY) }, []],
  ['a withdrawal after it', 1, { withdrawn: minuteAfter(DAY) }, []],
])('with %s: never looked at %i', (_name, neverLooked, over, reports) => {
  expect(counted([announced(over)], DAY, reports)).toStrictEqual({ announced: 1, optedOut: 0, late: 0, neverLooked });
});

test('what two persons confirmed counts, and not what one did', () => {
  const confirmed = (of: 'rollback' | 'opt-out', complete: boolean) =>
    changesAfter([announced({ optedOut: optedOut(false) })], {
      type: 'RollbackConfirmed',
      change: 1,
      of,
      complete,
    } as FeatureEvent);
  expect(confirmed('rollback', true)).toMatchObject([{ rolledBack: true, optedOut: { counts: false } }]);
  expect(confirmed('opt-out', true)).toMatchObject([{ rolledBack: false, optedOut: { counts: true } }]);
  expect(confirmed('opt-out', false)).toMatchObject([{ rolledBack: false, optedOut: { counts: false } }]);
});

const after = (...acts: readonly FeatureCommand[]): readonly ChangeRecord[] => {
  const log = city();
  return acts.reduce<readonly ChangeRecord[]>((changes, act) => {
    const events = log.feat(act).last.events as unknown as readonly FeatureEvent[];
    return changesAt(events.reduce(changesAfter, changes), log.feature(), act.at);
  }, []);
};

test('an approval that waits for the day of its words begins when the one before it ends, at the latest', () => {
  const later = notify(day(12), 2, { notice: facts({ effectiveAt: day(60) }) });
  const until = (end: number) => ({ terms: { ...NO_TERMS, until: day(end) } });
  const acts = [notify(day(0), 1), ...adoption(1, until(30)), later, ...adoption(2, until(80), 12)];
  const spans = (...more: readonly FeatureCommand[]) =>
    after(...acts, ...more).map(({ status, from, until: end, ended }) => [status, from, end, ended]);
  expect(spans()).toEqual([
    ['approved', day(11), day(30), null],
    ['approved', day(30), day(80), null],
  ]);
  expect(spans(tick(day(30)), tick(day(80)))).toEqual([
    ['expired', day(11), day(30), day(30)],
    ['expired', day(30), day(80), day(80)],
  ]);
});

test.each([true, false])('of what is over 24 are kept, and 24 of what was withdrawn: the first is refused: %s', (isRefused) => {
  const over = Array.from({ length: 27 }, (_, n) => [
    notify(day(10 * n), n + 1),
    (n === 0) === isRefused ? certify(day(10 * n + 8), n + 1, { votes: rollOf(2, 9) }) : withdraw(day(10 * n), n + 1),
  ]);
  expect(after(...over.flat()).map(({ n }) => n)).toEqual([1, ...Array.from({ length: 24 }, (_, n) => n + 4)]);
});
