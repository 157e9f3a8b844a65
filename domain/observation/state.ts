// Storage format: the state stored beside each commit, a cache of the fold. Change it only with OBSERVATION_STATE_VERSION.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Instant } from '../kernel/zodTypes.ts';

/** Raise whenever the shape below or what `evolve` makes of an event changes. */
export const OBSERVATION_STATE_VERSION = 2;

export const observationStream = (vendor: string): string => `observation/${vendor}`;

/**
 * `features`: the latest value of each key, and since when every look has found it. `sources`: when each last looked. `recent`:
 * fingerprints, so that a repeat is recognised.
 */
export const ObservationState = strictObject(() => ({
  features: z.record(z.string(), z.strictObject({ on: z.boolean(), since: Instant, observedAt: Instant, source: z.string() })),
  sources: z.array(z.strictObject({ source: z.string(), observedAt: Instant })),
  recent: z.array(z.string()),
}));
export type ObservationState = z.infer<typeof ObservationState>;

export const initialObservationState: ObservationState = { features: {}, sources: [], recent: [] };
