import { endOfLocalDay, type LocalMoment, plusDuration, startOfLocalDay } from '../kernel/zone.ts';
import type { Holder, Roster } from './schema.ts';

/** Reports whether a bound of a term is an instant; otherwise it is a date. */
export const isInstant = (bound: string): boolean => bound.includes('T');

/**
 * Reports whether a term covers a moment. Dates are the first and the last day in office, both included; instants are half-open: in
 * office from `from`, no longer at `to`.
 */
export const isInOffice = ({ from, to }: Pick<Holder, 'from' | 'to'>, { at, date }: LocalMoment): boolean => {
  const begun = isInstant(from) ? from <= at : from <= date;
  if (!begun || to === undefined) return begun;
  return isInstant(to) ? at < to : date <= to;
};

/** Returns the first instant of a term. */
export const startOfTerm = ({ from }: Pick<Holder, 'from'>, zone: string): string =>
  isInstant(from) ? from : startOfLocalDay(from, zone);

/** Returns the instant at which a term ends, exclusive; undefined without a stated end. */
export const endOfTerm = ({ to }: Pick<Holder, 'to'>, zone: string): string | undefined =>
  to === undefined || isInstant(to) ? to : endOfLocalDay(to, zone);

const seatsOf = (roster: Roster, body: string): readonly string[] =>
  (Object.hasOwn(roster.bodies, body) ? roster.bodies[body]?.seats : undefined) ?? [];

/**
 * Returns the holders of a body at a moment, by seat, in the order of its seats; vacant seats are missing. Empty for an unknown
 * body. For a date alone, such as a meeting's, ask for its last moment (`lastMomentOf`).
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

/** Returns the holder of a seat at a moment; undefined if it is vacant or unknown. */
export const holderOfSeat = (roster: Roster, body: string, seat: string, when: LocalMoment): Holder | undefined =>
  holdersOf(roster, body, when).get(seat);

/** Returns the seat a person holds in a body at a moment; the first in the order of seats, if they hold several. */
export const holdsSeat = (roster: Roster, holderId: string, body: string, when: LocalMoment): string | undefined => {
  for (const [seat, holder] of holdersOf(roster, body, when)) if (holder.id === holderId) return seat;
  return undefined;
};

/** How long before a term ends without a successor the city is warned: enough for an appointment and two confirmations. */
const WARNED_BEFORE = 'P60D';

/** Returns the terms that end within sixty days and that no later one follows in the same seat. */
export const endingWithoutSuccessor = ({ holders }: Roster, when: LocalMoment): readonly Holder[] => {
  const until = plusDuration(when.at, WARNED_BEFORE, when.zone);
  const lastsLonger = (other: Holder, end: string): boolean => (endOfTerm(other, when.zone) ?? `${end}~`) > end;
  return holders.filter((term) => {
    const end = endOfTerm(term, when.zone);
    if (end === undefined || end > until || end <= when.at) return false;
    return !holders.some((other) => other.body === term.body && other.seat === term.seat && lastsLonger(other, end));
  });
};
