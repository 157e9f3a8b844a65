import { type Assertion, assertionFault, challengeOf } from '../kernel/assertion.ts';
import { accept, type Check, type Decider, type Decision, nothing, PASSED, reject } from '../kernel/decider.ts';
import type { JsonValue } from '../kernel/json.ts';
import { summaryOf } from '../kernel/problems.ts';
import { type LocalMoment, localMoment } from '../kernel/zone.ts';
import { checkRoster } from './check.ts';
import { type Confirmer, type ConfirmerProblem, changedBodies, confirmerProblem, hasConfirmed, isConfirmed } from './confirm.ts';
import { confirmationToSign } from './confirmationToSign.ts';
import { contactsOf, publicRoster, rosterDigest } from './contacts.ts';
import type { RosterEvent } from './events.ts';
import { type FollowPolicy, followPolicy } from './followPolicy.ts';
import { handoverFrom, handoverLapses, handoversOf, type ObjectToHandover, objectToHandover } from './handover.ts';
import { type CutOffLinks, cutOffLinks, type ResetPasskeys, resetPasskeys } from './personCredentials.ts';
import { evolveRoster, initialRosterState, type Proposal, type RosterState, type RosterVersion } from './state.ts';

export type RosterRejection =
  | 'no-such-holder'
  | 'roster-refused'
  | 'seats-are-rules'
  | 'too-few-confirmers'
  | 'roster-breaks-policy'
  | 'no-roster'
  | 'needs-confirmation'
  | 'no-such-proposal'
  | 'no-handover'
  | 'handover-pending'
  | 'handover-not-filed'
  | 'passkey-required'
  | 'passkey-refused'
  | ConfirmerProblem;

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
 * Proposes another roster, which waits for an office-holder's confirmation. `breaks`: why its seats could not meet the policy in
 * force by two persons; none: they can. `seats`: how its bodies differ from those of the policy in force. `locks`: why too few would
 * remain to confirm a later one; undefined: enough do.
 */
export interface ProposeRoster extends WithRoster {
  readonly type: 'proposeRoster';
  readonly seats?: readonly string[];
  readonly locks?: string | undefined;
  readonly breaks?: readonly string[];
}

/** An office-holder confirms the proposed roster they saw, named by its digest. */
export interface ConfirmRoster extends Confirmer {
  readonly type: 'confirmRoster';
  readonly at: string;
  readonly sha256: string;
  /** The signature of the confirmer's passkey over the whole confirmation (see `confirmationToSign`). */
  readonly assertion?: Assertion;
  /** True if the policy in force requires a passkey of this person. */
  readonly passkeyAsked?: boolean;
  /** As at the proposal, under the policy in force now. */
  readonly breaks?: readonly string[];
}

/** The passage of time: brings a confirmed handover into force once its wait is over, and ends one that was not confirmed. */
export interface SettleRoster {
  readonly type: 'settleRoster';
  readonly at: string;
  readonly zone: string;
  /** As at the proposal, under the policy in force now. */
  readonly breaks?: readonly string[];
}

export type RosterCommand =
  | SetRoster
  | ProposeRoster
  | ConfirmRoster
  | ObjectToHandover
  | SettleRoster
  | FollowPolicy
  | CutOffLinks
  | ResetPasskeys;

type Decided = Decision<RosterEvent, RosterRejection>;

