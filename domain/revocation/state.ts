// Storage format: the state stored beside each commit, a cache of the fold. Change it only with REVOCATION_STATE_VERSION.
import * as z from 'zod';
import { type Head, headWith, UNREADABLE } from '../feature/evaluate.ts';
import { changeId } from '../feature/keys.ts';
import { counts, type FeatureState, inForceIn, requirementsOf, waitingApproval } from '../feature/state.ts';
import { RevocationRecorded } from './events.ts';

/** Raise whenever the shape below or what `evolve` makes of an event changes. */
export const REVOCATION_STATE_VERSION = 1;

/** By the change and the requirement; the first of each. */
export const RevocationState = z.record(z.string(), RevocationRecorded);
export type RevocationState = z.infer<typeof RevocationState>;

export const revocationName = (key: string, change: number, requirement: string): string =>
  `${changeId(key, change)}/${requirement}`;

/**
 * Returns the recorded revocation that ends the approval in force, or the one that waits. Only a body whose approval was required
 * ends it, and not one whose refusal was overridden in it.
 */
export const recordedAgainst = (recorded: RevocationState, state: FeatureState): RevocationRecorded | undefined => {
  const { key } = state;
  if (key === null) return undefined;
  for (const change of [inForceIn(state), waitingApproval(state)]) {
    for (const requirement of change === undefined ? [] : requirementsOf(state, change)) {
      const found = recorded[revocationName(key, change?.number ?? 0, requirement.id)];
      const counted = counts(requirement) && change?.requirements[requirement.id]?.status !== 'overridden';
      if (counted && found !== undefined && (change?.approved?.at ?? '') <= found.at) return found;
    }
  }
  return undefined;
};

/** Unreadable while a recorded revocation ends the approval and the state does not show it. */
export const headUnder = (recorded: RevocationState, state: FeatureState | null): Head =>
  state !== null && recordedAgainst(recorded, state) !== undefined ? UNREADABLE : headWith(state);
