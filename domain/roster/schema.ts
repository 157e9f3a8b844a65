// Storage format: events hold the public roster. The city's own file also has mail addresses, which events never hold.
import * as z from 'zod';
import { Digest, Id, Instant, LineText, LocalDate, strictObject } from '../kernel/zodTypes.ts';

/** Identifies a person, regardless of seat: entries with one id are terms of one person. */
export const HolderId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 characters of letters, digits, dot, hyphen and underscore');

const LanguageTag = z.string().regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/, 'must be a language tag such as en or es-419');

/** The displayed name of a body or seat: one text, or one per language. */
export const Name = z.union(
  [LineText(200), z.record(LanguageTag, LineText(200)).refine((texts) => Object.keys(texts).length > 0, 'names no language')],
  'must be a text, or texts by language such as {"en": "Mayor", "es": "Alcaldía"}',
);
export type Name = z.infer<typeof Name>;

/** Returns a name in a language, else in English, else the first. */
export const nameIn = (name: Name, language: string): string => {
  if (typeof name === 'string') return name;
  const [base = language] = language.split('-', 1);
  return name[language] ?? name[base] ?? name['en'] ?? Object.values(name)[0] ?? '';
};

/** `attestedBy`: the body whose holder certifies this one's votes. */
export const Body = strictObject(() => ({
  name: Name,
  seats: z.array(Id).min(1, 'has no seat').max(200),
  seatLabels: z.record(Id, Name).exactOptional(),
  attestedBy: Id.exactOptional(),
}));
export type Body = z.infer<typeof Body>;

/** A bound of a term: a local date of the city, or an instant such as a swearing-in at noon. */
const Bound = z.union(
  [LocalDate, Instant],
  'is neither a date such as 2026-04-01 nor an instant such as 2026-04-01T18:00:00.000Z',
);

/**
 * One term of one person in one seat (see `isInOffice`). Without `to` it has no end. `acting`: in the seat for another person, until a
 * stated end.
 */
export const Holder = strictObject(() => ({
  id: HolderId,
  name: LineText(200),
  body: Id,
  seat: Id,
  from: Bound,
  to: Bound.exactOptional(),
  acting: z.literal(true).exactOptional(),
  language: LanguageTag,
}));
export type Holder = z.infer<typeof Holder>;

const Bodies = z.record(Id, Body);

/** The roster as published and kept in events: no mail addresses. */
export const Roster = strictObject(() => ({ bodies: Bodies, holders: z.array(Holder).max(1000) }));
export type Roster = z.infer<typeof Roster>;

/** The city's file, with each holder's mail address. `checkRoster` checks what a schema cannot. */
export const RosterFile = strictObject(() => ({
  bodies: Bodies,
  holders: z.array(Holder.extend({ email: z.email('must be a mail address').max(254) })).max(1000),
}));
export type RosterFile = z.infer<typeof RosterFile>;

/**
 * Per person, a salted commitment to the mail address, compared before a mail is sent. A changed address is a changed roster, which two
 * persons must confirm, because the recipient of an official's link can decide in their place.
 */
export const Contacts = z.record(HolderId, Digest);
export type Contacts = z.infer<typeof Contacts>;

/** Reads own properties only. */
export const contactOf = ({ contacts }: { readonly contacts: Contacts }, holder: string): string | undefined =>
  Object.hasOwn(contacts, holder) ? contacts[holder] : undefined;
