import { canonical } from '../kernel/canonical.ts';
import { type Rejected, reject } from '../kernel/decider.ts';
import { attestingBodies } from './attest.ts';
import type { Officer } from './events.ts';
import { holderOfSeat } from './holders.ts';
import type { Roster } from './schema.ts';
import type { RosterVersion } from './state.ts';

/** The person who wants to confirm a proposed roster, their seat, and the local date of that moment. */
export interface Confirmer {
  readonly holder: string;
  readonly body: string;
  readonly seat: string;
  readonly localDate: string;
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
  if (terms.length === 0) return reject('no-such-holder', `Nobody on the roster has the id ${holder}.`);
  if (by !== null && holderOfSeat(roster, by.body, by.seat, by.localDate)?.id !== by.holder)
    return reject('not-in-office', 'Only who holds the seat today, under the roster in force, can do this.');
  return { ok: true, roster, terms };
};

export type ConfirmerProblem = 'not-in-office' | 'own-change' | 'not-the-clerk';

const holdersIn = ({ holders }: Roster, body: string) => holders.filter((holder) => holder.body === body);

const bodyFacts = ({ roster, contacts }: RosterVersion, body: string): string =>
  canonical({
    body: (Object.hasOwn(roster.bodies, body) ? roster.bodies[body] : undefined) ?? null,
    holders: holdersIn(roster, body),
    contacts: holdersIn(roster, body).map(({ id }) => (Object.hasOwn(contacts, id) ? (contacts[id] ?? null) : null)),
  });

/**
 * Returns the bodies a proposal changes: their seats, names, holders, the holders' addresses, or the body that certifies for
 * them.
 */
export const changedBodies = (inForce: RosterVersion, proposal: RosterVersion): readonly string[] =>
  [...new Set([...Object.keys(inForce.roster.bodies), ...Object.keys(proposal.roster.bodies)])].filter(
    (body) => bodyFacts(inForce, body) !== bodyFacts(proposal, body),
  );

const termsOf = ({ holders }: Roster, person: string): string => canonical(holders.filter(({ id }) => id === person));

/**
 * Returns why a person cannot confirm a proposed roster; undefined if they can. Confirming is the clerk's task: the holder of a
 * seat, under the roster in force, in a body that certifies for another. A person cannot confirm a change of their own body or of
 * their own terms, so when the proposal changes a certifying body, or none exists, the holder of any unchanged body confirms. A
 * proposal that changes every body must be made in two steps. In a city of one body, a member whose own term is unchanged
 * confirms.
 */
export const confirmerProblem = (
  inForce: RosterVersion,
  proposal: RosterVersion,
  who: Confirmer,
): ConfirmerProblem | undefined => {
  const { holder, body, seat, localDate } = who;
  if (holderOfSeat(inForce.roster, body, seat, localDate)?.id !== holder) return 'not-in-office';
  if (termsOf(inForce.roster, holder) !== termsOf(proposal.roster, holder)) return 'own-change';
  if (Object.keys(inForce.roster.bodies).length === 1) return undefined;
  const changed = changedBodies(inForce, proposal);
  if (changed.includes(body)) return 'own-change';
  const attesting = attestingBodies(inForce.roster);
  const clerks = attesting.size > 0 && !changed.some((each) => attesting.has(each));
  return clerks && !attesting.has(body) ? 'not-the-clerk' : undefined;
};
