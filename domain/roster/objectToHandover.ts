import { accept, type Decision, nothing, reject } from '../kernel/decider.ts';
import type { RosterEvent } from './events.ts';
import { handedOver } from './handover.ts';
import type { RosterState } from './state.ts';

/** A sitting holder objects to a proposed roster, named by its digest. `reason`: the commitment to its text, null for none. */
export interface ObjectToHandover {
  readonly type: 'objectToHandover';
  readonly at: string;
  readonly sha256: string;
  readonly holder: string;
  readonly reason: string | null;
}

/**
 * Objects to a handover. From then on the clerk's confirmation is not enough: a second body must confirm the roster. Anyone whose
 * links it concerns can object, once, until it takes effect.
 */
export const objectToHandover = (
  { at, sha256, holder, reason }: ObjectToHandover,
  { inForce, proposal }: RosterState,
): Decision<RosterEvent, 'no-roster' | 'no-such-proposal' | 'no-handover'> => {
  if (inForce === null) return reject('no-roster', 'No roster is in force yet; set the first one.');
  if (proposal?.sha256 !== sha256)
    return reject('no-such-proposal', 'This proposal waits no more: it took effect, it ended, or another has taken its place.');
  if (!handedOver({ proposal }).includes(holder))
    return reject('no-handover', `It does not change who gets the links of ${holder}.`);
  if (proposal.objections?.some((known) => known.holder === holder)) return nothing;
  const { number } = proposal;
  return accept({ type: 'HandoverObjected', v: 1, at, number, sha256, holder, roster: inForce.number, reason });
};