const decide = (command: RosterCommand, state: RosterState): Decided => {
  switch (command.type) {
    case 'confirmRoster':
      return confirm(command, state);
    case 'objectToHandover':
      return objectToHandover(command, state);
    case 'settleRoster':
      return settle(command, state);
    case 'followPolicy':
      return followPolicy(command, state);
    case 'cutOffLinks':
      return cutOffLinks(command, state);
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
    return reject('needs-confirmation', 'A roster is in force. Propose the new one: an office-holder must confirm it.');
  return accept({ type: 'RosterAdopted', v: 1, at, ...next, by: 'operator' });
};

const breaksPolicy = (breaks: readonly string[]) =>
  reject('roster-breaks-policy', `The policy in force could not be met under this roster: ${breaks.join('; ')}`);

const seatsDetail = (seats: readonly string[]): string =>
  `Bodies, their seats and who certifies their acts change only with the policy: ${seats.join('; ')}. Put the change to the vote with the policy in force or another one: aldergate policy adopt FILE --roster FILE.`;

/** Proposes a roster; the one in force withdraws the proposal that waits. */
const propose = (
  { since: at, ...next }: RosterVersion,
  { inForce, proposal }: RosterState,
  { breaks = [], seats = [], locks, zone }: ProposeRoster,
): Decided => {
  if (inForce === null) return reject('no-roster', 'No roster is in force yet; set the first one.');
  if (next.sha256 === proposal?.sha256) return nothing;
  if (next.sha256 === inForce.sha256) return proposal === null ? nothing : accept<RosterEvent>(ended(proposal, at, 'withdrawn'));
  if (seats.length > 0) return reject('seats-are-rules', seatsDetail(seats));
  if (breaks.length > 0) return breaksPolicy(breaks);
  if (locks !== undefined) return reject('too-few-confirmers', locks);
  const handovers = handoversOf(inForce, next, localMoment(at, zone));
  const wait = handovers.length === 0 ? {} : { handovers: [...handovers], effectiveAt: handoverFrom(at, zone) };
  return accept<RosterEvent>({ type: 'RosterProposed', v: 1, at, ...next, ...wait });
};

const ended = (
  { number, sha256, handovers }: Proposal,
  at: string,
  because: Extract<RosterEvent, { type: 'RosterProposalEnded' }>['because'],
): RosterEvent => ({
  type: 'RosterProposalEnded',
  v: 1,
  at,
  number,
  sha256,
  because,
  ...(handovers !== undefined && { handovers }),
});

const adoption = ({ number, sha256, roster, contacts }: Proposal, at: string): RosterEvent => ({
  type: 'RosterAdopted',
  v: 1,
  at,
  number,
  sha256,
  roster,
  contacts,
  by: 'confirmation',
});

/** Returns the holders who have taken their seats since the filing, and of whom the proposal would be an unfiled handover. */
const unfiled = (inForce: RosterVersion, proposal: Proposal, when: LocalMoment): readonly string[] =>
  handoversOf(inForce, proposal, when).filter((holder) => !(proposal.handovers ?? []).includes(holder));

const settle = ({ at, zone, breaks = [] }: SettleRoster, { inForce, proposal }: RosterState): Decided => {
  if (inForce === null || proposal?.effectiveAt === undefined) return nothing;
  const fits = breaks.length === 0 && unfiled(inForce, proposal, localMoment(at, zone)).length === 0;
  if (fits && isConfirmed(inForce, proposal, at)) return accept(adoption(proposal, at));
  return at >= handoverLapses(proposal, zone) ? accept(ended(proposal, at, 'unconfirmed')) : nothing;
};

const confirm = (command: ConfirmRoster, { inForce, proposal }: RosterState): Decided => {
  const { at, sha256, holder, body, seat, assertion, when, breaks = [] } = command;
  if (inForce === null) return reject('no-roster', 'No roster is in force yet; set the first one.');
  if (inForce.sha256 === sha256) return nothing;
  if (proposal?.sha256 !== sha256)
    return reject('no-such-proposal', 'This proposal is not the one that waits: another has taken its place, or it has ended.');
  if (hasConfirmed(proposal, holder)) return nothing;
  const problem = confirmerProblem(inForce, proposal, command);
  if (problem !== undefined) return reject(problem, confirmerDetail(problem, changedBodies(inForce, proposal)));
  const [missed] = unfiled(inForce, proposal, when);
  if (missed !== undefined)
    return reject('handover-not-filed', `${missed} sits since, and this roster changes who gets their links: file it again.`);
  if (breaks.length > 0) return breaksPolicy(breaks);
  const proven = checkPasskey(command);
  if (!proven.ok) return proven;
  const confirmed: RosterEvent = {
    type: 'RosterConfirmed',
    v: 1,
    at,
    number: proposal.number,
    sha256,
    holder,
    body,
    seat,
    roster: inForce.number,
    ...(assertion !== undefined && { assertion }),
  };
  const after = { ...proposal, confirmations: [...(proposal.confirmations ?? []), { holder, body, seat }] };
  return isConfirmed(inForce, after, at) ? accept(confirmed, adoption(proposal, at)) : accept(confirmed);
};

const checkPasskey = (command: ConfirmRoster): Check<RosterRejection> => {
  const { at, assertion, passkeyAsked = false } = command;
  if (assertion === undefined)
    return passkeyAsked
      ? reject('passkey-required', 'the policy asks for a passkey, and this confirmation came without one')
      : PASSED;
  const fault = assertionFault(assertion, challengeOf(confirmationToSign(command, assertion)), at);
  return fault === undefined ? PASSED : reject('passkey-refused', `the passkey does not prove this confirmation: ${fault}`);
};

const confirmerDetail = (problem: ConfirmerProblem, changed: readonly string[]): string => {
  switch (problem) {
    case 'not-in-office':
      return 'Only who holds the seat today, under the roster in force, can confirm.';
    case 'own-change':
      return `No one can confirm a change of their own body or term. This roster changes ${changed.join(', ')}: another person must confirm it.`;
    case 'not-the-clerk':
      return 'The clerk confirms the roster: a holder of a body that certifies for another.';
  }
};

/** The city's rosters in sequence: stream `roster`. */
export const rosterDecider: Decider<RosterCommand, RosterState, RosterEvent, RosterRejection> = {
  initialState: initialRosterState,
  decide,
  evolve: evolveRoster,
};
