import * as z from 'zod';
import { hasChoice } from '../feature/optOut.ts';
import { strictObject } from '../kernel/lazyObject.ts';
import type { ChangeRecord, KeyRecord } from './record.ts';

/**
 * Storage format, also of a sum over keys. How many changes there are: `announced` by the vendor; `optedOut`: of these, with an opt-out that was in
 * time or was confirmed; `late`: with one that was neither; `neverLooked`: whose day has come without a look of the city or an audit since.
 */
export const AnnouncedCounts = strictObject(() => ({
  announced: z.int(),
  optedOut: z.int(),
  late: z.int(),
  neverLooked: z.int(),
}));
export type AnnouncedCounts = z.infer<typeof AnnouncedCounts>;

export const NONE_ANNOUNCED: AnnouncedCounts = { announced: 0, optedOut: 0, late: 0, neverLooked: 0 };

/** Counts what the record of a key keeps: all open and approved changes, and the newest of those that are over. */
export const announcedIn = ({ changes, reports, at }: Pick<KeyRecord, 'changes' | 'reports' | 'at'>): AnnouncedCounts => {
  const announced = changes.filter((change) => change.announced && !change.maintenance && hasChoice(change.kind));
  const opted = announced.flatMap(({ optedOut }) => optedOut ?? []);
  const looked = reports.flatMap(({ kind, observedAt }) => (kind === 'vendor' ? [] : [observedAt]));
  const isUnseen = ({ effectiveAt, withdrawn }: ChangeRecord): boolean =>
    effectiveAt !== null &&
    effectiveAt <= at &&
    (withdrawn === null || withdrawn >= effectiveAt) &&
    looked.every((each) => each < effectiveAt);
  return {
    announced: announced.length,
    optedOut: opted.filter(({ counts }) => counts).length,
    late: opted.filter(({ counts }) => !counts).length,
    neverLooked: announced.filter(isUnseen).length,
  };
};
