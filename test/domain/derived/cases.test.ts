import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSameAnswer } from '../../../domain/derived/answer.ts';
import {
  allowedAfter,
  closersOf,
  daySpans,
  daysOf,
  driftKindOf,
  type Judging,
  type ReportedKey,
  rejudged,
  type Standing,
  toSeen,
  withReport,
} from '../../../domain/derived/cases.ts';
import type { KeyAnswer, Report, SourceRecord } from '../../../domain/derived/record.ts';
import { neverReported, observedOf, sourceAt } from '../../../domain/derived/sources.ts';
import { type FeatureCommand, featureDecider } from '../../../domain/feature/decide.ts';
import { evaluate, headWith, mayBeOn, VARIANTS, type Variant } from '../../../domain/feature/evaluate.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import type { ObservedValue } from '../../../domain/observation/events.ts';
import { adoption, day, facts, notify, revoke } from '../feature/support.ts';
import { city } from '../judge/log.ts';
import { casesOf, type OracleAnswer, type OracleReport, type OracleStep } from './casesOracle.ts';
import { on } from './known.ts';

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();

const answerOf = ({ onFor, version, removed, announced }: OracleAnswer, since: string): KeyAnswer => ({
  onFor: typeof onFor === 'string' ? onFor : [...onFor],
  variant: onFor === 'all' ? 'enabled' : onFor !== 'none' ? 'audience' : removed ? 'removed' : announced ? 'pending' : 'unknown',
  because: '',
  change: announced ? 1 : null,
  version,
  since,
});

const NEVER: OracleAnswer = { onFor: 'none', version: null, removed: false, announced: false };

const folded = (steps: readonly OracleStep[]) => {
  let answer = answerOf(NEVER, at(0));
  let record: Standing = { reports: [], cases: [], allowed: [...allowedAfter([], answer)] };
  for (const [sequence, step] of steps.entries()) {
    const judging: Judging = { at: step.at, sequence, answerAt: () => answer };
    if ('answer' in step) {
      answer = answerOf(step.answer, step.at);
      record = { ...record, allowed: [...allowedAfter(record.allowed, answer)] };
      record = { ...record, ...rejudged(record, judging) };
    } else {
      const { hasEvidence, on, agencies, version, ...report } = step.report;
      const reported: ReportedKey = {
        ...report,
        attested: false,
        seen: { on, agencies: agencies === null ? null : [...agencies], version },
        evidence: hasEvidence ? { sha256: '0'.repeat(64), title: 'Shown' } : null,
        note: null,
      };
      record = { ...record, ...withReport(record, judging, reported) };
    }
  }
  return record;
};

const SOURCES = [
  { source: 'vendor', kind: 'vendor', named: true },
  { source: 'it', kind: 'city', named: true },
  { source: 'police', kind: 'city', named: true },
  { source: 'anybody', kind: 'city', named: false },
  { source: 'audit', kind: 'audit', named: true },
  { source: 'auditor', kind: 'audit', named: true },
] as const;

const seen = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ on: false, agencies: null, version: null }) },
  fc.record({
    on: fc.constant(true),
    agencies: fc.constantFrom<OracleReport['agencies']>(null, null, ['A'], ['A', 'X']),
    version: fc.constantFrom<string | null>(null, null, '1', '2'),
  }),
);

const answers = fc.constantFrom<OracleAnswer>(
  { onFor: 'none', version: null, removed: false, announced: true },
  { onFor: 'none', version: null, removed: true, announced: true },
  { onFor: 'all', version: '1', removed: false, announced: true },
  { onFor: 'all', version: '2', removed: false, announced: true },
  { onFor: ['A'], version: '1', removed: false, announced: true },
  { onFor: ['A', 'X'], version: '1', removed: false, announced: true },
);

/** The hour after the step before, and for a report how many hours ago the source looked. */
const anyStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      after: fc.nat(3),
      ago: fc.constantFrom(0, 0, 0, 1, 2, 5, 9),
      by: fc.constantFrom(...SOURCES),
      person: fc.constantFrom(null, 'ann', 'bob'),
      hasEvidence: fc.boolean(),
      seen,
    }),
  },
  { weight: 1, arbitrary: fc.record({ after: fc.nat(3), answer: answers }) },
);

