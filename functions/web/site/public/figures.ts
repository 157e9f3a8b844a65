import { partitionPoint } from '../../../../domain/kernel/order.ts';
import { localDateOf } from '../../../../domain/kernel/zone.ts';
import type { Facet, FacetOf } from '../../../register/facet.ts';
import { countFeatures, type FeatureCounts } from '../../../register/facets.ts';

/** Ranges of whole days. */
export const AGES = ['d7', 'd14', 'd30', 'd90', 'more'] as const;
export type Age = (typeof AGES)[number];

const UP_TO: Readonly<Record<Age, number>> = { d7: 7, d14: 14, d30: 30, d90: 90, more: Number.POSITIVE_INFINITY };
const MONTHS = 12;
const DAY_MS = 86_400_000;

export interface Month {
  /** `2026-03`, by the city's calendar. */
  readonly month: string;
  readonly approved: number;
  readonly refused: number;
  readonly lapsed: number;
}

/** The register in numbers. Durations count from the first notice of a change, in days. */
export interface Figures extends FeatureCounts {
  readonly open: number;
  readonly oldestDays: number | null;
  readonly pendingByAge: Readonly<Record<Age, number>>;
  readonly months: readonly Month[];
  readonly decided: number;
  readonly medianDays: number | null;
  readonly decidedByTime: Readonly<Record<Age, number>>;
}

const daysBetween = (from: string, to: string): number => Math.max(0, (Date.parse(to) - Date.parse(from)) / DAY_MS);

/** Counts by age. `younger`: how many are below so many days. */
const byAge = (younger: (days: number) => number): Figures['pendingByAge'] => {
  const counted: Record<Age, number> = { d7: 0, d14: 0, d30: 0, d90: 0, more: 0 };
  let before = 0;
  for (const age of AGES) {
    const below = younger(UP_TO[age] + 1);
    counted[age] = below - before;
    before = below;
  }
  return counted;
};

/** Returns how many values of ascending lists are below a bound. */
const below = (lists: readonly (readonly number[])[], bound: number): number =>
  lists.reduce((sum, list) => sum + partitionPoint(list, (value) => value < bound), 0);

/** Returns the value at an index of ascending lists taken together, without putting them together. */
const valueAt = (lists: readonly (readonly number[])[], index: number): number | undefined => {
  const upTo = (bound: number) => lists.reduce((sum, list) => sum + partitionPoint(list, (value) => value <= bound), 0);
  // It is the least with more values up to it than the index says; each list has one candidate.
  const candidates = lists.flatMap((list) => list[partitionPoint(list, (value) => upTo(value) <= index)] ?? []);
  return candidates.length === 0 ? undefined : candidates.reduce((a, b) => Math.min(a, b));
};

const medianOf = (lists: readonly (readonly number[])[]): number | null => {
  const length = lists.reduce((sum, list) => sum + list.length, 0);
  const [low, high] = [valueAt(lists, Math.floor((length - 1) / 2)), valueAt(lists, Math.floor(length / 2))];
  return low === undefined || high === undefined ? null : Math.round(((low + high) / 2) * 10) / 10;
};

/** Returns the last twelve months of the city's calendar, this one included, oldest first. */
const lastMonths = (now: string, zone: string): readonly string[] => {
  const [year = 0, month = 1] = localDateOf(now, zone).split('-').map(Number);
  return Array.from({ length: MONTHS }, (_, index) => {
    const date = new Date(Date.UTC(year, month - 1 - (MONTHS - 1 - index), 1));
    return date.toISOString().slice(0, 7);
  });
};

type Became = keyof Omit<Month, 'month'>;

// One for each zone, since an index knows a facet by its identity. A process has one zone.
const outcomes = new Map<string, FacetOf<number>>();

/**
 * Returns the days that changes took from their first notice to their decision or lapse, by what became of them and by the month of the
 * city's calendar.
 */
export const outcomesIn = (zone: string): FacetOf<number> => {
  const known = outcomes.get(zone);
  if (known !== undefined) return known;
  const outcome = (became: Became, at: string, since: string): readonly [string, number] => [
    `${became} ${localDateOf(at, zone).slice(0, 7)}`,
    daysBetween(since, at),
  ];
  const facet: FacetOf<number> = {
    entriesOf: ({ linesNow }) =>
      linesNow.flatMap(({ status, since, approved, ended }) => {
        if (approved !== null) return [outcome('approved', approved, since)];
        return ended !== null && (status === 'refused' || status === 'lapsed') ? [outcome(status, ended, since)] : [];
      }),
    order: (a, b) => a - b,
  };
  outcomes.set(zone, facet);
  return facet;
};

/** What figures are made of: {@link BY_SUM}, {@link WAITING_SINCE} and {@link outcomesIn}. */
export interface FigureFacets {
  readonly sums: Facet<string>;
  readonly waiting: Facet<string>;
  readonly outcomes: Facet<number>;
}

/** Computes the figures of the register at an instant. */
export const figuresOf = ({ sums, waiting, outcomes: took }: FigureFacets, now: string, zone: string): Figures => {
  const since = waiting.get('') ?? [];
  const [oldest] = since;
  const sinceLaterThan = (days: number): number => {
    if (days === Number.POSITIVE_INFINITY) return since.length;
    const bound = new Date(Date.parse(now) - days * DAY_MS).toISOString();
    return since.length - partitionPoint(since, (each) => each <= bound);
  };
  const daysOf = (became: Became, month: string): readonly number[] => took.get(`${became} ${month}`) ?? [];
  const months = lastMonths(now, zone);
  const decided = months.flatMap((month) => [daysOf('approved', month), daysOf('refused', month)]);
  return {
    ...countFeatures(sums),
    open: since.length,
    oldestDays: oldest === undefined ? null : Math.floor(daysBetween(oldest, now)),
    pendingByAge: byAge(sinceLaterThan),
    months: months.map((month) => ({
      month,
      approved: daysOf('approved', month).length,
      refused: daysOf('refused', month).length,
      lapsed: daysOf('lapsed', month).length,
    })),
    decided: decided.reduce((sum, { length }) => sum + length, 0),
    medianDays: medianOf(decided),
    decidedByTime: byAge((days) => below(decided, days)),
  };
};
