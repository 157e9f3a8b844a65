import { mayBeOn, type Variant } from '../feature/evaluate.ts';
import type { ObservationState } from './state.ts';

/** A feature that was seen on and may not be on for any agency. `since`: the first of the consecutive looks that saw it on. */
export interface Drift {
  readonly key: string;
  readonly since: string;
  readonly observedAt: string;
  readonly status: Variant;
}

/**
 * Reports whether an observed feature is drift: it is on, and its own status, evaluated without an agency, allows it to none. A
 * feature approved for some agencies may be on at the vendor; one that is scheduled may not yet.
 */
export const isDrift = (seenOn: boolean, status: Variant): boolean => seenOn && !mayBeOn(status);

/** Returns the keys that were last seen on, in the order in which they were first seen. */
export const keysSeenOn = ({ features }: Pick<ObservationState, 'features'>): readonly string[] =>
  Object.keys(features).filter((key) => features[key]?.on === true);

/**
 * Returns every drift in what was observed at a vendor. `statusOf` returns the status of a key without an agency; a missing
 * status counts as unknown. The API, the command line, the register, the metrics and the worklist all use this.
 */
export const driftsIn = (
  { features }: Pick<ObservationState, 'features'>,
  statusOf: (key: string) => Variant | undefined,
): readonly Drift[] =>
  Object.entries(features).flatMap(([key, { on, observedAt, since }]): readonly Drift[] => {
    const status = statusOf(key) ?? 'unknown';
    return isDrift(on, status) ? [{ key, since, observedAt, status }] : [];
  });
