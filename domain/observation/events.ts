// Storage format: these shapes stand in the public log for ever. Add new versions, never change old ones.
import * as z from 'zod';
import { FeatureKey, Instant, LineText, Sha256Hex } from '../kernel/zodTypes.ts';

/** Features that one observation can speak of. */
const FEATURES_MAX = 100;

/** Which features were seen on (true) or off (false). A key that is missing was not looked at, which is not "off". */
export const Observed = z.record(FeatureKey, z.boolean()).refine((features) => Object.keys(features).length <= FEATURES_MAX, {
  error: `has more than ${FEATURES_MAX} features`,
});
export type Observed = z.infer<typeof Observed>;

/** The document an observation was read from; the hash is of its bytes. */
export const Evidence = z.strictObject({ sha256: Sha256Hex, title: LineText(200) });
export type Evidence = z.infer<typeof Evidence>;

/** Who or what looked: a script, an export, a person's round. */
export const Source = LineText(60);

/** Somebody looked at the vendor's settings at `observedAt` and told of it at `at`. */
export const ObservationRecorded = z.strictObject({
  type: z.literal('ObservationRecorded'),
  v: z.literal(1),
  at: Instant,
  source: Source,
  observedAt: Instant,
  features: Observed,
  evidence: Evidence.nullable(),
});

export const ObservationEvent = z.discriminatedUnion('type', [ObservationRecorded]);
export type ObservationEvent = z.infer<typeof ObservationEvent>;
