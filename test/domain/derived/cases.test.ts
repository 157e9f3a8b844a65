import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allowedAfter } from '../../../domain/derived/answer.ts';
import { type Judging, type ReportedKey, rejudged, type Standing, withReport } from '../../../domain/derived/cases.ts';
import type { KeyAnswer } from '../../../domain/derived/record.ts';
import { casesOf, type OracleAnswer, type OracleReport, type OracleStep } from './casesOracle.ts';

const at = (hour: number): string => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();

const answerOf = ({ onFor, version, removed, announced }: OracleAnswer, since: string): KeyAnswer => ({
  onFor: typeof onFor === 'string' ? onFor : [...onFor],
  variant: onFor === 'all' ? 'enabled' : onFor !== 'none' ? 'audience' : removed ? 'removed' : announced ? 'pending' : 'unknown',
  because: '',
  change: announced ? 1 : null,
  version,
  since,
});

const NEVER: OracleAnswer = { onFor: 'none', version: null, removed: false, announced: false };

/** The cases that the fold gives for these steps. */
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
        at: step.at,
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
      expect(days(folded(steps).cases)).toEqual(days(casesOf(steps)));
    }),
    { numRuns: 4_000 },
  );
});

test('a case says whether an approval that ended opened it, or a report', () => {
  const report = (hour: number, on: boolean): OracleStep => ({
    at: at(hour),
    report: { ...SOURCES[1], person: null, observedAt: at(hour), hasEvidence: false, on, agencies: null, version: null },
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
});
