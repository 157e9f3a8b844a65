import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { changeId } from '../../domain/feature/keys.ts';
import { canonical } from '../../domain/kernel/canonical.ts';
import { Digest } from '../../domain/kernel/zodTypes.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import type { Keys } from './keys.ts';

const LINK = 'link';
const GENERATION = 'link-generation';
/** Beside the generations of single links, whose ids are hashes: the generation of all links of one person. */
const PERSON = 'person/';

/** A token is 32 bytes in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

const person = { holder: z.string().min(1), body: z.string().min(1), seat: z.string().min(1) };

const DecideLink = z.strictObject({
  purpose: z.literal('decide'),
  ...person,
  requirement: z.string().min(1),
  key: z.string().min(1),
  n: z.int().min(1),
  revision: z.int().min(1),
});
const RosterLink = z.strictObject({ purpose: z.literal('confirm-roster'), ...person, sha256: Digest });

/** `resets`: how often the person's passkeys had been reset when it was mailed; after another reset it is good for nothing. */
const PasskeyLink = z.strictObject({ purpose: z.literal('passkeys'), ...person, resets: z.int().min(1) });

/** Whether the person in a seat gets the weekly mail. */
const WeeklyLink = z.strictObject({ purpose: z.literal('weekly'), ...person });

/**
 * Storage format. What a link is for: one person in one seat, for one revision of one change, for one proposed roster, for a new
 * passkey, or for the person's weekly mail.
 */
const LinkTarget = z.discriminatedUnion('purpose', [DecideLink, RosterLink, PasskeyLink, WeeklyLink]);
export type LinkTarget = z.infer<typeof LinkTarget>;

const generation = { generation: z.int().min(1) };
const Link = z.discriminatedUnion('purpose', [
  DecideLink.extend(generation),
  RosterLink.extend(generation),
  PasskeyLink.extend(generation),
  WeeklyLink.extend(generation),
]);
/** A link that was made. Only the newest generation of a target works. */
export type Link = z.infer<typeof Link>;

export interface LinkPorts {
  readonly sideStore: SideStore;
  readonly linkKey: Keys['linkKey'];
}

/** A roster's proposal and a reset stand in the place of the change, under names that no change can have, with a revision none has. */
const namesOf = (target: LinkTarget): readonly (string | number)[] => {
  const { holder, seat, body } = target;
  switch (target.purpose) {
    case 'decide':
      return [holder, seat, target.requirement, changeId(target.key, target.n), target.revision];
    case 'confirm-roster':
      return [holder, seat, `confirm-roster/${body}`, `roster@${target.sha256}`, 0];
    case 'passkeys':
      return [holder, seat, `passkeys/${body}`, `passkeys@${target.resets}`, 0];
    case 'weekly':
      return [holder, seat, `weekly/${body}`, 'weekly', 0];
  }
};

const tokenOf = (linkKey: Uint8Array, target: LinkTarget, number: number): string =>
  createHmac('sha256', linkKey)
    .update(canonical([...namesOf(target), number]))
    .digest('base64url');

const hashOf = (text: string): string => hash('sha256', text);

const Generation = z.int().min(1).catch(1);

/** How often all links of a person were cut off at once, plus one. */
export const personGeneration = async (sideStore: SideStore, holder: string): Promise<number> =>
  Generation.parse(await sideStore.get(GENERATION, `${PERSON}${hashOf(holder)}`));

/** A link is of a newer generation than before whenever it, or every link of its person, was cut off. */
const generationOf = async (sideStore: SideStore, target: LinkTarget): Promise<number> => {
  const [own, person] = await Promise.all([ownGeneration(sideStore, target), personGeneration(sideStore, target.holder)]);
  return own + person - 1;
};

const ownGeneration = async (sideStore: SideStore, target: LinkTarget): Promise<number> =>
  Generation.parse(await sideStore.get(GENERATION, hashOf(canonical(namesOf(target)))));

/**
 * The token of a person's link. The same for the same target until it is revoked, so that a mail can be sent again. Only its hash
 * is kept: who reads the side store can open no link.
 */
export const makeLink = async ({ sideStore, linkKey }: LinkPorts, target: LinkTarget): Promise<string> => {
  const current = await generationOf(sideStore, target);
  const token = tokenOf(linkKey, target, current);
  await sideStore.put(LINK, hashOf(token), { ...LinkTarget.parse(target), generation: current });
  return token;
};

/** Makes the link of a target worthless; the next one made for it is another. */
export const revokeLink = async ({ sideStore, linkKey }: LinkPorts, target: LinkTarget): Promise<void> => {
  const [own, current] = await Promise.all([ownGeneration(sideStore, target), generationOf(sideStore, target)]);
  await sideStore.put(GENERATION, hashOf(canonical(namesOf(target))), own + 1);
  await sideStore.remove(LINK, hashOf(tokenOf(linkKey, target, current)));
};

/**
 * Cuts off every link of a person at once, as when a phone was lost; those made from now on are others. `seen`: the generation that
 * whoever asked for it saw, so that the same request again cuts off nothing that was sent since.
 */
export const cutOffPerson = async (sideStore: SideStore, holder: string, seen: number): Promise<void> => {
  if ((await personGeneration(sideStore, holder)) === seen)
    await sideStore.put(GENERATION, `${PERSON}${hashOf(holder)}`, seen + 1);
};

/** The token of a person's link as it would be made now, if it was made already; undefined otherwise. Writes nothing. */
export const knownLink = async ({ sideStore, linkKey }: LinkPorts, target: LinkTarget): Promise<string | undefined> => {
  const token = tokenOf(linkKey, target, await generationOf(sideStore, target));
  return (await sideStore.get(LINK, hashOf(token))) === undefined ? undefined : token;
};

/**
 * What a token is for; undefined for one that is malformed, unknown or revoked, without saying which. It is found by its hash,
 * so no comparison can be timed, and must also be what the key makes of the stored target: whoever could write into the side
 * store could otherwise make themselves a link.
 */
export const resolveLink = async ({ sideStore, linkKey }: LinkPorts, token: string): Promise<Link | undefined> => {
  if (!TOKEN.test(token)) return undefined;
  const parsed = Link.safeParse(await sideStore.get(LINK, hashOf(token)));
  if (!parsed.success) return undefined;
  const { generation: number, ...target } = parsed.data;
  const expected = Buffer.from(tokenOf(linkKey, target, number));
  if (!timingSafeEqual(expected, Buffer.from(token))) return undefined;
  return (await generationOf(sideStore, target)) === number ? parsed.data : undefined;
};
