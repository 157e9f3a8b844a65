import { type Assertion, assertionFault, challengeOf } from '../kernel/assertion.ts';
import { accept, type Check, type Decision, nothing, PASSED, type Rejected, reject } from '../kernel/decider.ts';
import type { JsonObject } from '../kernel/json.ts';
import { type LocalMoment, plusDuration } from '../kernel/zone.ts';
import type { Officer, ProposalAnswered, RosterEvent } from './events.ts';
import { type ActingRules, areTwoOfTwoBodies, holderOfSeat, isInDecidingBody, isLastInDecidingBody } from './holders.ts';
import type { Roster } from './schema.ts';
import { isActOf, type Proposal, type RosterState, type RosterVersion, resetDigest } from './state.ts';

// Wire and storage format: what a passkey signs. Signed bytes contain its hash permanently; a change needs a new version beside
// this one.

export const confirmationToSign = (
  { sha256, holder, body, seat }: Pick<ProposalAnswered, 'sha256' | 'holder' | 'body' | 'seat'>,
  { gate, nonce, expiresAt }: Pick<Assertion, 'gate' | 'nonce' | 'expiresAt'>,
): JsonObject => ({ format: 'aldergate-roster', v: 1, gate, nonce, expiresAt, sha256, holder, body, seat });

export interface Confirmer extends Readonly<Officer> {
  readonly when: LocalMoment;
}

export const officerOf = (by: Confirmer | null): Officer | null =>
  by === null ? null : { holder: by.holder, body: by.body, seat: by.seat };

/**
 * Finds the person whose links or passkeys a command is about; a clerk (`by`, null for the operator) must hold their seat today.
 */
export const personOnRoster = (
  inForce: RosterVersion | null,
  holder: string,
  by: Confirmer | null,
):
  | { readonly ok: true; readonly roster: Roster; readonly terms: Roster['holders'] }
  | Rejected<'no-roster' | 'no-such-holder' | 'not-in-office'> => {
  if (inForce === null) return reject('no-roster', 'No roster is in force yet; set the first one.');
  const { roster } = inForce;
  const terms = roster.holders.filter(({ id }) => id === holder);
  if (terms.length === 0) return reject('no-such-holder', `No holder on the roster has the id ${holder}.`);
  if (by !== null && holderOfSeat(roster, by.body, by.seat, by.when)?.id !== by.holder)
    return reject('not-in-office', 'Only the person who holds the seat today, under the roster in force, can do this.');
  return { ok: true, roster, terms };
};

const PROPOSAL_LASTS = 'P14D';

export const proposalLapses = ({ since }: Pick<Proposal, 'since'>, zone: string): string =>
  plusDuration(since, PROPOSAL_LASTS, zone);

export interface ConfirmerRules {
  readonly policy: ActingRules | null;
  readonly inForce: RosterVersion;
}

/** Reports whether a person is in office in a deciding body or, for a roster, was the last in its seat. */
export const canConfirm = ({ policy, inForce }: ConfirmerRules, proposal: Proposal, { when, ...who }: Confirmer): boolean =>
  isInDecidingBody(policy, inForce.roster, who, when) ||
  ('roster' in proposal && isLastInDecidingBody(policy, inForce.roster, who, when));

/** Returns everyone who can confirm a proposal at a moment, once for each seat. */
export const confirmersOf = (rules: ConfirmerRules, proposal: Proposal, when: LocalMoment): readonly Officer[] => {
  const seats = new Map(
    rules.inForce.roster.holders.map(({ id: holder, body, seat }) => [`${body}/${seat}/${holder}`, { holder, body, seat }]),
  );
  return [...seats.values()].filter((who) => canConfirm(rules, proposal, { ...who, when }));
};

export const hasConfirmed = ({ confirmations }: Proposal, who: Pick<Officer, 'holder' | 'body'>): boolean =>
  confirmations.some((act) => isActOf(act, who));

export const awaitsAnswerOf = (rules: ConfirmerRules, proposal: Proposal, who: Confirmer): boolean =>
  canConfirm(rules, proposal, who) && ![...proposal.confirmations, ...proposal.refusals].some((act) => isActOf(act, who));

const isConfirmed = (rules: ConfirmerRules, proposal: Proposal, when: LocalMoment): boolean => {
  const counted = proposal.confirmations.filter((who) => canConfirm(rules, proposal, { ...who, when }));
  return rules.policy === null ? counted.length > 0 : areTwoOfTwoBodies(counted);
};

/** An answer to the proposal that the person saw, named by its digest. `policy`: in force. */
interface Answer extends Confirmer {
  readonly at: string;
  readonly sha256: string;
  readonly policy: ActingRules | null;
}

export interface ConfirmProposal extends Answer {
  readonly type: 'confirmProposal';
  readonly assertion?: Assertion;
  /** True if the policy in force requires a passkey of this person. */
  readonly passkeyAsked?: boolean;
  /** How the bodies of a proposed roster differ from those of the policy in force now. */
  readonly seats?: readonly string[];
}