const history = fc.array(anyStep, { maxLength: 16 }).map((steps) => {
  let hour = 10;
  return steps.map((each): OracleStep => {
    hour += each.after;
    if ('answer' in each) return { at: at(hour), answer: each.answer };
    const { ago, by, person, hasEvidence, seen: value } = each;
    return { at: at(hour), report: { ...by, person, hasEvidence, observedAt: at(hour - ago), ...value } };
  });
});

const days = (cases: readonly { readonly since: string; readonly until: string | null }[]) =>
  cases.map(({ since, until }) => `${since} ${until ?? 'open'}`).sort();

test('the cases are those that a second statement of the rule gives, with their days', () => {
  fc.assert(
    fc.property(history, (steps) => {
      const { cases } = folded(steps);
      expect(days(cases)).toEqual(days(casesOf(steps)));
      // The page shows the newest first, above all what is open.
      expect(cases.slice(0, -1).every(({ until }) => until !== null)).toBe(true);
    }),
    { numRuns: 1_500 },
  );
});

type Said = Partial<OracleReport>;
type Look = readonly [by: number, seenAt: number, said: boolean | Said, heardAt?: number | undefined];

const looks = (...all: readonly Look[]): readonly OracleStep[] =>
  all.map(([by, seenAt, said, heardAt = seenAt]) => {
    const bare = { person: null, hasEvidence: true, on: said === true, agencies: null, version: null, observedAt: at(seenAt) };
    return { at: at(heardAt), report: { ...bare, ...SOURCES[by as 0], ...(typeof said === 'object' && said) } };
  });
const [IT, POLICE, AUDIT] = [1, 2, 4];
const it = (seenAt: number, said: boolean | Said, heardAt?: number): Look => [IT, seenAt, said, heardAt];
const police = (seenAt: number, said: boolean | Said, heardAt?: number): Look => [POLICE, seenAt, said, heardAt];

const [annOff, bobOff]: readonly [Said, Said] = [{ person: 'ann' }, { person: 'bob', hasEvidence: false }];
const [ann, bob] = [annOff, bobOff].map((off): Said => ({ ...off, on: true, agencies: ['A'], version: '1' })) as [Said, Said];
const ALLOWS_A: OracleStep = { at: at(0), answer: { onFor: ['A'], version: '1', removed: false, announced: true } };
const BEYOND = { on: true, agencies: ['A', 'X'], version: '2' };

test.each<[string, string, readonly Look[]]>([
  ['two persons who say the same', at(3), [it(2, ann), it(3, bob)]],
  ['one person twice', 'open', [it(2, ann), it(3, ann)]],
  ['two persons without evidence', 'open', [it(2, { ...ann, hasEvidence: false }), it(3, bob)]],
  ['a second person who says other agencies', 'open', [it(2, ann), it(3, { ...bob, agencies: ['X'] })]],
  ['a second person who says a part alone', 'open', [it(2, ann), it(3, { ...bob, agencies: null })]],
  ['an off that its source took back is none of two', 'open', [it(2, annOff), it(3, true), police(4, bobOff)]],
  ['two that had agreed stay so', at(3), [it(2, annOff), police(3, bobOff), it(4, true), it(5, false)]],
  ['one heard late, once the other took it back', at(3), [it(2, annOff), it(4, true), it(5, false), police(3, bobOff, 6)]],
  ['an off heard late to be taken back', 'open', [it(2, annOff), it(4, false), it(3, true, 5), police(6, bobOff)]],
  ['the second is heard first, until the second looked', at(3), [police(3, bobOff), it(2, annOff, 6)]],
])('what an audit saw beyond an approval is closed by the city as its persons agree: %s', (_, until, said) => {
  const steps = [ALLOWS_A, ...looks([AUDIT, 1, BEYOND], ...said)];
  expect(days(folded(steps).cases)).toContain(`${at(1)} ${until}`);
  expect(days(casesOf(steps))).toContain(`${at(1)} ${until}`);
});

test('what a source said before another looked closes nothing that this one saw', () => {
  const steps = looks([AUDIT, 1, { on: true, version: '1' }], it(2, BEYOND), [AUDIT, 3, { on: true, agencies: ['A'] }]);
  expect(days(folded([ALLOWS_A, ...steps]).cases)).toStrictEqual([`${at(2)} open`]);
});

test('is over once others denied each part', () => {
  const steps = looks(it(1, BEYOND), police(2, { on: true, agencies: ['A'] }), [AUDIT, 3, { on: true, version: '1' }]);
  expect(days(folded([ALLOWS_A, ...steps]).cases)).toStrictEqual([`${at(1)} ${at(3)}`]);
});

