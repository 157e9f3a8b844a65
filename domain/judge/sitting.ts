import { endOfLocalDay, localDateOf, startOfLocalDay } from '../kernel/zone.ts';
import type { Roster } from '../roster/schema.ts';
import type { RosterVersion } from './city.ts';
import { must } from './verdict.ts';

// Who sits where, and when.

export interface Moment {
  readonly at: string;
  readonly zone: string;
}

const INSTANT_CHARS = '2026-04-01T00:00:00.000Z'.length;
const isInstant = (bound: string): boolean => bound.length === INSTANT_CHARS;

/** Returns when a term ends, exclusive: a date is its last day in office, an instant is the first out of it. */
export const lastsUntil = ({ to }: { readonly to?: string }, zone: string): string =>
  to === undefined ? FOREVER : isInstant(to) ? to : endOfLocalDay(to, zone);
const FOREVER = '9999-12-31T23:59:59.999Z';

export const beginningOf = ({ from }: { readonly from: string }, zone: string): string =>
  isInstant(from) ? from : startOfLocalDay(from, zone);

/** Returns the moment whose holders a roll call names: the last of the meeting's day, or of the certificate if that is earlier. */
export const atMeeting = (date: string, { at, zone }: Moment): Moment => {
  const last = new Date(Date.parse(endOfLocalDay(date, zone)) - 1).toISOString();
  return { at: at < last ? at : last, zone };
};

/** Returns the holders of a body's seats at a moment, by seat in the order of its seats; vacant seats are missing. */
export const sitting = ({ roster }: RosterVersion, body: string, { at, zone }: Moment): ReadonlyMap<string, string> => {
  const cache = cacheOf(roster);
  const date = localDateOf(at, zone);
  const sits = ({ from, to = FOREVER }: { readonly from: string; readonly to?: string }): boolean =>
    (isInstant(from) ? from <= at : from <= date) && (isInstant(to) ? at < to : date <= to);
  const byInstant = roster.holders.some((term) => isInstant(term.from) || isInstant(term.to ?? ''));
  const name = `${byInstant ? at : date} ${body}`;
  const known = cache.get(name);
  if (known !== undefined) return known;
  const terms = roster.holders.filter((term) => term.body === body && sits(term));
  const holders = new Map(terms.map(({ seat, id }) => [seat, id]));
  const found = new Map(seatsOf(roster, body).flatMap((seat) => (holders.has(seat) ? [[seat, holders.get(seat) ?? '']] : [])));
  if (cache.size >= CACHED_MAX) cache.clear();
  cache.set(name, found);
  return found;
};

const CACHED_MAX = 256;
const caches = new WeakMap<Roster, Map<string, ReadonlyMap<string, string>>>();
const cacheOf = (roster: Roster): Map<string, ReadonlyMap<string, string>> => {
  const known = caches.get(roster);
  if (known !== undefined) return known;
  const made = new Map<string, ReadonlyMap<string, string>>();
  caches.set(roster, made);
  return made;
};

export const seatsOf = ({ bodies }: Roster, body: string): readonly string[] =>
  (Object.hasOwn(bodies, body) ? bodies[body]?.seats : undefined) ?? [];

export const officeOf = ({ bodies }: Roster, body: string): string | undefined =>
  Object.hasOwn(bodies, body) ? bodies[body]?.attestedBy : undefined;

export const bodiesAttestedBy = (roster: Roster, office: string): readonly string[] =>
  Object.keys(roster.bodies).filter((body) => officeOf(roster, body) === office);

export const mustHold = (
  version: RosterVersion,
  { holder, body, seat }: { readonly holder: string; readonly body: string | undefined; readonly seat: string },
  moment: Moment,
): void => {
  const { at } = moment;
  const holds = body !== undefined && sitting(version, body, moment).get(seat) === holder;
  must(holds, 'not-in-office', `${holder} did not hold ${body ?? 'any'}/${seat} under roster ${version.number} at ${at}`);
};
