import * as z from 'zod';
import { CITY } from '../../../domain/feature/keys.ts';
import type { LocalMoment } from '../../../domain/kernel/zone.ts';
import { bodyOf } from '../../../domain/policy/seats.ts';
import { holderOfSeat, isInstant } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { VendorId } from '../../../domain/vendors/keys.ts';
import { vendorName } from '../../gate/vendors.ts';
import { fillText } from '../../platform/catalogue.ts';
import type { SiteDeps } from './deps.ts';
import type { Locale } from './locale.ts';

type Speaks = Pick<Locale, 'named'>;

/** Returns a body's name in the reader's language; its id if the roster no longer has it. */
export const bodyName = ({ named }: Speaks, roster: Roster | null, body: string): string =>
  named((roster === null ? undefined : bodyOf(roster, body)?.name) ?? body);

/** Returns the label of a seat in the reader's language; undefined without one. */
export const seatLabel = ({ named }: Speaks, roster: Roster | null, body: string, seat: string): string | undefined => {
  const label = roster === null ? undefined : bodyOf(roster, body)?.seatLabels?.[seat];
  return label === undefined ? undefined : named(label);
};

export const holderName = (roster: Roster | null, holder: string): string =>
  roster?.holders.find(({ id }) => id === holder)?.name ?? holder;

export const languageOfHolder = (roster: Roster | null, holder: string): string | undefined =>
  roster?.holders.find(({ id }) => id === holder)?.language;

/** Returns the name of a seat: its label, else its holder on that day, else the body if it has one seat, else its id. */
export const seatName = (locale: Speaks, roster: Roster | null, body: string, seat: string, when: LocalMoment): string => {
  const known = roster === null ? undefined : bodyOf(roster, body);
  const label = seatLabel(locale, roster, body, seat);
  if (label !== undefined) return label;
  const holder = roster === null ? undefined : holderOfSeat(roster, body, seat, when);
  return holder?.name ?? (known?.seats.length === 1 ? locale.named(known.name) : seat);
};

/**
 * Returns a seat as a role in a sentence: its label, else the body's name with its article if it has one seat, else "a member of"
 * the body.
 */
export const roleName = (locale: Locale, roster: Roster | null, body: string, seat: string): string => {
  const known = roster === null ? undefined : bodyOf(roster, body);
  const slots = locale.bodySlots(bodyName(locale, roster, body));
  const isAlone = known?.seats.length === 1;
  return seatLabel(locale, roster, body, seat) ?? (isAlone ? slots.body : fillText(locale.words.decide.member, slots));
};

/** A seat that is called at a meeting. `names`: its id, its labels, its holder's name, of which the last is shown. */
export interface CalledSeat {
  readonly seat: string;
  readonly names: readonly string[];
  readonly isVacant: boolean;
}

/** Returns the seats of a body as they are called on a day: only its holders on that day count. */
export const calledSeats = (roster: Roster, body: string, when: LocalMoment): readonly CalledSeat[] =>
  (bodyOf(roster, body)?.seats ?? []).map((seat) => {
    const label = bodyOf(roster, body)?.seatLabels?.[seat] ?? [];
    const holder = holderOfSeat(roster, body, seat, when)?.name;
    const labels = typeof label === 'string' ? [label] : Object.values(label);
    const names = [seat, ...labels, ...(holder === undefined ? [] : [holder])];
    return { seat, names, isVacant: holder === undefined };
  });

/** Returns the seat that a form names by its id, its label or its holder's name, in small or capital letters. */
export const seatNamed = (seats: readonly CalledSeat[], name: string): string | undefined =>
  seats.find(({ names }) => names.some((each) => each.toLowerCase() === name.toLowerCase()))?.seat;

export const boundText = ({ day, dateTime }: Locale, bound: string): string => (isInstant(bound) ? dateTime(bound) : day(bound));

/** Reports whether an id is a vendor's, or the city's own `aldergate`. */
export const isVendor = (id: string): boolean => id === CITY || VendorId.safeParse(id).success;

export const VendorQuery = VendorId.or(z.literal(CITY)).optional();

export const vendorNames = async ({ ports }: SiteDeps, ids: Iterable<string>): Promise<ReadonlyMap<string, string>> =>
  new Map(await Promise.all([...ids].sort().map(async (id) => [id, await vendorName(ports, id)] as const)));
