import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import type { JsonValue } from '../kernel/json.ts';
import { summaryOf } from '../kernel/problems.ts';
import { checkRoster } from './check.ts';
import {
  type AnswerRejection,
  type ConfirmProposal,
  decideConfirmation,
  decideRefusal,
  proposalLapses,
  type RefuseProposal,
  refuseSeats,
} from './confirm.ts';
import { contactsOf, publicRoster, rosterDigest } from './contacts.ts';
import type { RosterEvent } from './events.ts';
import { type FollowPolicy, followPolicy } from './followPolicy.ts';
import {
  type CredentialRejection,
  type CutOffLinks,
  cutOffLinks,
  type ResetPasskeys,
  resetPasskeys,
} from './personCredentials.ts';
import { evolveRoster, initialRosterState, type Proposal, type RosterState, type RosterVersion } from './state.ts';
import { type UseLinks, useLinks } from './useLinks.ts';

export type RosterRejection =
  | 'roster-refused'
  | 'seats-are-rules'
  | 'too-few-confirmers'
  | 'needs-confirmation'
  | AnswerRejection
  | CredentialRejection;

/**
 * A roster file as parsed. `salt`: see `contactsOf`; the addresses go to the side store, under the digest of what was adopted.
 */
interface WithRoster {
  readonly at: string;
  /** The city's IANA time zone. */
  readonly zone: string;
  readonly roster: JsonValue;
  readonly salt: Uint8Array;
}

/** The operator brings the first roster into force. */
export interface SetRoster extends WithRoster {
  readonly type: 'setRoster';
}

/**
 * Proposes another roster, which waits for two persons of two bodies. `seats`: how its bodies differ from those of the
 * policy in force. `locks`: why too few would remain to confirm a later one; undefined: enough do.
 */
export interface ProposeRoster extends WithRoster {
  readonly type: 'proposeRoster';
  readonly seats?: readonly string[];
  readonly locks?: string | undefined;
}

/** The passage of time: ends a proposal that was not confirmed in time. */
export interface EndProposal {
  readonly type: 'endProposal';
  readonly at: string;
  readonly zone: string;
}

export type RosterCommand =
  | SetRoster
  | ProposeRoster
  | ConfirmProposal
  | RefuseProposal
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
  const checked = checkRoster(command.roster, command.zone);
  if (!checked.ok) return reject('roster-refused', summaryOf(checked.problems), checked.problems[0]?.pointer);
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

/** Adopts the first roster. The operator can do so only once: otherwise the operator could appoint officials at will. */
const set = ({ since: at, ...next }: RosterVersion, { inForce }: RosterState): Decided => {
  if (inForce?.sha256 === next.sha256) return nothing;
  if (inForce !== null)
    return reject('needs-confirmation', 'A roster is in force. Propose the new one: two persons must confirm it.');
  return accept({ type: 'RosterAdopted', v: 1, at, ...next, by: 'operator' });
};

/** Proposes a roster; the one in force withdraws the proposal that waits. */
const propose = (
  { since: at, ...next }: RosterVersion,
  { inForce, proposal }: RosterState,
  { seats = [], locks, zone }: ProposeRoster,
): Decided => {
  if (inForce === null) return reject('no-roster', 'No roster is in force yet; set the first one.');
  if (next.sha256 === proposal?.sha256 && at < proposalLapses(proposal, zone)) return nothing;
  if (next.sha256 === inForce.sha256) return proposal === null ? nothing : ended(proposal, at, 'withdrawn');
  if (seats.length > 0) return refuseSeats(seats);
  if (locks !== undefined) return reject('too-few-confirmers', locks);
  return accept<RosterEvent>({ type: 'RosterProposed', v: 1, at, ...next });
};

const ended = (
  { sha256 }: Proposal,
  at: string,
  because: Extract<RosterEvent, { type: 'RosterProposalEnded' }>['because'],
): Decided => accept<RosterEvent>({ type: 'RosterProposalEnded', v: 1, at, sha256, because });

const endProposal = ({ at, zone }: EndProposal, { proposal }: RosterState): Decided =>
  proposal !== null && at >= proposalLapses(proposal, zone) ? ended(proposal, at, 'unconfirmed') : nothing;

/** The city's rosters in sequence: stream `roster`. */
export const rosterDecider: Decider<RosterCommand, RosterState, RosterEvent, RosterRejection> = {
  initialState: initialRosterState,
  decide,
  evolve: evolveRoster,
};
