import { localDateOf } from '../../../../domain/kernel/zone.ts';
import { countFeatures, type FeatureCounts } from '../../../register/counts.ts';
import type { FeatureRow } from '../../../register/rows.ts';

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

const ageOf = (days: number): Age => AGES.find((age) => days <= UP_TO[age]) ?? 'more';

const byAge = (days: readonly number[]): Figures['pendingByAge'] => {
  const counted: Record<Age, number> = { d7: 0, d14: 0, d30: 0, d90: 0, more: 0 };
  for (const each of days) counted[ageOf(Math.floor(each))] += 1;
  return counted;
};

const medianOf = (values: readonly number[]): number | null => {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
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

/** A change that was decided or lapsed. `month`: by the city's calendar; `days`: since its first notice. */
interface Outcome {
  readonly what: keyof Omit<Month, 'month'>;
  readonly month: string;
  readonly days: number;
}

// A row stays the same object until something changes in it, so its outcomes are computed once.
const outcomes = new WeakMap<FeatureRow, { readonly zone: string; readonly found: readonly Outcome[] }>();

const outcomesOf = (row: FeatureRow, zone: string): readonly Outcome[] => {
  const known = outcomes.get(row);
  if (known?.zone === zone) return known.found;
  const outcome = (what: Outcome['what'], at: string, since: string): Outcome => ({
    what,
    month: localDateOf(at, zone).slice(0, 7),
    days: daysBetween(since, at),
  });
  const found = row.linesNow.flatMap(({ status, since, approved, ended }) => {
    if (approved !== null) return [outcome('approved', approved, since)];
    return ended !== null && (status === 'refused' || status === 'lapsed') ? [outcome(status, ended, since)] : [];
  });
  outcomes.set(row, { zone, found });
  return found;
};

/** Computes the figures of the register at an instant. */
export const figuresOf = (rows: readonly FeatureRow[], now: string, zone: string): Figures => {
  const ages: number[] = [];
  const took: number[] = [];
  const months = lastMonths(now, zone);
  const counts = new Map(months.map((month) => [month, { approved: 0, refused: 0, lapsed: 0 }]));
  for (const row of rows) {
    for (const { change } of row.waiting) ages.push(daysBetween(change.since, now));
    for (const { what, month, days } of outcomesOf(row, zone)) {
      const counted = counts.get(month);
      if (counted === undefined) continue;
      counted[what] += 1;
      if (what !== 'lapsed') took.push(days);
    }
  }
  return {
    ...countFeatures(rows),
    open: ages.length,
    oldestDays: ages.length === 0 ? null : Math.floor(ages.reduce((a, b) => Math.max(a, b))),
    pendingByAge: byAge(ages),
    months: months.map((month) => ({ month, ...(counts.get(month) ?? { approved: 0, refused: 0, lapsed: 0 }) })),
    decided: took.length,
    medianDays: medianOf(took),
    decidedByTime: byAge(took),
  };
};
