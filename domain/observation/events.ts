// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { FeatureKey, Instant, LineText, Sha256Hex } from '../kernel/zodTypes.ts';

const FEATURES_MAX = 100;

/** A missing key was not looked at, which does not mean "off". */
export const Observed = z.record(FeatureKey, z.boolean()).refine((features) => Object.keys(features).length <= FEATURES_MAX, {
  error: `has more than ${FEATURES_MAX} features`,
});
export type Observed = z.infer<typeof Observed>;

export const Evidence = strictObject(() => ({ sha256: Sha256Hex, title: LineText(200) }));
export type Evidence = z.infer<typeof Evidence>;

export const Source = LineText(60);

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
