import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { changeId } from '../../domain/feature/keys.ts';
import { canonical } from '../../domain/kernel/canonical.ts';
import { strictObject } from '../../domain/kernel/lazyObject.ts';
import { Digest } from '../../domain/kernel/zodTypes.ts';
import { contactOf } from '../../domain/roster/contacts.ts';
import type { RosterCommand } from '../../domain/roster/decide.ts';
import { isCutOff, LinkGeneration, personLinks } from '../../domain/roster/linkAge.ts';
import { linkGenerationOf, ROSTER_STREAM, type RosterState } from '../../domain/roster/state.ts';
import { load, loadReadable } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { submit } from '../platform/store/submit.ts';
import { rosterAggregate } from './aggregates.ts';
import type { GatePorts, Keys } from './ports.ts';

const LINK = 'link';

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

const person = { holder: z.string().min(1), body: z.string().min(1), seat: z.string().min(1) };

const DecideLink = strictObject(() => ({
  purpose: z.literal('decide'),
  ...person,
  requirement: z.string().min(1),
  key: z.string().min(1),
  n: z.int().min(1),
  revision: z.int().min(1),
}));
const RollbackLink = strictObject(() => ({
  purpose: z.literal('confirm-rollback'),
  ...person,
  key: z.string().min(1),
  n: z.int().min(1),
  revision: z.int().min(1),
}));
const RosterLink = strictObject(() => ({ purpose: z.literal('confirm-roster'), ...person, sha256: Digest }));

/** `resets`: of the person's passkeys at the time of mailing; another one invalidates the link. */
const PasskeyLink = strictObject(() => ({ purpose: z.literal('passkeys'), ...person, resets: z.int().min(1) }));

const WeeklyLink = strictObject(() => ({ purpose: z.literal('weekly'), ...person }));

/** Storage format. What one person in one seat can do by a link. */
export const LinkTarget = z.discriminatedUnion('purpose', [DecideLink, RosterLink, RollbackLink, PasskeyLink, WeeklyLink]);
export type LinkTarget = z.infer<typeof LinkTarget>;

/** `address`: the commitment to the address the link was made for, null if the roster had none. */
const StoredLink = strictObject(() => ({ target: LinkTarget, generation: LinkGeneration, address: Digest.nullable() }));
type Made = Omit<z.infer<typeof StoredLink>, 'target'>;

export type Link = LinkTarget & { readonly generation: number };

/** `isReplaced`: cut off before its person used a newer one; all it does is to switch off. */
export type ResolvedLink = Link & { readonly isReplaced: boolean };

export interface LinkPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
  readonly linkKey: Keys['linkKey'];
}

/** What a token is derived from. A roster and a reset take the place of the change under names that no change can have. */
const namesOf = (target: LinkTarget): readonly (string | number)[] => {
  const { holder, seat, body } = target;
  switch (target.purpose) {
    case 'decide':
      return [holder, seat, target.requirement, changeId(target.key, target.n), target.revision];
    case 'confirm-roster':
      return [holder, seat, `confirm-roster/${body}`, `roster@${target.sha256}`, 0];
    case 'confirm-rollback':
      return [holder, seat, `confirm-rollback/${body}`, changeId(target.key, target.n), target.revision];
    case 'passkeys':
      return [holder, seat, `passkeys/${body}`, `passkeys@${target.resets}`, 0];
    case 'weekly':
      return [holder, seat, `weekly/${body}`, 'weekly', 0];
  }
};

const tokenOf = (linkKey: Uint8Array, target: LinkTarget, { generation, address }: Made): string =>
  createHmac('sha256', linkKey)
    .update(canonical([...namesOf(target), generation, address]))
    .digest('base64url');

const hashOf = (text: string): string => hash('sha256', text);

/** The roster's stream alone: the age of links does not depend on the seats of the policy. */
const readStored = async ({ store }: Pick<LinkPorts, 'store'>): Promise<RosterState> =>
  (await load(store, rosterAggregate, ROSTER_STREAM)).state;

/** One more than the times a person's links were cut off. */
export const personGeneration = async ({ store }: Pick<LinkPorts, 'store'>, holder: string): Promise<number> =>
  linkGenerationOf(await readStored({ store }), holder);

