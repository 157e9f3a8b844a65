import { type FeatureRow, isOn } from './listFeatures.ts';
import { waitingIn } from './waiting.ts';

/** A feature is on, off while a change of it waits, or off with nothing to wait for. */
export type FeatureSum = 'on' | 'waiting' | 'off';

/** The register in three numbers that add up to all features. */
export type FeatureCounts = Readonly<Record<FeatureSum, number>>;

/** Classifies a feature at an instant. One that is on for some agencies is on, whatever else waits. */
export const sumOf = (row: FeatureRow, now: string): FeatureSum =>
  isOn(row) ? 'on' : waitingIn(row.state, now).length > 0 ? 'waiting' : 'off';

/** Counts features by {@link sumOf}. Every page and format states these numbers by this function. */
export const countFeatures = (rows: readonly FeatureRow[], now: string): FeatureCounts => {
  const counts = { on: 0, waiting: 0, off: 0 };
  for (const row of rows) counts[sumOf(row, now)] += 1;
  return counts;
};
