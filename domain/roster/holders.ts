import type { Holder, Roster } from './schema.ts';

/** Reports whether a term covers a local date: `from` and `to` are the first and the last day in office, both included. */
const inOffice = ({ from, to }: Holder, localDate: string): boolean => from <= localDate && (to === undefined || localDate <= to);

const seatsOf = (roster: Roster, body: string): readonly string[] =>
  (Object.hasOwn(roster.bodies, body) ? roster.bodies[body]?.seats : undefined) ?? [];

/**
 * Returns the holders of a body on a local date, by seat, in the order of its seats; vacant seats are missing. Empty for an
 * unknown body.
 */
export const holdersOf = (roster: Roster, body: string, localDate: string): ReadonlyMap<string, Holder> => {
  const sitting = roster.holders.filter((holder) => holder.body === body && inOffice(holder, localDate));
  return new Map(
    seatsOf(roster, body).flatMap((seat): readonly [string, Holder][] => {
      const holder = sitting.find((candidate) => candidate.seat === seat);
      return holder === undefined ? [] : [[seat, holder]];
    }),
  );
};

/** Returns the holder of a seat on a local date; undefined if it is vacant or unknown. */
export const holderOfSeat = (roster: Roster, body: string, seat: string, localDate: string): Holder | undefined =>
  holdersOf(roster, body, localDate).get(seat);

/** Returns the seat a person holds in a body on a local date; the first in the order of seats, if they hold several. */
export const holdsSeat = (roster: Roster, holderId: string, body: string, localDate: string): string | undefined => {
  for (const [seat, holder] of holdersOf(roster, body, localDate)) if (holder.id === holderId) return seat;
  return undefined;
};
