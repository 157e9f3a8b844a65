import * as z from 'zod';
import { DRIFT_KINDS, KeyAnswer } from '../../../../domain/derived/record.ts';
import { VARIANTS } from '../../../../domain/feature/evaluate.ts';
import { strictObject } from '../../../../domain/kernel/lazyObject.ts';
import { FeatureKey, Instant } from '../../../../domain/kernel/zodTypes.ts';
import { ObservationReport } from '../../../../domain/observation/report.ts';

/** The schema of a report as a named component of the description. */
export const PostedObservation = ObservationReport.meta({ id: 'Observation', description: 'What was seen at a vendor.' });

/** In bytes. One report becomes one commit. */
export const OBSERVATION_BYTES_MAX = 48 * 1024;

/** Wire format. What was seen of a key. */
export const SeenJson = z.strictObject({
  on: z.boolean().describe('Whether it was seen on.'),
  agencies: z.array(z.string()).nullable().describe('The agencies it was seen on for; null: not known.'),
  version: z.string().nullable().describe('The version seen; null: not known.'),
});

/** Wire format. What is approved of a key. */
export const ApprovedJson = z.strictObject({
  onFor: KeyAnswer.shape.onFor.describe('The agencies it may be on for: all, none, or those named.'),
  variant: z.enum(VARIANTS).describe('The answer in one word.'),
  because: z.string().describe('The reason in a sentence.'),
  change: z.string().nullable().describe('The change that the answer is about.'),
  version: z.string().nullable().describe('The approved version; null if none is named.'),
});

/** Wire format. What was seen on beyond what is approved. */
export const DriftReport = strictObject(() => ({
  drift: z
    .array(
      z.strictObject({
        key: FeatureKey,
        kind: z.enum(DRIFT_KINDS).describe('How it exceeds what is approved.'),
        since: Instant.describe('Since when it has been seen so.'),
        seen: SeenJson.describe('What was seen.'),
        approved: ApprovedJson.describe('What is approved.'),
      }),
    )
    .describe('Features that were seen on beyond what is approved.'),
  closed: z.array(FeatureKey).describe('Features that had been on beyond what is approved, and no longer are by this report.'),
})).meta({ id: 'Drift', description: 'What was seen on beyond what is approved.' });
export type DriftReport = z.infer<typeof DriftReport>;
