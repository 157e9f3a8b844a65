import * as z from 'zod';
import { DRIFT_KINDS } from '../../../../domain/derived/record.ts';
import { strictObject } from '../../../../domain/kernel/lazyObject.ts';
import { FeatureKey, Instant } from '../../../../domain/kernel/zodTypes.ts';
import { ObservationReport } from '../../../../domain/observation/report.ts';
import { ApprovedJson, SeenJson } from '../../../register/views/observedJson.ts';

/** The schema of a report as a named component of the description. */
export const PostedObservation = ObservationReport.meta({ id: 'Observation', description: 'What was seen at a vendor.' });

/** In bytes. One report becomes one commit. */
export const OBSERVATION_BYTES_MAX = 48 * 1024;

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