test('whether it is open does not depend on the order in which the reports of a source are heard', () => {
  const anyLook = fc.tuple(
    fc.constantFrom<number>(IT, POLICE),
    fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 3 }),
    fc.array(seen, { minLength: 3, maxLength: 3 }),
  );
  const inOrder = (one: Look, other: Look) => one[1] - other[1];
  fc.assert(
    fc.property(anyLook, ([by, hours, said]) => {
      const all = hours.map((hour, index): Look => [by, hour, said[index] ?? false, 10]);
      const openIn = (some: readonly Look[]) => folded([ALLOWS_A, ...looks(...some)]).cases.some(({ until }) => until === null);
      expect(openIn(all)).toBe(openIn(all.toSorted(inOrder)));
    }),
  );
});

test('a case began when the first who saw it looked, whoever is heard first', () => {
  for (const first of [IT, AUDIT]) {
    const { cases } = folded(looks([IT, 5, true], [first, 2, true, 6]));
    expect(cases).toMatchObject([{ since: at(2), until: null, openedAt: at(5) }]);
  }
});

test('a report that comes late is over when its source next looked and saw it off', () => {
  expect(days(folded(looks([IT, 3, false], [IT, 5, false], [IT, 1, true, 6])).cases)).toStrictEqual([`${at(1)} ${at(3)}`]);
});

test('a case says whether an approval that ended opened it or a report, and whether an approval closed it or a report', () => {
  const report = (hour: number, on: boolean, seenAt = hour): OracleStep => ({
    at: at(hour),
    report: { ...SOURCES[1], person: null, observedAt: at(seenAt), hasEvidence: false, on, agencies: null, version: null },
  });
  const answer = (hour: number, onFor: 'all' | 'none'): OracleStep => ({
    at: at(hour),
    answer: { onFor, version: null, removed: false, announced: true },
  });
  const byEnd = (...steps: readonly OracleStep[]) => folded(steps).cases.map((each) => each.byEnd);
  expect(byEnd(answer(1, 'all'), report(2, true), answer(3, 'none'))).toStrictEqual([true]);
  expect(byEnd(answer(1, 'all'), answer(2, 'none'), report(3, true))).toStrictEqual([false]);
  expect(byEnd(answer(1, 'none'), report(2, true))).toStrictEqual([false]);
  expect(byEnd(answer(1, 'all'), report(2, true), answer(3, 'none'), report(4, true))).toStrictEqual([true]);
  const closedBy = (...steps: readonly OracleStep[]) => folded([report(1, true), ...steps]).cases.map((each) => each.closedBy);
  expect(closedBy(answer(2, 'all'))).toStrictEqual([{ change: 1 }]);
  expect(closedBy(report(2, false))).toStrictEqual([{ source: 'it' }]);
  // What was seen while it was allowed is no case, also where it is reported once it is off and no longer allowed.
  expect(folded([answer(1, 'all'), answer(5, 'none'), report(5, false), report(6, true, 3)]).cases).toEqual([]);
  // What was seen before it was allowed is one, also where it is reported after that, or after another report of its source.
  const late = [[report(9, true, 3)], [report(8, true), report(9, true, 3)]];
  for (const reports of late)
    expect(folded([answer(1, 'none'), answer(7, 'all'), ...reports]).cases).toMatchObject([
      { kind: 'not-approved', since: at(3), until: at(7), closedAt: at(9), closedBy: { change: 1 }, approved: { onFor: 'none' } },
    ]);
  const untilSeenOff = folded([answer(1, 'none'), report(5, false), answer(7, 'all'), report(9, true, 3)]).cases;
  expect(untilSeenOff).toMatchObject([{ since: at(3), until: at(5), closedBy: { source: 'it' } }]);
});

const approved = (variant: Variant, of: Partial<Parameters<typeof driftKindOf>[1]> = {}) => ({
  variant,
  change: 1,
  audience: null,
  version: '2',
  fault: false,
  ...of,
});
const kindOf = (value: ObservedValue, ...[variant, of]: Parameters<typeof approved>) =>
  driftKindOf(toSeen(value), approved(variant, of));

test('what is off exceeds nothing', () => {
  for (const variant of VARIANTS) for (const off of [false, { on: false, version: '9' }]) expect(kindOf(off, variant)).toBeNull();
});

