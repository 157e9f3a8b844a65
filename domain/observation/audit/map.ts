import * as z from 'zod';
import { strictObject } from '../../kernel/lazyObject.ts';
import { FeatureKey, LineText } from '../../kernel/zodTypes.ts';

const ENTRIES_MAX = 1_000;
const few = (record: object): boolean => Object.keys(record).length <= ENTRIES_MAX;
const TOO_MANY = { error: `has more than ${ENTRIES_MAX} entries` };

/**
 * File format: how to read one vendor's export, as the city writes it. None of it is built in. `searchTypes` and `entityTypes`: the feature
 * that a search or a setting uses. `agencies`: the approvals' names for organisations. `columns`: the names of the columns of files without
 * a header, in their order.
 */
export const AuditMap = strictObject(() => ({
  searchTypes: z.record(LineText(100), FeatureKey).refine(few, TOO_MANY).prefault({}),
  entityTypes: z.record(LineText(100), FeatureKey).refine(few, TOO_MANY).prefault({}),
  agencies: z.record(LineText(200), LineText(200)).refine(few, TOO_MANY).prefault({}),
  columns: z.array(z.string().max(100)).min(1).max(256).optional(),
}));
export type AuditMap = z.infer<typeof AuditMap>;

/** Returns a name in the form used for comparison: without case and outer spaces, in one form of Unicode. */
export const folded = (name: string): string => name.normalize('NFC').trim().toLowerCase();
