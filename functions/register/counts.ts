import { type FeatureRow, isOn } from './rows.ts';

/** A feature is on, off while a change of it waits, or off with nothing to wait for. */
export type FeatureSum = 'on' | 'waiting' | 'off';

/** The register in three numbers that add up to all features. */
export type FeatureCounts = Readonly<Record<FeatureSum, number>>;

/** Classifies a feature. One that is on for some agencies is on, whatever else waits. */
export const sumOf = (row: FeatureRow): FeatureSum => (isOn(row) ? 'on' : row.waiting.length > 0 ? 'waiting' : 'off');

/** Counts features by {@link sumOf}. Every page and format states these numbers by this function. */
export const countFeatures = (rows: readonly FeatureRow[]): FeatureCounts => {
  const counts = { on: 0, waiting: 0, off: 0 };
  for (const row of rows) counts[sumOf(row)] += 1;
  return counts;
};
