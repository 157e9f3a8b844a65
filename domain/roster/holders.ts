import { createHash } from 'node:crypto';
import { endOfLocalDay, type LocalMoment, plusDuration, startOfLocalDay } from '../kernel/zone.ts';
import { attestingBodies } from './bodies.ts';
import type { Officer } from './events.ts';
import type { Holder, Roster } from './schema.ts';
import type { RosterVersion } from './state.ts';

/** Length of a person's fingerprint: 30 bits in base64url, so that the votes of a whole council fit in a feature's state. */
export const PERSON_CHARS = 5;

/** Returns a short fingerprint of a holder's id, unique within a roster together with the one before it. */
export const personOf = (holder: string): string =>
  createHash('sha256').update(`person/${holder}`).digest('base64url').slice(0, PERSON_CHARS);

export const isInstant = (bound: string): boolean => bound.includes('T');

/** Reports whether a term covers a moment. Dates are the first and last day in office; instants are half-open. */
export const isInOffice = ({ from, to }: Pick<Holder, 'from' | 'to'>, { at, date }: LocalMoment): boolean => {
  const begun = isInstant(from) ? from <= at : from <= date;
  if (!begun || to === undefined) return begun;
  return isInstant(to) ? at < to : date <= to;
};

export const startOfTerm = ({ from }: Pick<Holder, 'from'>, zone: string): string =>
  isInstant(from) ? from : startOfLocalDay(from, zone);

/** Returns the exclusive end of a term; undefined if none is stated. */
export const endOfTerm = ({ to }: Pick<Holder, 'to'>, zone: string): string | undefined =>
  to === undefined || isInstant(to) ? to : endOfLocalDay(to, zone);

const seatsOf = (roster: Roster, body: string): readonly string[] =>
  (Object.hasOwn(roster.bodies, body) ? roster.bodies[body]?.seats : undefined) ?? [];

/**
 * Returns the holders of a body at a moment, by seat, in their order; vacant seats are missing. For a date alone, such as a
 * meeting's, ask for its last moment (`lastMomentOf`).
 */
export const holdersOf = (roster: Roster, body: string, when: LocalMoment): ReadonlyMap<string, Holder> => {
  const sitting = roster.holders.filter((holder) => holder.body === body && isInOffice(holder, when));
  return new Map(
    seatsOf(roster, body).flatMap((seat): readonly [string, Holder][] => {
      const holder = sitting.find((candidate) => candidate.seat === seat);
      return holder === undefined ? [] : [[seat, holder]];
    }),
  );
};

/**
 * Reports whether anyone had left a seat of a body by a moment on its local day, excluding persons who begin another term in it.
 */
export const hasLeft = (roster: Roster, body: string, when: LocalMoment): boolean => {
  const holders = holdersOf(roster, body, when);
  return roster.holders.some((term) => {
    const end = endOfTerm(term, when.zone) ?? '';
    const isOver = end > startOfLocalDay(when.date, when.zone) && end <= when.at;
    return term.body === body && isOver && holders.get(term.seat)?.id !== term.id;
  });
};

export const holderOfSeat = (roster: Roster, body: string, seat: string, when: LocalMoment): Holder | undefined =>
  holdersOf(roster, body, when).get(seat);

/** Returns the first seat that a person holds in a body at a moment. */
export const holdsSeat = (roster: Roster, holderId: string, body: string, when: LocalMoment): string | undefined => {
  for (const [seat, holder] of holdersOf(roster, body, when)) if (holder.id === holderId) return seat;
  return undefined;
};

/** A roster that came into force at `since`. */
export type DatedRoster = Pick<RosterVersion, 'since' | 'roster'>;

/**
 * Returns the name of the person who acted at an instant, from the rosters in order: the name at that time, even if that person has since
 * left or the id now identifies another person. Undefined if no roster names the person.
 */
export const nameAt = (rosters: readonly DatedRoster[], holder: string, at: string): string | undefined => {
  const names = ({ roster }: DatedRoster): boolean => roster.holders.some(({ id }) => id === holder);
  const known = rosters.findLast((each) => each.since <= at && names(each)) ?? rosters.find(names);
  return known?.roster.holders.find(({ id }) => id === holder)?.name;
};

