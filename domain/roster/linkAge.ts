import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import type { Contacts } from './schema.ts';

/**
 * The age of a person's link. `generation`: one more than the times all links of the person had been cut off in the roster's stream.
 * `ended`: the times that was recorded beside it, while it could not be read.
 */
export const LinkAge = strictObject(() => ({ generation: z.int().min(1), ended: z.int().min(0) }));
export type LinkAge = z.infer<typeof LinkAge>;

/**
 * What the roster's stream knows of a person's links. `generation`: of the newest ones. `floor`: links older than this do nothing at all;
 * those between it and the newest were cut off and still switch off.
 */
export const PersonLinks = strictObject(() => ({ generation: z.int().min(1), floor: LinkAge }));
export type PersonLinks = z.infer<typeof PersonLinks>;

const FIRST: PersonLinks = { generation: 1, floor: { generation: 1, ended: 0 } };

/** The links of everybody whose links were ever cut off, by holder. */
export type LinksByHolder = Readonly<Record<string, PersonLinks>>;

/** Returns what is known of a person's links. Reads own properties only, because a holder's id can be the name of an inherited one. */
export const personLinks = ({ links = {} }: { readonly links?: LinksByHolder | undefined }, holder: string): PersonLinks =>
  Object.hasOwn(links, holder) ? (links[holder] ?? FIRST) : FIRST;

/** Reports whether a link of one age was cut off before a link of the other was made. */
export const isOlder = (age: LinkAge, than: LinkAge): boolean => age.generation < than.generation || age.ended < than.ended;

/** Returns the links after all of a person's were cut off. */
export const cutOff = (known: PersonLinks): PersonLinks => ({ ...known, generation: known.generation + 1 });

/** Returns the links after the person acted by one of this age: those before it do nothing any more. */
export const usedOne = (known: PersonLinks, { generation, ended }: LinkAge): PersonLinks => ({
  ...known,
  floor: { generation, ended },
});

type Addresses = { readonly contacts: Contacts };

/** Returns the holders whose address another roster changes, by id. */
export const movedBy = (before: Addresses | null, { contacts }: Addresses): readonly string[] =>
  Object.entries(before?.contacts ?? {}).flatMap(([holder, known]) => {
    const next = Object.hasOwn(contacts, holder) ? contacts[holder] : undefined;
    return next === undefined || next === known ? [] : [holder];
  });

/** Returns the links after a roster came into force, if it changes an address: those of its holder do nothing any more. */
export const linksUnder = (
  { links = {}, inForce }: { readonly links?: LinksByHolder | undefined; readonly inForce: Addresses | null },
  next: Addresses,
): { readonly links?: LinksByHolder } => {
  const moved = movedBy(inForce, next).map((holder) => {
    const known = cutOff(personLinks({ links }, holder));
    return [holder, usedOne(known, { generation: known.generation, ended: known.floor.ended })] as const;
  });
  return moved.length === 0 ? {} : { links: { ...links, ...Object.fromEntries(moved) } };
};
