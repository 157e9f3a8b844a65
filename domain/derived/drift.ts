import { type Evaluation, mayBeOn } from '../feature/evaluate.ts';
import type { ObservedValue } from '../observation/events.ts';
import type { DriftKind, Seen } from './record.ts';

/** What is seen, from a value as it was reported. */
export const seenIn = (value: ObservedValue): Seen =>
  typeof value === 'boolean'
    ? { on: value, agencies: null, version: null }
    : { on: value.on, agencies: value.agencies ?? null, version: value.version ?? null };

type Approved = Pick<Evaluation, 'variant' | 'change' | 'audience' | 'version'>;

/**
 * Returns how what is seen exceeds what is approved, by the gravest kind; null if it does not. `approved`: the evaluation of the key for
 * no agency and no version. It exceeds exactly where the gate would answer no for the agencies and the version seen; what is not known of
 * them exceeds nothing.
 */
export const excess = ({ on, agencies, version }: Seen, approved: Approved): DriftKind | null => {
  const { variant, change, audience } = approved;
  if (!on) return null;
  if (variant === 'removed') return 'removed';
  if (!mayBeOn(variant)) return variant === 'unknown' && change === null ? 'never-announced' : 'not-approved';
  if (audience !== null && agencies?.some((agency) => !audience.includes(agency)) === true) return 'audience';
  return version !== null && version !== approved.version ? 'version' : null;
};
