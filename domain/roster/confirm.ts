import { canonical } from '../kernel/canonical.ts';
import { type Rejected, reject } from '../kernel/decider.ts';
import type { LocalMoment } from '../kernel/zone.ts';
import { attestingBodies } from './attest.ts';
import { contactOf } from './contacts.ts';
import type { Officer } from './events.ts';
import { holderOfSeat } from './holders.ts';
import type { Roster } from './schema.ts';
import type { Proposal, RosterVersion } from './state.ts';

/** The person who wants to confirm a proposed roster, their seat, and the moment. */
export interface Confirmer extends Readonly<Officer> {
  readonly when: LocalMoment;
}

/** Returns the actor as the event stores it; null for the operator. */
export const officerOf = (by: Confirmer | null): Officer | null =>
  by === null ? null : { holder: by.holder, body: by.body, seat: by.seat };

/**
 * Finds the person whose links or passkeys a command is about, by all their terms; a clerk who gives it must hold their seat
 * today. `by` is null for the operator.
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
    return reject('not-in-office', 'Only who holds the seat today, under the roster in force, can do this.');
  return { ok: true, roster, terms };
};

export type ConfirmerProblem = 'not-in-office' | 'own-change' | 'not-the-clerk';

const holdersIn = ({ holders }: Roster, body: string) => holders.filter((holder) => holder.body === body);

const bodyFacts = (version: RosterVersion, body: string): string => {
  const { roster } = version;
  const holders = holdersIn(roster, body);
  return canonical({
    body: (Object.hasOwn(roster.bodies, body) ? roster.bodies[body] : undefined) ?? null,
    holders,
    contacts: holders.map(({ id }) => contactOf(version, id) ?? null),
  });
};

/**
 * Returns the bodies a proposal changes: their seats, names, holders, the holders' addresses, or the body that certifies for
 * them.
 */
export const changedBodies = (inForce: RosterVersion, proposal: RosterVersion): readonly string[] =>
  [...new Set([...Object.keys(inForce.roster.bodies), ...Object.keys(proposal.roster.bodies)])].filter(
    (body) => bodyFacts(inForce, body) !== bodyFacts(proposal, body),
  );

const termsOf = ({ holders }: Roster, person: string): string => canonical(holders.filter(({ id }) => id === person));

/** Reports whether a proposal changes every body, so that each confirmer confirms a change of their own body. */
export const changesEveryBody = (inForce: RosterVersion, proposal: RosterVersion): boolean => {
  const bodies = Object.keys(inForce.roster.bodies);
  const changed = changedBodies(inForce, proposal);
  return bodies.length > 1 && bodies.every((body) => changed.includes(body));
};

/**
 * Reports whether a body's confirmation is the one that a proposal cannot do without: a certifying body's, unless the proposal
 * changes one and leaves another body as it is.
 */
const leads = (inForce: RosterVersion, proposal: RosterVersion, body: string): boolean => {
  const attesting = attestingBodies(inForce.roster);
  const changed = changedBodies(inForce, proposal);
  const clerksConfirm = changesEveryBody(inForce, proposal) || !changed.some((each) => attesting.has(each));
  return attesting.size === 0 || !clerksConfirm || attesting.has(body);
};

/**
 * Returns why a person cannot confirm a proposed roster; undefined if they can. Confirming is the clerk's task: the holder of a
 * seat, under the roster in force, in a body that certifies for another. A person cannot confirm a change of their own body or of
 * their own terms or address, so when the proposal changes a certifying body, or none exists, the holder of any unchanged body
 * confirms. A handover can be confirmed by any other unchanged body as well, which makes two. A proposal that changes every body
 * needs the clerk and another body. In a city of one body, a member whose own term is unchanged confirms.
 */
export const confirmerProblem = (inForce: RosterVersion, proposal: Proposal, who: Confirmer): ConfirmerProblem | undefined => {
  const { holder, body, seat, when } = who;
  if (holderOfSeat(inForce.roster, body, seat, when)?.id !== holder) return 'not-in-office';
  if (changesEveryBody(inForce, proposal)) return undefined;
  const handovers = proposal.handovers ?? [];
  if (termsOf(inForce.roster, holder) !== termsOf(proposal.roster, holder) || handovers.includes(holder)) return 'own-change';
  if (Object.keys(inForce.roster.bodies).length === 1) return undefined;
  if (changedBodies(inForce, proposal).includes(body)) return 'own-change';
  return leads(inForce, proposal, body) || handovers.length > 0 ? undefined : 'not-the-clerk';
};

/** Reports whether a proposal waits for a person: they can confirm it and have not. */
export const awaits = (inForce: RosterVersion, proposal: Proposal, who: Confirmer): boolean =>
  !hasConfirmed(proposal, who.holder) && confirmerProblem(inForce, proposal, who) === undefined;

/** Reports whether a person has confirmed a proposal. */
export const hasConfirmed = ({ confirmations = [] }: Proposal, holder: string): boolean =>
  confirmations.some((known) => known.holder === holder);

/**
 * Reports whether the confirmations given bring a proposal into force at an instant. One is enough, the clerk's, unless the
 * proposal changes every body. With a handover, one is enough two days after its filing if no one objects; a confirmation by a
 * second body ends an objection and the wait. Where the proposal leaves no second body as it is, a second person of the same body
 * ends the objection, and the wait stays.
 */
export const isConfirmed = (inForce: RosterVersion, proposal: Proposal, at: string): boolean => {
  const { confirmations = [], objections = [], effectiveAt } = proposal;
  const leading = confirmations.filter(({ body }) => leads(inForce, proposal, body));
  const beside = (one: Officer): readonly Officer[] => confirmations.filter(({ holder }) => holder !== one.holder);
  if (leading.some((one) => beside(one).some(({ body }) => body !== one.body))) return true;
  if (leading.length === 0 || changesEveryBody(inForce, proposal)) return false;
  if (effectiveAt === undefined) return true;
  const changed = changedBodies(inForce, proposal);
  const isAlone = ({ body }: Officer): boolean =>
    Object.keys(inForce.roster.bodies).every((each) => each === body || changed.includes(each));
  const settled = objections.length === 0 || leading.some((one) => isAlone(one) && beside(one).length > 0);
  return settled && at >= effectiveAt;
};
