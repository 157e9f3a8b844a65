import { accept, type Decision, nothing, reject } from '../kernel/decider.ts';
import { attestedBy, attests } from './bodies.ts';
import { type Confirmer, officerOf, personOnRoster, proposalLapses } from './confirm.ts';
import type { RosterEvent } from './events.ts';
import { personLinks } from './linkAge.ts';
import { linkGenerationOf, type RosterState, resetDigest, resetsOf } from './state.ts';

export interface UseLinks {
  readonly type: 'useLinks';
  readonly at: string;
  readonly holder: string;
  readonly generation: number;
}

/** Ends what the person's older links still switch off. Once for each generation. */
export const useLinks = ({ at, holder, generation }: UseLinks, state: RosterState): Decision<RosterEvent, never> => {
  const known = personLinks(state, holder);
  const isNew = known.floor < generation && generation <= known.generation;
  return isNew ? accept<RosterEvent>({ type: 'LinksUsed', v: 1, at, holder, generation }) : nothing;
};

/**
 * Cuts off every link of a person. `generation`: of the links as the caller saw them, so that a repeated request cuts off nothing
 * sent since.
 */
export interface CutOffLinks {
  readonly type: 'cutOffLinks';
  readonly at: string;
  readonly holder: string;
  readonly generation: number;
  readonly by: Confirmer | null;
  readonly reissued: boolean;
}

export type CredentialRejection =
  | 'no-roster'
  | 'no-such-holder'
  | 'not-in-office'
  | 'not-the-clerk'
  | 'own-change'
  | 'proposal-waits';
type Decided = Decision<RosterEvent, CredentialRejection>;

/** Clerks do this for members of a body that they certify for, and for themselves; for everybody else the operator does. */
export const cutOffLinks = (command: CutOffLinks, { inForce, links = {} }: RosterState): Decided => {
  const { at, holder, generation, by, reissued } = command;
  const found = personOnRoster(inForce, holder, by);
  if (!found.ok) return found;
  const { roster, terms } = found;
  if (by !== null) {
    const served = [by.body, ...attestedBy(roster, by.body)];
    if (!terms.some(({ body }) => served.includes(body)))
      return reject('not-the-clerk', 'A clerk does this for the bodies whose votes the clerk certifies.');
  }
  // Links of another generation than the caller saw are cut off already, and later ones stay.
  if (generation !== linkGenerationOf({ links }, holder)) return nothing;
  return accept({ type: 'LinksCutOff', v: 1, at, holder, generation, by: officerOf(by), reissued });
};

/**
 * `generation`: the ordinal of this reset, so that a repeated request does not reset twice. `byTwo`: the policy in force asks for
 * passkeys.
 */
export interface ResetPasskeys {
  readonly type: 'resetPasskeys';
  readonly at: string;
  readonly zone: string;
  readonly holder: string;
  readonly generation: number;
  readonly by: Confirmer | null;
  readonly byTwo: boolean;
}

/**
 * Proposes a reset; for the operator resets at once where the policy asks for no passkeys. It opens the way to a new passkey, so
 * a clerk asks for it neither for themselves nor for their own office, nor in place of another proposal.
 */
export const resetPasskeys = (command: ResetPasskeys, state: RosterState): Decided => {
  const { at, zone, holder, generation, by, byTwo } = command;
  const found = personOnRoster(state.inForce, holder, by);
  if (!found.ok) return found;
  const { roster, terms } = found;
  if (by !== null) {
    if (!attests(roster, by.body))
      return reject('not-the-clerk', 'The clerk does this: a holder of a body that certifies for another.');
    if (holder === by.holder || terms.some(({ body }) => body === by.body))
      return reject('own-change', 'No one can reset their own passkeys or those of their own office.');
  }
  if (resetsOf(state, holder) >= generation) return nothing;
  if (by === null && !byTwo) return accept({ type: 'PasskeysReset', v: 1, at, holder, generation, by });
  const sha256 = resetDigest(holder, generation);
  const { proposal } = state;
  if (proposal !== null && at < proposalLapses(proposal, zone)) {
    if (proposal.sha256 === sha256) return nothing;
    if (by !== null) return reject('proposal-waits', 'Another proposal waits for two persons; only the operator replaces it.');
  }
  return accept({ type: 'ProposalMade', v: 1, at, sha256, subject: { holder, generation, by: officerOf(by) } });
};