/** Refuses a proposal without stopping it. `reason`: the commitment to its text, null for none. */
export interface RefuseProposal extends Answer {
  readonly type: 'refuseProposal';
  readonly reason: string | null;
}

export type AnswerRejection =
  | 'no-roster'
  | 'no-such-proposal'
  | 'not-in-office'
  | 'seats-are-rules'
  | 'passkey-required'
  | 'passkey-refused';
type Decided = Decision<RosterEvent, AnswerRejection>;

export const refuseSeats = (seats: readonly string[]) =>
  reject(
    'seats-are-rules',
    `Bodies, their seats and who certifies their acts change only with the policy: ${seats.join('; ')}. Put the change to the vote with the policy in force or another one: aldergate policy adopt FILE --roster FILE.`,
  );

export const isInEffect = ({ inForce, resets = {}, restored }: RosterState, sha256: string): boolean =>
  inForce?.sha256 === sha256 ||
  restored === sha256 ||
  Object.entries(resets).some(([holder, generation]) => resetDigest(holder, generation) === sha256);

const findProposal = (
  command: Answer,
  { inForce, proposal }: RosterState,
): { readonly ok: true; readonly rules: ConfirmerRules; readonly proposal: Proposal } | Rejected<AnswerRejection> => {
  const { at, sha256, policy, when } = command;
  if (inForce === null) return reject('no-roster', 'No roster is in force yet; set the first one.');
  if (proposal?.sha256 !== sha256 || at >= proposalLapses(proposal, when.zone))
    return reject('no-such-proposal', 'This proposal waits no more: it took effect, it ended, or another has taken its place.');
  const { holder, body, seat } = command;
  const rules = { policy, inForce };
  if (!canConfirm(rules, proposal, { holder, body, seat, when }))
    return reject('not-in-office', 'Only a person in office in a body that approves, certifies or attests can answer this.');
  return { ok: true, rules, proposal };
};

const actOf = ({ at, sha256, holder, body, seat }: Answer, { inForce }: ConfirmerRules) =>
  ({ type: 'ProposalAnswered', v: 1, at, sha256, holder, body, seat, roster: inForce.number }) as const;

export const decideConfirmation = (command: ConfirmProposal, state: RosterState): Decided => {
  const { holder, body, seat, when, assertion, seats = [] } = command;
  if (isInEffect(state, command.sha256)) return nothing;
  const found = findProposal(command, state);
  if (!found.ok) return found;
  const { rules, proposal } = found;
  if (hasConfirmed(proposal, command)) return nothing;
  if ('roster' in proposal && seats.length > 0) return refuseSeats(seats);
  const proven = checkPasskey(command);
  if (!proven.ok) return proven;
  const confirmed = {
    ...actOf(command, rules),
    decision: 'confirm' as const,
    reason: null,
    ...(assertion !== undefined && { assertion }),
  };
  const after = { ...proposal, confirmations: [...proposal.confirmations, { holder, body, seat }] };
  return isConfirmed(rules, after, when) ? accept<RosterEvent>(confirmed, effectOf(proposal, command)) : accept(confirmed);
};

const effectOf = (proposal: Proposal, { at, holder, body, seat }: ConfirmProposal): RosterEvent => {
  if ('roster' in proposal) {
    const { number, sha256, roster, contacts } = proposal;
    return { type: 'RosterAdopted', v: 1, at, number, sha256, roster, contacts, by: 'confirmation' };
  }
  if ('size' in proposal) return { type: 'ProposalEnded', v: 1, at, sha256: proposal.sha256, because: 'confirmed' };
  const { holder: person, generation } = proposal;
  return { type: 'PasskeysReset', v: 1, at, holder: person, generation, by: { holder, body, seat } };
};

const checkPasskey = (command: ConfirmProposal): Check<AnswerRejection> => {
  const { at, assertion, passkeyAsked = false } = command;
  if (assertion === undefined)
    return passkeyAsked
      ? reject('passkey-required', 'the policy asks for a passkey, and this confirmation came without one')
      : PASSED;
  const fault = assertionFault(assertion, challengeOf(confirmationToSign(command, assertion)), at);
  return fault === undefined ? PASSED : reject('passkey-refused', `the passkey does not prove this confirmation: ${fault}`);
};

/** Refuses a proposal; an earlier confirmation by this person in this body no longer counts. */
export const decideRefusal = (command: RefuseProposal, state: RosterState): Decided => {
  const found = findProposal(command, state);
  if (!found.ok) return found;
  const { rules, proposal } = found;
  if (proposal.refusals.some((act) => isActOf(act, command))) return nothing;
  return accept({ ...actOf(command, rules), decision: 'refuse', reason: command.reason });
};
