// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { FeatureKey, Instant, LineText, Sha256Hex } from '../kernel/zodTypes.ts';

/** Maximum features in one observation. */
const FEATURES_MAX = 100;

/** The features that were seen on (true) or off (false). A missing key was not looked at, which does not mean "off". */
export const Observed = z.record(FeatureKey, z.boolean()).refine((features) => Object.keys(features).length <= FEATURES_MAX, {
  error: `has more than ${FEATURES_MAX} features`,
});
export type Observed = z.infer<typeof Observed>;

/** The document an observation was read from; the hash is of its bytes. */
export const Evidence = strictObject(() => ({ sha256: Sha256Hex, title: LineText(200) }));
export type Evidence = z.infer<typeof Evidence>;

/** The source of an observation: a script, an export, a manual check. */
export const Source = LineText(60);

/** The vendor's settings were looked at at `observedAt` and reported at `at`. */
export const ObservationRecorded = strictObject(() => ({
  type: z.literal('ObservationRecorded'),
  v: z.literal(1),
  at: Instant,
  source: Source,
  observedAt: Instant,
  features: Observed,
  evidence: Evidence.nullable(),
}));

export const ObservationEvent = z.discriminatedUnion('type', [ObservationRecorded]);
export type ObservationEvent = z.infer<typeof ObservationEvent>;
