import { vendorOf } from '../../domain/feature/keys.ts';
import { ascending } from '../../domain/kernel/order.ts';
import type { Facet, FacetOf } from './facet.ts';
import { type FeatureRow, isOn } from './rows.ts';

const byKey = (a: FeatureRow, b: FeatureRow): number => ascending(a.key, b.key);

/** All features by key, in one group. */
export const BY_KEY: FacetOf<FeatureRow> = { entriesOf: (row) => [['', row]], order: byKey };

/** Features by what holds in each, by key. */
export const BY_STATUS: FacetOf<FeatureRow> = { entriesOf: (row) => [[row.evaluation.variant, row]], order: byKey };

/** Features by vendor, by key. */
export const BY_VENDOR: FacetOf<FeatureRow> = { entriesOf: (row) => [[vendorOf(row.key), row]], order: byKey };

/** Features by their newest commits, the newest first, in one group. */
export const NEWEST: FacetOf<FeatureRow> = {
  entriesOf: (row) => [['', row]],
  order: (a, b) => ascending(b.at ?? '', a.at ?? '') || byKey(a, b),
};

/** A feature is on, off while a change of it waits, or off with nothing to wait for. */
type FeatureSum = 'on' | 'waiting' | 'off';

/** The register in three numbers that add up to all features. */
export type FeatureCounts = Readonly<Record<FeatureSum, number>>;

/** Classifies a feature. One that is on for some agencies is on, whatever else waits. */
export const sumOf = (row: FeatureRow): FeatureSum => (isOn(row) ? 'on' : row.waiting.length > 0 ? 'waiting' : 'off');

/** Keys by {@link sumOf}. */
export const BY_SUM: FacetOf<string> = { entriesOf: (row) => [[sumOf(row), row.key]], order: ascending };

/** Counts features by {@link sumOf}. Every page and format states these numbers by this function. */
export const countFeatures = (bySum: Facet<string>): FeatureCounts => {
  const count = (sum: FeatureSum): number => bySum.get(sum)?.length ?? 0;
  return { on: count('on'), waiting: count('waiting'), off: count('off') };
};

/** When the open changes first arrived, the longest ago first, in one group. */
export const WAITING_SINCE: FacetOf<string> = {
  entriesOf: ({ waiting }) => waiting.map(({ change }) => ['', change.since] as const),
  order: ascending,
};