test('what is on exceeds every answer but those that let it be on for somebody', () => {
  const kinds = Object.fromEntries(VARIANTS.map((variant) => [variant, kindOf(true, variant)]));
  const { enabled, audience, removed, ...others } = kinds;
  expect([enabled, audience, removed]).toStrictEqual([null, null, 'removed']);
  expect(new Set(Object.values(others))).toStrictEqual(new Set(['not-approved']));
});

test.each<[string, ObservedValue, Variant, Parameters<typeof approved>[1], ReturnType<typeof driftKindOf>]>([
  ['a key without any change', true, 'unknown', { change: null }, 'never-announced'],
  ['a key whose record cannot be read', true, 'unknown', { change: null, fault: true }, 'not-approved'],
  ['a key whose change gives no answer', true, 'unknown', {}, 'not-approved'],
  ['another version than the approved one', { on: true, version: '3' }, 'enabled', {}, 'version'],
  ['a version where the approved words name none', { on: true, version: '2' }, 'enabled', { version: null }, 'version'],
  ['an agency that is not', { on: true, agencies: ['PD', 'SO'] }, 'audience', { audience: ['PD'] }, 'audience'],
  ['an agency and a version', { on: true, agencies: ['SO'], version: '3' }, 'audience', { audience: ['PD'] }, 'audience'],
  ['another agency where it may be on for none', { on: true, agencies: ['SO'] }, 'pending', { audience: [] }, 'not-approved'],
])('%s', (_, value, variant, of, kind) => {
  expect(kindOf(value, variant, of)).toBe(kind);
});

const headAfter = (...acts: readonly FeatureCommand[]) =>
  headWith(
    acts.length === 0
      ? null
      : city()
          .feat(...acts)
          .stateOf('feature/acme', featureDecider),
  );
const approvedFor = (audience: readonly string[] | null, version: string | null) => [
  notify(day(0), 1, { notice: facts({ version }) }),
  ...adoption(1, { terms: { ...NO_TERMS, audience: audience === null ? null : [...audience] } }),
];
const HEADS = [
  headAfter(),
  headAfter(notify(day(0), 1)),
  ...[null, ['PD'], ['FD', 'PD']].flatMap((audience) =>
    ['2', null].map((version) => headAfter(...approvedFor(audience, version))),
  ),
  headAfter(...approvedFor(null, '2'), revoke(day(20), 1)),
];

test('what is on exceeds exactly where the gate would answer no to the agencies and the version seen', () => {
  expect(HEADS.filter((head) => mayBeOn(evaluate('acme', [head], {}, day(30)).variant))).toHaveLength(6);
  const agencies = fc.option(fc.uniqueArray(fc.constantFrom('PD', 'FD', 'SO'), { minLength: 1 }));
  const version = fc.option(fc.constantFrom('2', '3'));
  fc.assert(
    fc.property(fc.constantFrom(...HEADS), agencies, version, (head, seenFor, seenVersion) => {
      const ask = (of: readonly string[] | undefined) =>
        evaluate('acme', [head], { agencies: of, version: seenVersion ?? undefined }, day(30));
      // Where the agencies are not known, it may be on if it may be on for anybody.
      const allowed = seenFor === null ? ['PD', 'FD', 'SO'].some((agency) => ask([agency]).enabled) : ask(seenFor).enabled;
      const seen = { on: true, agencies: seenFor, version: seenVersion };
      expect(driftKindOf(seen, evaluate('acme', [head], {}, day(30))) === null).toBe(allowed);
    }),
  );
});

const DENVER = 'America/Denver';
const mar = (hour: string) => `2026-03-${hour}:00:00.000Z`;
const NOW = mar('20T18');

const during = (since: string, until: string | null = null) => ({ since, until });

test.each<[string, readonly ReturnType<typeof during>[], number]>([
  ['none', [], 0],
  ['one that lasted no time is a day', [during(mar('10T12'), mar('10T12'))], 1],
  ['what ends at local midnight has not touched the next day', [during(mar('09T20'), mar('10T06'))], 1],
  ['an open one lasts until now', [during(mar('18T18'))], 3],
  ['one that began ahead of the clock is a day', [during('2026-03-20T18:00:01.000Z')], 1],
])('%s', (_, cases, days) => {
  expect(daysOf(cases, NOW, DENVER)).toBe(days);
  expect(daysOf(cases.toReversed(), NOW, DENVER)).toBe(days);
});

