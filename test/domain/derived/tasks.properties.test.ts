import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ChangeRecord, DRIFT_KINDS, type Task } from '../../../domain/derived/record.ts';
import { type TaskRecord, tasksOf, tasksOfSource } from '../../../domain/derived/tasks.ts';
import { VARIANTS } from '../../../domain/feature/evaluate.ts';
import { CHANGE_STATUSES } from '../../../domain/feature/state.ts';
import { KINDS, SOURCE_KINDS } from '../../../domain/policy/schema.ts';
import { announced, off, on, openCase, seen } from './known.ts';
import { stated } from './statement.ts';

const RUNS = Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 1_500);

/** Clocks go back in both on 25 October and 1 November, and forward in Santiago on 6 September 2026, at midnight. */
const ZONES = ['America/Denver', 'Europe/Berlin', 'America/Santiago', 'Asia/Kolkata'] as const;
const FIRST_MS = Date.parse('2026-08-20T00:00:00.000Z');
const HOUR_MS = 3_600_000;
const DAYS = 100;

/** Few enough instants that two of them are often the same. */
const between = (first: number, last: number) =>
  fc
    .tuple(fc.integer({ min: first, max: last }), fc.constantFrom(0, 4, 6, 15))
    .map(([day, hour]) => new Date(FIRST_MS + (day * 24 + hour) * HOUR_MS).toISOString());
const instant = between(0, DAYS);
const often = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 4, nil: null });
const seldom = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });

const change = fc.record<Partial<ChangeRecord>>({
  kind: fc.constantFrom(...KINDS, 'new-feature', 'update', 'update', 'data-sharing'),
  version: fc.constantFrom(null, '1', '2'),
  optOut: fc.constantFrom('yes', 'no', 'unknown'),
  optOutBy: often(instant),
  withoutAction: fc.constantFrom('on', 'off', 'unknown'),
  effectiveAt: often(instant),
  at: between(0, 19),
  status: fc.constantFrom(...CHANGE_STATUSES, 'pending', 'approved', 'approved', 'approved'),
  from: often(between(0, 60)),
  until: seldom(between(60, DAYS + 20)),
  ended: often(instant),
  maintenance: fc.constantFrom(false, false, false, false, true),
  announced: fc.constantFrom(true, true, true, false),
  optedOut: seldom(instant.map((at) => ({ at, person: 'ada', evidence: null, counts: true }))),
  withdrawn: seldom(instant),
  rolledBack: fc.boolean(),
  contested: seldom(instant),
  recordable: fc.constantFrom(true, true, true, false),
});

const someAgencies = fc.constantFrom<string[]>(['p'], ['p', 'f'], ['f']);

const report = fc
  .tuple(
    fc.boolean(),
    instant,
    fc.constantFrom(...SOURCE_KINDS),
    fc.constantFrom('1', '2', undefined),
    fc.integer({ min: 0, max: 3 }),
    fc.option(fc.tuple(someAgencies, instant)),
  )
  .map(([isOn, at, kind, version, sequence, named]) => {
    const report = seen(isOn, at, { kind, sequence, ...(version !== undefined && { version }) });
    if (!isOn || named === null) return report;
    const [agencies, observedAt] = named;
    const saidAgencies = [{ ...report, evidence: false, observedAt, until: null }];
    return { ...report, seen: { ...report.seen, agencies }, saidAgencies };
  });

const drift = fc
  .tuple(instant, fc.constantFrom(...DRIFT_KINDS), fc.constantFrom(true, false, false, false))
  .map(([at, kind, isOpen]) => openCase(at, { kind, until: isOpen ? null : at }));

const answer = fc
  .tuple(
    fc.constantFrom(...VARIANTS, ...Array.from({ length: 15 }, () => ['enabled', 'audience'] as const).flat()),
    fc.constantFrom(1, 2, 3, null),
    someAgencies,
  )
  .map(([variant, n, onFor]) =>
    variant === 'audience'
      ? on({ variant, change: n, onFor })
      : variant === 'enabled'
        ? on({ change: n })
        : off(variant, { change: n }),
  );

const history = fc
  .record({
    key: fc.constantFrom('acme', 'acme.lpr', 'acme.lpr.search', 'acme.lpr.search', 'acme.share', 'aldergate.policy'),
    answer: fc.option(answer, { freq: 9, nil: null }),
    offSince: fc.option(instant, { freq: 2, nil: null }),
    changes: fc.array(change, { maxLength: 3 }).map((list) => list.map((over, index) => announced({ ...over, n: index + 1 }))),
    reports: fc.array(report, { maxLength: 2 }),
    cases: fc.array(drift, { maxLength: 2 }),
    allowed: fc.array(fc.tuple(answer, instant), { maxLength: 3 }),
  })
  .map(({ offSince, allowed, answer: now, ...record }) => ({
    ...record,
    answer: now,
    offSince: now?.onFor === 'none' ? offSince : null,
    allowed: [...allowed, ...(now === null ? [] : ([[now, '2026-10-01T00:00:00.000Z']] as const))]
      .map(([each, since]) => ({ ...each, since }))
      .toSorted((a, b) => Date.parse(a.since) - Date.parse(b.since)),
  }));

