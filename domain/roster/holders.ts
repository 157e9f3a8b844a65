import { endOfLocalDay, type LocalMoment, plusDuration, startOfLocalDay } from '../kernel/zone.ts';
import type { Holder, Roster } from './schema.ts';

export const isInstant = (bound: string): boolean => bound.includes('T');

/** Dates are the first and the last day in office; instants are half-open. */
export const isInOffice = ({ from, to }: Pick<Holder, 'from' | 'to'>, { at, date }: LocalMoment): boolean => {
  const begun = isInstant(from) ? from <= at : from <= date;
  if (!begun || to === undefined) return begun;
  return isInstant(to) ? at < to : date <= to;
};

export const startOfTerm = ({ from }: Pick<Holder, 'from'>, zone: string): string =>
  isInstant(from) ? from : startOfLocalDay(from, zone);

/** Exclusive; undefined without a stated end. */
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

export const holderOfSeat = (roster: Roster, body: string, seat: string, when: LocalMoment): Holder | undefined =>
  holdersOf(roster, body, when).get(seat);

/** Returns the first seat a person holds in a body at a moment. */
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
