import { accept, type Decision, nothing, reject } from '../kernel/decider.ts';
import { type LocalMoment, plusDuration } from '../kernel/zone.ts';
import { contactOf } from './contacts.ts';
import type { RosterEvent } from './events.ts';
import { endOfTerm, isInOffice } from './holders.ts';
import type { Holder, Roster } from './schema.ts';
import type { Proposal, RosterState, RosterVersion } from './state.ts';

// A handover is a change of who receives a sitting holder's links: another address, another holder, or an earlier end. The
// receiver of an official's link can decide in that official's place, so the present holder is mailed first and can object.

/** How long a handover waits from its filing: calendar days of the city. */
const HANDOVER_WAIT = 'P2D';

/** How long a proposal with handovers waits for its confirmations, from its filing. */
const HANDOVER_LAPSES = 'P14D';

/** Returns the instant from which a handover filed at `at` can take effect by one confirmation. */
export const handoverFrom = (at: string, zone: string): string => plusDuration(at, HANDOVER_WAIT, zone);

/** Returns the instant at which a proposal with handovers ends without its confirmations. */
export const handoverLapses = ({ since }: Pick<Proposal, 'since'>, zone: string): string =>
  plusDuration(since, HANDOVER_LAPSES, zone);

/** Reports whether time can change a proposal now: its wait is over and someone has confirmed it, or it lapses. */
export const isSettlementDue = (proposal: Proposal, now: string, zone: string): boolean => {
  const { effectiveAt, confirmations = [] } = proposal;
  if (effectiveAt === undefined) return false;
  return now >= handoverLapses(proposal, zone) || (now >= effectiveAt && confirmations.length > 0);
};

const endsNoEarlier = (next: Holder, present: Holder, zone: string): boolean => {
  const [then, now] = [endOfTerm(next, zone), endOfTerm(present, zone)];
  return then === undefined || (now !== undefined && then >= now);
};

/** Reports whether the proposal leaves a sitting holder in the seat for as long as the roster in force does. */
const keeps = ({ holders }: Roster, term: Holder, when: LocalMoment): boolean =>
  holders.some(
    (next) =>
      next.id === term.id &&
      next.body === term.body &&
      next.seat === term.seat &&
      isInOffice(next, when) &&
      endsNoEarlier(next, term, when.zone),
  );

type Content = Pick<RosterVersion, 'roster' | 'contacts'>;

/**
 * Returns the holders who sit at a moment and whose links another roster would send to another address or person, or end
 * earlier; by id, in the order of the roster in force. A term that begins or ends by its date, as the roster in force has it, is
 * no handover.
 */
export const handoversOf = (inForce: Content, next: Content, when: LocalMoment): readonly string[] => {
  const concerned = inForce.roster.holders.filter(
    (term) =>
      isInOffice(term, when) && (contactOf(inForce, term.id) !== contactOf(next, term.id) || !keeps(next.roster, term, when)),
  );
  return [...new Set(concerned.map(({ id }) => id))];
};

/**
 * Returns what a handover changes for a person in a seat: the address of their links, if the term stays as it is, or else the term.
 */
export const handoverKind = (
  inForce: Content,
  next: Content,
  { holder, body, seat }: { readonly holder: string; readonly body: string; readonly seat: string },
  when: LocalMoment,
): 'address' | 'term' => {
  const term = inForce.roster.holders.find(
    (each) => each.id === holder && each.body === body && each.seat === seat && isInOffice(each, when),
  );
  const stays = term !== undefined && keeps(next.roster, term, when);
  return stays && contactOf(inForce, holder) !== contactOf(next, holder) ? 'address' : 'term';
};

/** Returns the holders whose links decide nothing, because who receives them is about to change. They still switch off. */
export const handedOver = ({ proposal }: Pick<RosterState, 'proposal'>): readonly string[] => proposal?.handovers ?? [];

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