/** Reports whether all links of a person were cut off and none made since was used. */
export const areCutOff = async ({ store }: Pick<LinkPorts, 'store'>, holder: string): Promise<boolean> =>
  isCutOff(personLinks(await readStored({ store }), holder));

const committedIn = ({ inForce }: RosterState, holder: string): string | null =>
  (inForce === null ? undefined : contactOf(inForce, holder)) ?? null;

const madeNow = async ({ store, linkKey }: LinkPorts, target: LinkTarget) => {
  const state = await readStored({ store });
  const made = { generation: linkGenerationOf(state, target.holder), address: committedIn(state, target.holder) };
  return { token: tokenOf(linkKey, target, made), made };
};

/**
 * Stores a person's link and returns its token, the same until the links are revoked or go to another address. Only the hash is stored.
 */
export const makeLink = async (ports: LinkPorts, target: LinkTarget): Promise<string> => {
  const { token, made } = await madeNow(ports, target);
  await ports.sideStore.put(LINK, hashOf(token), { target: LinkTarget.parse(target), ...made });
  return token;
};

/** The token that {@link makeLink} would return, if that link exists. Writes nothing. */
export const knownLink = async (ports: LinkPorts, target: LinkTarget): Promise<string | undefined> => {
  const { token } = await madeNow(ports, target);
  return (await ports.sideStore.get(LINK, hashOf(token))) === undefined ? undefined : token;
};

/**
 * Returns the target of a token; undefined, without distinguishing, if it is malformed, unknown, cut off or for another address than
 * the roster has. The lookup is by hash, so no comparison can be timed; the token must match what the key derives from the stored
 * target, so no write to the side store makes or restores a link.
 */
export const resolveLink = async (ports: LinkPorts, token: string): Promise<Link | undefined> => {
  const link = await resolvedBy(ports, token, readStored);
  if (link === undefined || link.isReplaced) return undefined;
  const { isReplaced: _, ...current } = link;
  return current;
};

/** As {@link resolveLink}, also a link that was cut off and still switches off. */
export const resolveToSwitchOff = (ports: LinkPorts, token: string): Promise<ResolvedLink | undefined> =>
  resolvedBy(ports, token, readStored);

/** As {@link resolveToSwitchOff}, by the roster's last readable commits. Such a link may only switch something off. */
export const resolveReadableLink = (ports: LinkPorts, token: string): Promise<ResolvedLink | undefined> =>
  resolvedBy(ports, token, ({ store }) => loadReadable(store, rosterAggregate, ROSTER_STREAM));

const storedOf = async ({ sideStore, linkKey }: LinkPorts, token: string) => {
  if (!TOKEN.test(token)) return undefined;
  const parsed = StoredLink.safeParse(await sideStore.get(LINK, hashOf(token)));
  if (!parsed.success) return undefined;
  const { target, ...made } = parsed.data;
  const expected = Buffer.from(tokenOf(linkKey, target, made));
  return timingSafeEqual(expected, Buffer.from(token)) ? { target, made } : undefined;
};

/** Returns the target of a token that was ever mailed, whether or not the link still does anything. */
export const madeLink = async (ports: LinkPorts, token: string): Promise<LinkTarget | undefined> =>
  (await storedOf(ports, token))?.target;

const resolvedBy = async (ports: LinkPorts, token: string, read: typeof readStored): Promise<ResolvedLink | undefined> => {
  const stored = await storedOf(ports, token);
  if (stored === undefined) return undefined;
  const { target, made } = stored;
  const state = await read(ports);
  const { floor, generation: newest } = personLinks(state, target.holder);
  // A person who left the roster and came back at another address has none of the links that were mailed to the first.
  const address = committedIn(state, target.holder);
  if (made.generation < floor || (address !== null && address !== made.address)) return undefined;
  return { ...target, generation: made.generation, isReplaced: made.generation < newest };
};

/**
 * Records that a person acted by a link, so that older ones switch nothing off any more. Costs nothing until links were cut off, then
 * one commit for each time.
 */
export const recordLinkUse = async (ports: GatePorts, { holder, generation: used }: Link): Promise<void> => {
  if (used === 1 || personLinks(await readStored(ports), holder).floor >= used) return;
  await submit(ports, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId: `links-used/${holder}/${used}`,
    actor: `holder:${holder}`,
    command: (at): RosterCommand => ({ type: 'useLinks', at, holder, generation: used }),
  });
};
