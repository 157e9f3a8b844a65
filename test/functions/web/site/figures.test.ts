import { expect, test } from 'vitest';
import { initialState } from '../../../../domain/feature/state.ts';
import type { ChangeLine } from '../../../../functions/register/documents.ts';
import { BY_HEADLINE_GROUP, type FacetOf, type FeatureRow, facetOf, WAITING_SINCE } from '../../../../functions/register/rows.ts';
import { figuresOf, outcomesIn } from '../../../../functions/web/site/public/numbers.ts';

const NOW = '2026-03-31T12:00:00.000Z';

const line = (n: number, edit: Partial<ChangeLine>): ChangeLine => ({
  n,
  title: 'T',
  summary: 'S',
  kind: 'update',
  status: 'replaced',
  since: '2026-03-01T12:00:00.000Z',
  at: '2026-03-01T12:00:00.000Z',
  wordings: 1,
  scheme: 'v1a',
  channel: 'webhook',
  effectiveAt: null,
  approved: null,
  contested: null,
  wrong: null,
  ended: null,
  ...edit,
});

const row = (lines: readonly ChangeLine[], variant: FeatureRow['evaluation']['variant'] = 'refused') =>
  ({
    key: 'acme',
    version: 1,
    at: NOW,
    title: 'T',
    kind: 'update',
    newest: 1,
    lines,
    state: initialState,
    evaluation: { variant },
    waiting: [],
    linesNow: lines,
  }) as unknown as FeatureRow;

const figuresIn = (rows: readonly FeatureRow[], zone = 'UTC') => {
  const facet = <T>(of: FacetOf<T>) => facetOf(of, rows);
  return figuresOf(
    { sums: facet(BY_HEADLINE_GROUP), waiting: facet(WAITING_SINCE), outcomes: facet(outcomesIn(zone)) },
    NOW,
    zone,
  );
};

test('decisions fall into the months of the city’s own calendar', () => {
  const lines = [
    line(1, { approved: '2026-03-01T05:00:00.000Z', since: '2026-02-20T05:00:00.000Z' }),
    line(2, { status: 'refused', ended: '2026-03-02T12:00:00.000Z' }),
    line(3, { status: 'lapsed', ended: '2025-04-30T12:00:00.000Z', since: '2025-01-01T00:00:00.000Z' }),
    line(4, { approved: '2025-03-31T12:00:00.000Z' }),
  ];
  const { months } = figuresIn([row(lines)], 'America/Denver');
  expect(months.map(({ month }) => month)).toEqual([
    '2025-04',
    '2025-05',
    '2025-06',
    '2025-07',
    '2025-08',
    '2025-09',
    '2025-10',
    '2025-11',
    '2025-12',
    '2026-01',
    '2026-02',
    '2026-03',
  ]);
  // Five in the morning in Greenwich is still February in Denver; what was approved thirteen months ago is no longer shown.
  const told = months.filter(({ approved, refused, lapsed }) => approved + refused + lapsed > 0);
  expect(told).toEqual([
    { month: '2025-04', approved: 0, refused: 0, lapsed: 1 },
    { month: '2026-02', approved: 1, refused: 0, lapsed: 0 },
    { month: '2026-03', approved: 0, refused: 1, lapsed: 0 },
  ]);
});

test('the median of what was decided, from the first notice; what lapsed was not decided', () => {
  const decided = (days: number): ChangeLine =>
    line(days, { approved: new Date(Date.parse('2026-03-01T12:00:00.000Z') + days * 86_400_000).toISOString() });
  const lapsed = line(99, { status: 'lapsed', ended: '2026-03-30T12:00:00.000Z' });
  const of = (...days: readonly number[]) => figuresIn([row([...days.map(decided), lapsed])]);
  expect(of().medianDays).toBeNull();
  expect(of(3).medianDays).toBe(3);
  expect(of(1, 2, 20).medianDays).toBe(2);
  expect(of(1, 2, 5, 20).medianDays).toBe(3.5);
  expect(of(1, 7, 8, 14, 15).decidedByTime).toEqual({ d7: 2, d14: 2, d30: 1, d90: 0, more: 0 });
});
