import * as z from 'zod';
import { strictObject } from '../../kernel/lazyObject.ts';
import { FeatureKey, LineText } from '../../kernel/zodTypes.ts';

/** Placeholders that a vendor writes for a hidden value. */
const MASKED = /^(?:\*+|#+|x{3,}|-{2,}|\[?redacted\]?|\[?masked\]?|\[?hidden\]?|n\/a)$/i;

export type CellVisibility = 'shown' | 'masked' | 'blank';

/** Classifies a cell by what it shows. Blank does not mean "none": the original value is unknown. */
export const shownAs = (value: string): CellVisibility => (value === '' ? 'blank' : MASKED.test(value) ? 'masked' : 'shown');

/** Reports whether a text contains what looks like a licence plate: five to eight capitals and digits, with both among them. */
export const namesPlate = (text: string): boolean =>
  /(?<![A-Za-z0-9-])(?=[A-Z]*[0-9])(?=[0-9]*[A-Z])[A-Z0-9]{5,8}(?![A-Za-z0-9-])/.test(text);

/**
 * Reports whether a text is a word of one vendor's vocabulary such as `multiGeo`; anything else could be a name or a plate in a
 * column that moved.
 */
export const isWord = (text: string): boolean => /^[A-Za-z]{2,40}$/.test(text);

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
