import { mayBeOn, type Variant } from '../feature/evaluate.ts';
import type { ObservationState } from './state.ts';

/** `since`: the first of the consecutive looks that saw it on. */
export interface Drift {
  readonly key: string;
  readonly since: string;
  readonly observedAt: string;
  readonly status: Variant;
}

/** A feature approved for some agencies may be on at the vendor; one that is scheduled may not yet. */
export const isDrift = (seenOn: boolean, status: Variant): boolean => seenOn && !mayBeOn(status);

/** In the order in which they were first seen on. */
export const keysSeenOn = ({ features }: Pick<ObservationState, 'features'>): readonly string[] =>
  Object.keys(features).filter((key) => features[key]?.on === true);

/** `statusOf` returns the status of a key without an agency; a missing status counts as unknown. */
export const driftsIn = (
  { features }: Pick<ObservationState, 'features'>,
  statusOf: (key: string) => Variant | undefined,
): readonly Drift[] =>
  Object.entries(features).flatMap(([key, { on, observedAt, since }]): readonly Drift[] => {
    const status = statusOf(key) ?? 'unknown';
    return isDrift(on, status) ? [{ key, since, observedAt, status }] : [];
  });
