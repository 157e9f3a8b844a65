import { accept, type Decider, type Decision, nothing, reject, rejectInput } from '../kernel/decider.ts';
import type { JsonValue } from '../kernel/json.ts';
import { attestedBy, attests, bodyDifferences, type RuledBodies, rosterFollowing, ruledBodies, type Seating } from './bodies.ts';
import { checkRoster, rosterProblems } from './check.ts';
import {
  type AnswerRejection,
  type Confirmer,
  type ConfirmProposal,
  decideConfirmation,
  decideRefusal,
  officerOf,
  personOnRoster,
  proposalLapses,
  type RefuseProposal,
  refuseSeats,
} from './confirm.ts';
import { contactsOf, publicRoster, rosterDigest } from './contacts.ts';
import type { RosterEvent } from './events.ts';
import {
  evolveRoster,
  initialRosterState,
  linkGenerationOf,
  type Proposal,
  personLinks,
  type RosterState,
  type RosterVersion,
  resetDigest,
  resetsOf,
  restoredDigest,
} from './state.ts';

interface UseLinks {
  readonly type: 'useLinks';
  readonly at: string;
  readonly holder: string;
  readonly generation: number;
}

/** Stops a person's older links from switching anything off. Takes effect once for each generation. */
export const useLinks = ({ at, holder, generation }: UseLinks, state: RosterState): Decision<RosterEvent, never> => {
  const known = personLinks(state, holder);
  const isNew = known.floor < generation && generation <= known.generation;
  return isNew ? accept<RosterEvent>({ type: 'LinksUsed', v: 1, at, holder, generation }) : nothing;
};

/**
 * Cuts off every link of a person. `generation`: of the links that the caller saw, so that a repeated request cuts off none sent since.
 */
export interface CutOffLinks {
  readonly type: 'cutOffLinks';
  readonly at: string;
  readonly holder: string;
  readonly generation: number;
  readonly by: Confirmer | null;
  readonly reissued: boolean;
}

type CredentialRejection = 'no-roster' | 'no-such-holder' | 'not-in-office' | 'not-the-clerk' | 'own-change' | 'proposal-waits';

/** Clerks can do this for themselves and for members of a body that they certify for; the operator, for everyone. */
const cutOffLinks = (command: CutOffLinks, { inForce, links = {} }: RosterState): Decided => {
  const { at, holder, generation, by, reissued } = command;
  const found = personOnRoster(inForce, holder, by);
  if (!found.ok) return found;
  const { roster, terms } = found;
  if (by !== null) {
    const served = [by.body, ...attestedBy(roster, by.body)];
    if (!terms.some(({ body }) => served.includes(body)))
      return reject('not-the-clerk', 'A clerk does this for the bodies whose votes the clerk certifies.');
  }
  // Links of another generation than the caller saw are cut off already; later ones stay.
  if (generation !== linkGenerationOf({ links }, holder)) return nothing;
  return accept({ type: 'LinksCutOff', v: 1, at, holder, generation, by: officerOf(by), reissued });
};

/**
 * `generation`: the ordinal of this reset, so that a repeated request does not reset twice. `byTwo`: whether the policy in force requires
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
 * Proposes a reset; for the operator, resets at once if the policy requires no passkeys. A reset allows a new passkey, so a clerk can
 * request none for themselves, for their own office or in place of another proposal.
 */