test('days in a row are one span', () => {
  const cases = [
    during(mar('01T18'), mar('02T18')),
    during(mar('03T18'), mar('04T18')),
    during(mar('01T20'), mar('01T21')),
    during(mar('06T18'), mar('06T19')),
  ];
  expect(daySpans(cases, NOW, DENVER)).toStrictEqual([
    { first: '2026-03-01', last: '2026-03-04' },
    { first: '2026-03-06', last: '2026-03-06' },
  ]);
});

const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2026-10-20T00:00:00.000Z');
const localDay = new Intl.DateTimeFormat('en-CA', { timeZone: DENVER, dateStyle: 'short' });

test('the days are those that a person would tick in a calendar, hour by hour, also when the clocks change', () => {
  const hours = fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 80 }));
  fc.assert(
    fc.property(fc.array(hours, { maxLength: 6 }), (cases) => {
      const ticked = new Set(
        cases.flatMap(([from, length]) =>
          Array.from({ length }, (_, hour) => localDay.format(new Date(START_MS + (from + hour) * HOUR_MS))),
        ),
      );
      const at = (hour: number) => new Date(START_MS + hour * HOUR_MS).toISOString();
      expect(
        daysOf(
          cases.map(([from, length]) => during(at(from), at(from + length))),
          at(0),
          DENVER,
        ),
      ).toBe(ticked.size);
    }),
  );
});

test('who may close what a source reported: itself, an auditor, and of the city whom the policy names', () => {
  const sources = { check: { kind: 'city' }, auditor: { kind: 'audit' }, portal: { kind: 'vendor' } } as const;
  expect(closersOf({ source: 'portal', kind: 'vendor' }, sources)).toStrictEqual({
    alone: ['portal', 'check', 'auditor'],
    together: [],
  });
  expect(closersOf({ source: 'auditor', kind: 'audit' }, sources)).toStrictEqual({ alone: ['auditor'], together: ['check'] });
});

test('what was seen is no longer known once its source has been silent for too long, not another of its name', () => {
  // Days of the city: on one of them the clocks are put forward.
  const at = mar('05T12');
  const report = { source: 'check', attested: true, kind: 'city', observedAt: at, seen: { on: true } } as unknown as Report;
  const sources = [false, true].map(
    (attested) => ({ source: 'check', attested, every: attested ? 'P7D' : 'P1D' }) as unknown as SourceRecord,
  );
  const seenAt = (now: string) => observedOf([report], sources, now, DENVER).state;
  expect([mar('07T12'), '2026-03-12T10:59:59.999Z', mar('12T11')].map(seenAt)).toStrictEqual(['on', 'on', 'unknown']);
  const never = sources.map((source) => ({ ...source, every: null }));
  expect(observedOf([report], never, mar('12T11'), DENVER).state).toBe('on');
  expect(observedOf([], sources, at, DENVER).state).toBe('never');
  const place = { vendor: 'acme', source: 'check', attested: true };
  const named = { check: { kind: 'vendor', every: 'P7D' } } as const;
  expect(sourceAt(undefined, place, named, { at, sequence: 1, zone: DENVER }, at).silentFrom).toBe(mar('12T11'));
});

test('a source that the policy names has never reported while no record of that name says when it looked', () => {
  const looker = { kind: 'city', every: 'P7D' } as const;
  const record = (source: string, lookedAt: string | null) => ({ source, attested: false, lookedAt }) as SourceRecord;
  const records = [record('b', null), record('a', day(1)), record('other', day(1))];
  expect(neverReported({ c: looker, b: looker, a: looker }, records)).toStrictEqual(['b', 'c']);
});

type OnFor = KeyAnswer['onFor'];

test.each<[OnFor, OnFor]>([
  [['Fire, Rescue'], ['Fire', ' Rescue']],
  [['all'], 'all'],
  [[''], []],
])('%j and %j are not for the same agencies', (one, other) => {
  expect(isSameAnswer(on({ onFor: one }), on({ onFor: other }))).toBe(false);
  const allowed = allowedAfter(allowedAfter([], on({ onFor: one })), on({ onFor: other }));
  expect(allowed.map(({ onFor }) => onFor)).toEqual([one, other]);
});

test('the same agencies are the same answer, whichever change gives it', () => {
  const of = (change: number): KeyAnswer => on({ onFor: ['Fire, Rescue', 'Police'], change });
  expect(isSameAnswer(of(1), of(2))).toBe(true);
});
