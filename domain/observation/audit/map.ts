import * as z from 'zod';
import { FeatureKey, LineText } from '../../kernel/zodTypes.ts';

const ENTRIES_MAX = 1_000;
const few = (record: object): boolean => Object.keys(record).length <= ENTRIES_MAX;
const TOO_MANY = { error: `has more than ${ENTRIES_MAX} entries` };

/**
 * File format: how one vendor's words are to be read, as the city writes it. Nothing of it is built in. `searchTypes` and
 * `entityTypes`: which feature a search or a setting is use of. `agencies`: what the approvals call an organisation.
 * `columns`: the names of the columns of files without a header, in their order.
 */
export const AuditMap = z.strictObject({
  searchTypes: z.record(LineText(100), FeatureKey).refine(few, TOO_MANY).prefault({}),
  entityTypes: z.record(LineText(100), FeatureKey).refine(few, TOO_MANY).prefault({}),
  agencies: z.record(LineText(200), LineText(200)).refine(few, TOO_MANY).prefault({}),
  columns: z.array(z.string().max(100)).min(1).max(256).optional(),
});
export type AuditMap = z.infer<typeof AuditMap>;

/** How names are compared: without case and outer spaces, in one form of Unicode. */
export const folded = (name: string): string => name.normalize('NFC').trim().toLowerCase();
