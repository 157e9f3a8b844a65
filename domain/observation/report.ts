// Wire format: what is seen at a vendor, as it is posted and as a vendor signs it.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { FeatureKey } from '../kernel/zodTypes.ts';
import { toInstant } from '../kernel/zone.ts';
import { VendorId } from '../vendors/keys.ts';
import { Evidence, type ObservationEvent, ObservationNote, ObservedValue, Source } from './events.ts';

/** A report of what was seen at a vendor. A key that is not named was not looked at. */
export const ObservationReport = strictObject(() => ({
  vendor: VendorId.describe('The vendor whose settings were looked at.'),
  source: Source.describe('Who or what looked.'),
  observedAt: z.string().max(40).describe('The instant at which it was seen, in any offset.'),
  features: z
    .record(FeatureKey, ObservedValue)
    .describe(
      'What was seen of each key that was looked at, at most 1,000: true or false, or an object that also names the agencies it is on for, or the version. What is left out is not known.',
    ),
  evidence: Evidence.exactOptional().describe('The document the observation was read from.'),
  note: ObservationNote.exactOptional().describe('A remark in one line, shown beside what was seen.'),
}));
export type ObservationReport = z.infer<typeof ObservationReport>;

export type ReportedFacts = Pick<ObservationEvent, 'source' | 'observedAt' | 'features' | 'evidence' | 'note'>;

const DATE_ONLY = /^\d{4}-\d\d-\d\d$/;

/** Returns what a report states in an event; undefined if its `observedAt` is no instant. */
export const factsOfReport = ({ source, observedAt, features, evidence, note }: ObservationReport): ReportedFacts | undefined => {
  const at = DATE_ONLY.test(observedAt) ? undefined : toInstant(observedAt, 'UTC');
  return at === undefined ? undefined : { source, observedAt: at, features, evidence: evidence ?? null, note: note ?? null };
};
