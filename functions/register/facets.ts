import { vendorOf } from '../../domain/feature/keys.ts';
import { ascending } from '../../domain/kernel/order.ts';
import type { FacetOf } from './facet.ts';
import type { FeatureRow } from './rows.ts';

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
