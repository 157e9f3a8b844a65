import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import type { Contacts } from './schema.ts';

/** One more than the times all links of a person had been cut off when a link was made. */
export const LinkGeneration = z.int().min(1);

/**
 * `generation`: of the newest links. `floor`: links of an earlier generation do nothing at all; those between it and the newest
 * were cut off and still switch off. `revoked`: the last time without new ones.
 */
export const PersonLinks = strictObject(() => ({
  generation: LinkGeneration,
  floor: LinkGeneration,
  revoked: z.literal(true).exactOptional(),
}));
export type PersonLinks = z.infer<typeof PersonLinks>;

const FIRST: PersonLinks = { generation: 1, floor: 1 };

/** Only of those whose links were ever cut off. */
export type LinksByHolder = Readonly<Record<string, PersonLinks>>;

/** Reads own properties only, because a holder's id can be the name of an inherited one. */
export const personLinks = ({ links = {} }: { readonly links?: LinksByHolder | undefined }, holder: string): PersonLinks =>
  Object.hasOwn(links, holder) ? (links[holder] ?? FIRST) : FIRST;

/** All links of a person were cut off and none made since was used. */
export const isCutOff = ({ generation, floor }: PersonLinks): boolean => generation > floor;

/** `reissued`: new ones are mailed. */
export const cutOff = ({ generation, floor }: PersonLinks, reissued: boolean): PersonLinks => ({
  generation: generation + 1,
  floor,
  ...(!reissued && { revoked: true }),
});

/** Reports whether a person's links were cut off without new ones, and neither have new ones been mailed nor has the address changed since. */
export const isRevoked = (state: { readonly links?: LinksByHolder | undefined }, holder: string): boolean =>
  personLinks(state, holder).revoked === true;

export const usedOne = (known: PersonLinks, generation: number): PersonLinks => ({ ...known, floor: generation });

type Addresses = { readonly contacts: Contacts };

/** Returns the holders whose address another roster changes. */
export const movedBy = (before: Addresses | null, { contacts }: Addresses): readonly string[] =>
  Object.entries(before?.contacts ?? {}).flatMap(([holder, known]) => {
    const next = Object.hasOwn(contacts, holder) ? contacts[holder] : undefined;
    return next === undefined || next === known ? [] : [holder];
  });

/** Returns the links after a roster came into force: those of a holder whose address it changes do nothing any more. */
export const linksUnder = (
  { links = {}, inForce }: { readonly links?: LinksByHolder | undefined; readonly inForce: Addresses | null },
  next: Addresses,
): { readonly links?: LinksByHolder } => {
  const moved = movedBy(inForce, next).map((holder) => {
    const known = cutOff(personLinks({ links }, holder), true);
    return [holder, usedOne(known, known.generation)] as const;
  });
  return moved.length === 0 ? {} : { links: { ...links, ...Object.fromEntries(moved) } };
};
