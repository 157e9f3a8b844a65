import { accept, type Decision, nothing, reject } from '../kernel/decider.ts';
import { rosterProblems } from './check.ts';
import { rosterDigest } from './contacts.ts';
import type { RosterEvent } from './events.ts';
import { rosterFollowing, type Seating } from './newSeats.ts';
import type { RosterState } from './state.ts';

/**
 * Brings the roster into force that follows from a policy. `policy`: its number. The caller guarantees that this policy, with these
 * bodies and new seats, came into force.
 */
export interface FollowPolicy extends Seating {
  readonly type: 'followPolicy';
  readonly at: string;
  readonly zone: string;
  readonly policy: number;
}

/**
 * Adopts the roster with the policy's bodies and the holders of its new seats. A policy is followed once, in the order of policies, so
 * that a repeat cannot undo what confirmations changed since. A proposal that waits ends: it was made under other bodies.
 */
export const followPolicy = (
  { at, zone, policy, ...seating }: FollowPolicy,
  { inForce, follows = 0 }: RosterState,
): Decision<RosterEvent, 'no-roster' | 'roster-refused'> => {
  if (inForce === null) return reject('no-roster', 'No roster is in force yet; set the first one.');
  if (policy <= follows) return nothing;
  const { roster, contacts } = rosterFollowing(inForce, seating);
  const sha256 = rosterDigest(roster, contacts);
  if (sha256 === inForce.sha256) return nothing;
  const [problem] = rosterProblems(roster, zone);
  if (problem !== undefined) return reject('roster-refused', problem.detail, problem.pointer);
  const number = inForce.number + 1;
  return accept({ type: 'RosterAdopted', v: 1, at, number, sha256, roster, contacts, by: 'policy', policy });
};