const resetPasskeys = (command: ResetPasskeys, state: RosterState): Decided => {
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

/**
 * The caller guarantees that this policy, with these bodies and new seats, came into force at `since`. `rules`: the bodies of the policy
 * that is in force now.
 */
interface FollowPolicy extends Seating {
  readonly type: 'followPolicy';
  readonly at: string;
  readonly zone: string;
  readonly policy: number;
  readonly since: string;
  readonly rules: RuledBodies;
}

/**
 * Follows a policy once, in order, and not after a roster with the bodies in force was confirmed, so that it cannot undo confirmed
 * changes. A waiting proposal ends: it was made under other bodies.
 */
const followPolicy = (
  { at, zone, policy, since, rules, ...seating }: FollowPolicy,
  { inForce, follows = 0 }: RosterState,
): Decision<RosterEvent, 'no-roster' | 'roster-refused'> => {
  if (inForce === null) return reject('no-roster', 'No roster is in force yet; set the first one.');
  const isConfirmed = inForce.since >= since && bodyDifferences(rules, ruledBodies(inForce.roster)).length === 0;
  if (policy <= follows || isConfirmed) return nothing;
  const { roster, contacts } = rosterFollowing(inForce, seating);
  const sha256 = rosterDigest(roster, contacts);
  if (sha256 === inForce.sha256) return nothing;
  const problems = rosterProblems(roster, zone);
  if (problems.length > 0) return rejectInput('roster-refused', problems);
  const number = inForce.number + 1;
  return accept({ type: 'RosterAdopted', v: 1, at, number, sha256, roster, contacts, by: 'policy', policy });
};

export type RosterRejection =
  | 'roster-refused'
  | 'seats-are-rules'
  | 'too-few-confirmers'
  | 'needs-confirmation'
  | AnswerRejection
  | CredentialRejection;

/** `salt`: see `contactsOf`. */
interface WithRoster {
  readonly at: string;
  readonly zone: string;
  readonly roster: JsonValue;
  readonly salt: Uint8Array;
}

interface SetRoster extends WithRoster {
  readonly type: 'setRoster';
}

/**
 * `seats`: how its bodies differ from those of the policy in force. `locks`: why too few persons would remain to confirm a later one.
 */
export interface ProposeRoster extends WithRoster {
  readonly type: 'proposeRoster';
  readonly seats?: readonly string[];
  readonly locks?: string | undefined;
}

/** `log`: as restored; undefined if that no longer waits. `replaces`: any waiting proposal. */
interface ProposeRestored {
  readonly type: 'proposeRestored';
  readonly at: string;
  readonly zone: string;
  readonly log: { readonly size: number; readonly root: string } | undefined;
  readonly replaces: boolean;
}

interface EndProposal {
  readonly type: 'endProposal';
  readonly at: string;
  readonly zone: string;
}

export type RosterCommand =
  | SetRoster
  | ProposeRoster
  | ConfirmProposal
  | RefuseProposal
  | ProposeRestored
  | EndProposal
  | FollowPolicy
  | CutOffLinks
  | UseLinks
  | ResetPasskeys;

type Decided = Decision<RosterEvent, RosterRejection>;

const decide = (command: RosterCommand, state: RosterState): Decided => {
  switch (command.type) {
    case 'confirmProposal':
      return decideConfirmation(command, state);
    case 'refuseProposal':
      return decideRefusal(command, state);
    case 'proposeRestored':
      return proposeRestored(command, state);
    case 'endProposal':
      return endProposal(command, state);
    case 'followPolicy':
      return followPolicy(command, state);
    case 'cutOffLinks':
      return cutOffLinks(command, state);
    case 'useLinks':
      return useLinks(command, state);
    case 'resetPasskeys':
      return resetPasskeys(command, state);
    case 'setRoster':
    case 'proposeRoster':
      return read(command, state);
  }
};

const read = (command: SetRoster | ProposeRoster, state: RosterState): Decided => {
  const checked = checkRoster(command.roster, command.zone, state.inForce?.roster.holders);
  if (!checked.ok) return rejectInput('roster-refused', checked.problems);
  const roster = publicRoster(checked.roster);
  const contacts = contactsOf(checked.roster, command.salt);
  const next = {
    roster,
    contacts,
    sha256: rosterDigest(roster, contacts),
    number: (state.inForce?.number ?? 0) + 1,
    since: command.at,
  };
  return command.type === 'setRoster' ? set(next, state) : propose(next, state, command);
};

/** Sets the first roster. The operator can do so only once; otherwise they could appoint officials at will. */
const set = ({ since: at, ...next }: RosterVersion, { inForce }: RosterState): Decided => {
  if (inForce?.sha256 === next.sha256) return nothing;
  if (inForce !== null)
    return reject('needs-confirmation', 'A roster is in force. Propose the new one: two persons must confirm it.');
  return accept({ type: 'RosterAdopted', v: 1, at, ...next, by: 'operator' });
};

const propose = (
  { since: at, sha256, ...subject }: RosterVersion,
  { inForce, proposal }: RosterState,
  { seats = [], locks, zone }: ProposeRoster,
): Decided => {
  if (inForce === null) return reject('no-roster', 'No roster is in force yet; set the first one.');
  if (sha256 === proposal?.sha256 && at < proposalLapses(proposal, zone)) return nothing;
  if (sha256 === inForce.sha256) return proposal === null ? nothing : ended(proposal, at, 'withdrawn');
  if (seats.length > 0) return refuseSeats(seats);
  if (locks !== undefined) return reject('too-few-confirmers', locks);
  return accept<RosterEvent>({ type: 'ProposalMade', v: 1, at, sha256, subject });
};

const proposeRestored = ({ at, zone, log, replaces }: ProposeRestored, { inForce, proposal, restored }: RosterState): Decided => {
  if (log === undefined) return proposal !== null && 'size' in proposal ? ended(proposal, at, 'withdrawn') : nothing;
  const sha256 = restoredDigest(log.size, log.root);
  if (inForce === null) return reject('no-roster', 'No roster is in force yet; set the first one.');
  if (restored === sha256) return nothing;
  const waits = proposal !== null && at < proposalLapses(proposal, zone);
  if (waits && (proposal.sha256 === sha256 || !replaces)) return nothing;
  return accept<RosterEvent>({ type: 'ProposalMade', v: 1, at, sha256, subject: { ...log } });
};

const ended = ({ sha256 }: Proposal, at: string, because: Extract<RosterEvent, { type: 'ProposalEnded' }>['because']): Decided =>
  accept<RosterEvent>({ type: 'ProposalEnded', v: 1, at, sha256, because });

const endProposal = ({ at, zone }: EndProposal, { proposal }: RosterState): Decided =>
  proposal !== null && at >= proposalLapses(proposal, zone) ? ended(proposal, at, 'unconfirmed') : nothing;

export const rosterDecider: Decider<RosterCommand, RosterState, RosterEvent, RosterRejection> = {
  initialState: initialRosterState,
  decide,
  evolve: evolveRoster,
};
