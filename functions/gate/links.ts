import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { type EndingState, endingOf } from '../../domain/ending/state.ts';
import { changeId } from '../../domain/feature/keys.ts';
import { canonical } from '../../domain/kernel/canonical.ts';
import { strictObject } from '../../domain/kernel/lazyObject.ts';
import { Digest } from '../../domain/kernel/zodTypes.ts';
import { linkGenerationOf, ROSTER_STREAM } from '../../domain/roster/state.ts';
import { loadReadable } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { readRosters, rosterAggregate } from './aggregates.ts';
import { readableEndings, readEndings } from './endings.ts';
import type { Keys } from './ports.ts';

const LINK = 'link';

/** A token is 32 bytes in base64url. */
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
/** Confirms that a change whose words took effect was rolled back. */
const RollbackLink = strictObject(() => ({
  purpose: z.literal('confirm-rollback'),
  ...person,
  key: z.string().min(1),
  n: z.int().min(1),
  revision: z.int().min(1),
}));
const RosterLink = strictObject(() => ({ purpose: z.literal('confirm-roster'), ...person, sha256: Digest }));

/** `resets`: the number of resets of the person's passkeys at the time of mailing; another reset invalidates the link. */
const PasskeyLink = strictObject(() => ({ purpose: z.literal('passkeys'), ...person, resets: z.int().min(1) }));

/** Turns the weekly mail on or off for the person in a seat. */
const WeeklyLink = strictObject(() => ({ purpose: z.literal('weekly'), ...person }));

/**
 * Storage format. The purpose of a link: one person in one seat, for one revision of one change, to confirm what is proposed or
 * that a change was rolled back, for a new passkey, or for the person's weekly mail.
 */
const LinkTarget = z.discriminatedUnion('purpose', [DecideLink, RosterLink, RollbackLink, PasskeyLink, WeeklyLink]);
export type LinkTarget = z.infer<typeof LinkTarget>;

const generation = { generation: z.int().min(1) };
const Link = z.lazy(() =>
  z.discriminatedUnion('purpose', [
    DecideLink.extend(generation),
    RosterLink.extend(generation),
    RollbackLink.extend(generation),
    PasskeyLink.extend(generation),
    WeeklyLink.extend(generation),
  ]),
);
/** A link as stored. Only links of the person's newest generation work. */
export type Link = z.infer<typeof Link>;

export interface LinkPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
  readonly linkKey: Keys['linkKey'];
}

/**
 * Returns the parts that a token is derived from. A proposed roster and a reset take the place of the change, under names that
 * no change can have, with a revision that no change has.
 */
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

const tokenOf = (linkKey: Uint8Array, target: LinkTarget, number: number): string =>
  createHmac('sha256', linkKey)
    .update(canonical([...namesOf(target), number]))
    .digest('base64url');

const hashOf = (text: string): string => hash('sha256', text);

/** Returns how often the links of a person were cut off by the roster's stream, plus one. */
export const personGeneration = async ({ store }: Pick<LinkPorts, 'store'>, holder: string): Promise<number> =>
  linkGenerationOf(await readRosters({ store }), holder);

const endingsFor = (endings: EndingState, holder: string): number => endingOf(endings, { kind: 'links', holder })?.number ?? 0;

/**
 * Returns the generation of a person's links. It grows by one each time all links of the person are revoked, in the roster's stream or
 * beside it.
 */
export const linkGeneration = async ({ store }: Pick<LinkPorts, 'store'>, holder: string): Promise<number> => {
  const [own, endings] = await Promise.all([personGeneration({ store }, holder), readEndings({ store })]);
  return own + endingsFor(endings, holder);
};

/**
 * Stores a person's link and returns its token. The same target gives the same token until the person's links are revoked, so
 * that a mail can be sent again. Only the hash is stored: reading the side store opens no link.
 */
export const makeLink = async ({ store, sideStore, linkKey }: LinkPorts, target: LinkTarget): Promise<string> => {
  const current = await linkGeneration({ store }, target.holder);
  const token = tokenOf(linkKey, target, current);
  await sideStore.put(LINK, hashOf(token), { ...LinkTarget.parse(target), generation: current });
  return token;
};

/** Returns the token that {@link makeLink} would return now, if that link exists; undefined otherwise. Writes nothing. */
export const knownLink = async ({ store, sideStore, linkKey }: LinkPorts, target: LinkTarget): Promise<string | undefined> => {
  const token = tokenOf(linkKey, target, await linkGeneration({ store }, target.holder));
  return (await sideStore.get(LINK, hashOf(token))) === undefined ? undefined : token;
};

type IsCurrent = (ports: Pick<LinkPorts, 'store'>, holder: string, generation: number) => Promise<boolean>;

const isNewest: IsCurrent = async (ports, holder, generation) => (await linkGeneration(ports, holder)) === generation;

/** Reports whether no commit that can be read has cut the link off. */
const isNotCutOff: IsCurrent = async ({ store }, holder, generation) => {
  const [roster, endings] = await Promise.all([loadReadable(store, rosterAggregate, ROSTER_STREAM), readableEndings({ store })]);
  return generation >= linkGenerationOf(roster, holder) + endingsFor(endings, holder);
};

/**
 * Returns the target of a token; undefined if the token is malformed, unknown or revoked, without distinguishing these. The
 * lookup is by hash, so no comparison can be timed. The token must also match what the key derives from the stored target, so
 * write access to the side store creates no link. Events determine the newest generation, so no change of the side store restores
 * a link.
 */
export const resolveLink = (ports: LinkPorts, token: string): Promise<Link | undefined> => resolvedBy(ports, token, isNewest);

/**
 * Returns the target of a token as {@link resolveLink} does, where the roster's newest commits cannot be read: by those before them. Such a
 * link may only switch something off.
 */
export const resolveReadableLink = (ports: LinkPorts, token: string): Promise<Link | undefined> =>
  resolvedBy(ports, token, isNotCutOff);

const resolvedBy = async (
  { store, sideStore, linkKey }: LinkPorts,
  token: string,
  isCurrent: IsCurrent,
): Promise<Link | undefined> => {
  if (!TOKEN.test(token)) return undefined;
  const parsed = Link.safeParse(await sideStore.get(LINK, hashOf(token)));
  if (!parsed.success) return undefined;
  const { generation: number, ...target } = parsed.data;
  const expected = Buffer.from(tokenOf(linkKey, target, number));
  if (!timingSafeEqual(expected, Buffer.from(token))) return undefined;
  return (await isCurrent({ store }, target.holder, number)) ? parsed.data : undefined;
};