/** How long before a term ends without a successor the city is warned: time for an appointment and two confirmations. */
const WARNED_BEFORE = 'P60D';

/** Returns the terms that end within sixty days with no later term in the same seat. */
export const endingWithoutSuccessor = ({ holders }: Roster, when: LocalMoment): readonly Holder[] => {
  const until = plusDuration(when.at, WARNED_BEFORE, when.zone);
  const lastsLonger = (other: Holder, end: string): boolean => (endOfTerm(other, when.zone) ?? `${end}~`) > end;
  return holders.filter((term) => {
    const end = endOfTerm(term, when.zone);
    if (end === undefined || end > until || end <= when.at) return false;
    return !holders.some((other) => other.body === term.body && other.seat === term.seat && lastsLonger(other, end));
  });
};

/** Enough of a policy to know which bodies decide. `bodies`: a term in a seat that the policy lacks counts nowhere. */
export interface ActingRules {
  readonly rules: readonly { readonly require: readonly { readonly body: string; readonly instrument: string }[] }[];
  readonly bodies?: Readonly<Record<string, { readonly seats: readonly string[] }>>;
}

const isSeat = (bodies: NonNullable<ActingRules['bodies']>, { body, seat }: Pick<Officer, 'body' | 'seat'>): boolean =>
  Object.hasOwn(bodies, body) && bodies[body]?.seats.includes(seat) === true;

const isDeciding = (
  policy: ActingRules | null,
  { bodies }: Pick<Roster, 'bodies'>,
  at: Pick<Officer, 'body' | 'seat'>,
): boolean => decidingBodies(policy, bodies).has(at.body) && [bodies, policy?.bodies ?? bodies].every((each) => isSeat(each, at));

// If a no becomes a yes outside the policy's rules, two named persons of two bodies confirm it.

/**
 * Returns the bodies whose holders can be one of the two: those that approve or certify, and those that certify for them, but none that
 * only advises. Without a policy the certifying bodies, or every body if none certifies.
 */
export const decidingBodies = (policy: ActingRules | null, bodies: Roster['bodies']): ReadonlySet<string> => {
  if (policy === null) {
    const attesting = attestingBodies({ bodies });
    return attesting.size > 0 ? attesting : new Set(Object.keys(bodies));
  }
  const asked = policy.rules.flatMap(({ require }) =>
    require.filter(({ instrument }) => instrument !== 'advice').map(({ body }) => body),
  );
  const attesting = asked.flatMap((body) => (Object.hasOwn(bodies, body) ? (bodies[body]?.attestedBy ?? []) : []));
  return new Set([...asked, ...attesting]);
};

export const isInDecidingBody = (
  policy: ActingRules | null,
  roster: Roster,
  { holder, body, seat }: Officer,
  when: LocalMoment,
): boolean => isDeciding(policy, roster, { body, seat }) && holderOfSeat(roster, body, seat, when)?.id === holder;

/**
 * Reports whether a person was the last in a seat of a deciding body, without a successor. They can confirm only a roster, so that a city
 * whose terms all ended is not locked out.
 */
export const isLastInDecidingBody = (
  policy: ActingRules | null,
  roster: Roster,
  { holder, body, seat }: Officer,
  { at, zone }: LocalMoment,
): boolean => {
  if (!isDeciding(policy, roster, { body, seat })) return false;
  const newest = roster.holders
    .filter((term) => term.body === body && term.seat === seat)
    .reduce<Roster['holders'][number] | undefined>(
      (last, term) => (last === undefined || startOfTerm(last, zone) < startOfTerm(term, zone) ? term : last),
      undefined,
    );
  const end = newest === undefined ? undefined : endOfTerm(newest, zone);
  return newest?.id === holder && end !== undefined && end <= at;
};

export const areTwoOfTwoBodies = (confirmations: readonly Pick<Officer, 'holder' | 'body'>[]): boolean =>
  confirmations.some((one) => confirmations.some((other) => other.holder !== one.holder && other.body !== one.body));