const surroundings = fc.record({
  zone: fc.constantFrom(...ZONES),
  lostAncestor: fc.constantFrom(null, 'acme'),
  below: fc.constantFrom(0, 0, 3),
});

const lines = (tasks: readonly Task[]): readonly string[] =>
  tasks
    .map(({ kind, because, change: of, since, by, urgent }) =>
      [kind, because, of?.split('/')[1] ?? '-', since, by ?? '-', urgent].join(' '),
    )
    .sort();

test('the table of tasks is the same as its second statement', () => {
  const rows = new Map<string, number>();
  fc.assert(
    fc.property(history, surroundings, between(20, DAYS), (record, around, now) => {
      const found = lines(tasksOf(record, { ...around, now }).tasks);
      expect(found).toEqual(stated(record, { ...around, now }));
      for (const line of found) {
        const row = line.split(' ').slice(0, 2).join(' ');
        rows.set(row, (rows.get(row) ?? 0) + 1);
      }
    }),
    { numRuns: RUNS },
  );
  expect([...rows.values()].every((times) => times >= 2)).toBe(true);
  expect([...rows.keys()].sort()).toEqual([
    'look opted-out',
    'look removed',
    'look slow-roll-out',
    'look takes-effect',
    'look took-effect',
    'look withdrawn-late',
    'opt-out announced',
    'opt-out not-stated',
    'switch-off cannot-opt-out',
    'switch-off ended',
    'switch-off ends',
    'switch-off for-fewer',
    'switch-off never-announced',
    'switch-off outdated',
    'switch-off removed',
    'switch-off revoked',
    'switch-off seen-on',
    'switch-off seen-on-for-others',
    'switch-off seen-other-version',
    'switch-on approved',
  ]);
});

test('what a vendor reports ends no task', () => {
  let opened = 0;
  fc.assert(
    fc.property(history, report, surroundings, between(20, DAYS), (record, said, around, now) => {
      const at = (reports: typeof record.reports) => lines(tasksOf({ ...record, reports }, { ...around, now }).tasks);
      const [before, after] = [at(record.reports), at([...record.reports, { ...said, kind: 'vendor' }])];
      expect(after).toEqual(expect.arrayContaining([...before]));
      if (after.length > before.length) opened += 1;
    }),
    { numRuns: RUNS },
  );
  expect(opened).toBeGreaterThan(5);
});

/** Every half hour of the time that histories span, and of the month and a half beside. */
const asked = Array.from({ length: (DAYS + 45) * 24 * 2 }, (_, half) => new Date(FIRST_MS + (half * HOUR_MS) / 2).toISOString());

test('the next instant at which time changes a task is the first of all at which it does', () => {
  fc.assert(
    fc.property(history, surroundings, (record: TaskRecord, around) => {
      const at = (now: string) => JSON.stringify(tasksOf(record, { ...around, now }).tasks);
      let [now, known] = [asked[0] ?? '', at(asked[0] ?? '')];
      const changes: string[] = [];
      for (const each of asked) {
        const found = at(each);
        if (found !== known) changes.push(each);
        known = found;
      }
      const foretold: string[] = [];
      for (;;) {
        const { next } = tasksOf(record, { ...around, now });
        if (next === null || next > (asked.at(-1) ?? '')) break;
        foretold.push(next);
        now = next;
      }
      expect(foretold).toEqual(changes);
    }),
    { numRuns: Math.ceil(RUNS / 150) },
  );
});

test('for a source: when it falls silent, and when that is overdue', () => {
  const source = { vendor: 'acme', source: 'round', silentFrom: '2026-10-02T15:00:00.000Z' };
  const zone = 'America/Denver';
  const next = (now: string) => tasksOfSource(source, { now, zone }).next;
  expect(next('2026-09-01T00:00:00.000Z')).toBe(source.silentFrom);
  expect(next(source.silentFrom)).toBe('2026-10-03T06:00:00.000Z');
  expect(next('2026-10-03T06:00:00.000Z')).toBeNull();
  expect(tasksOfSource(source, { now: '2026-10-03T06:00:00.000Z', zone }).tasks).toMatchObject([{ urgent: true }]);
});
