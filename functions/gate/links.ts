import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { standingWords } from '../../domain/feature/arrival.ts';
import { type Actors, askedActs, decidersOf } from '../../domain/feature/awaited.ts';
import { confirmationMark } from '../../domain/feature/evolve/endings.ts';
import { awaitsConfirmation, confirmationsOf } from '../../domain/feature/evolve/lingering.ts';
import { changeId } from '../../domain/feature/keys.ts';
import { type ChangeState, type FeatureState, findChange } from '../../domain/feature/state.ts';
import { canonical } from '../../domain/kernel/canonical.ts';
import { Digest, Instant, strictObject } from '../../domain/kernel/zodTypes.ts';
import { type LocalMoment, localMoment } from '../../domain/kernel/zone.ts';
import { bodyOf } from '../../domain/policy/rules.ts';
import type { Requirement } from '../../domain/policy/schema.ts';
import type { RosterCommand } from '../../domain/roster/decide.ts';
import { LinkGeneration } from '../../domain/roster/events.ts';
import { type ActingRules, decidingBodies, holdersOf, personOf } from '../../domain/roster/holders.ts';
import { contactOf, type Holder, type Roster } from '../../domain/roster/schema.ts';
import {
  isCutOff,
  isRevoked,
  linkGenerationOf,
  personLinks,
  ROSTER_STREAM,
  type RosterState,
} from '../../domain/roster/state.ts';
import { SETTINGS_STREAM } from '../../domain/settings/events.ts';
import { load, loadReadable } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { submit } from '../platform/store/submit.ts';
import { readRosters, rosterAggregate, settingsAggregate } from './aggregates.ts';
import type { GatePorts, Keys } from './ports.ts';

const LINK = 'link';

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

const person = { holder: z.string().min(1), body: z.string().min(1), seat: z.string().min(1) };

const words = { key: z.string().min(1), n: z.int().min(1), revision: z.int().min(1) };

const DecideLink = strictObject(() => ({
  purpose: z.literal('decide'),
  ...person,
  requirement: z.string().min(1),
  ...words,
}));
const RollbackLink = strictObject(() => ({ purpose: z.literal('confirm-rollback'), ...person, ...words }));
const RosterLink = strictObject(() => ({ purpose: z.literal('confirm-roster'), ...person, sha256: Digest }));

/** `resets`: the number of passkey resets of the person at the time of mailing; another reset invalidates the link. */
const PasskeyLink = strictObject(() => ({ purpose: z.literal('passkeys'), ...person, resets: z.int().min(1) }));

const WeeklyLink = strictObject(() => ({ purpose: z.literal('weekly'), ...person }));

/** Storage format. What a link lets one person in one seat do. */
export const LinkTarget = z.discriminatedUnion('purpose', [DecideLink, RosterLink, RollbackLink, PasskeyLink, WeeklyLink]);
export type LinkTarget = z.infer<typeof LinkTarget>;

/** `address`: the commitment to the address the link was made for, null if the roster had none. */
const StoredLink = strictObject(() => ({ target: LinkTarget, generation: LinkGeneration, address: Digest.nullable() }));
type Made = Omit<z.infer<typeof StoredLink>, 'target'>;

export type Link = LinkTarget & { readonly generation: number };

/** `isReplaced`: cut off, and its person has not used a newer link yet; it can only switch off. */
type ResolvedLink = Link & { readonly isReplaced: boolean };

export interface LinkPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
  /** A function that reads it, for a process that outlives a rotation. */
  readonly linkKey: Keys['linkKey'] | (() => Promise<Keys['linkKey']>);
}

const keyOf = async ({ linkKey }: Pick<LinkPorts, 'linkKey'>): Promise<Uint8Array> =>
  typeof linkKey === 'function' ? linkKey() : linkKey;

/** Returns the values from which a token is derived. */
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

/** Reads the roster's stream alone, since the generation of links does not depend on the policy's seats. */
const readStored = async ({ store }: Pick<LinkPorts, 'store'>): Promise<RosterState> =>
  (await load(store, rosterAggregate, ROSTER_STREAM)).state;

/** Returns one more than the number of times a person's links were cut off. */
export const personGeneration = async ({ store }: Pick<LinkPorts, 'store'>, holder: string): Promise<number> =>
  linkGenerationOf(await readStored({ store }), holder);

const committedIn = ({ inForce }: RosterState, holder: string): string | null =>
  (inForce === null ? undefined : contactOf(inForce, holder)) ?? null;

const madeBy = (state: RosterState, linkKey: Uint8Array, target: LinkTarget) => {
  const made = { generation: linkGenerationOf(state, target.holder), address: committedIn(state, target.holder) };
  return { token: tokenOf(linkKey, target, made), made };
};

/** Stores a person's link and returns its token, the same until the links are revoked or go to another address. Only the hash is stored. */
export const makeLink = async (ports: LinkPorts, target: LinkTarget): Promise<string> => {
  const { token, made } = madeBy(await readStored(ports), await keyOf(ports), target);
  await ports.sideStore.put(LINK, hashOf(token), { target: LinkTarget.parse(target), ...made });
  return token;
};

/** Returns a function that finds the token of an existing link. Reads the roster once for any number of links. */
export const linkFinder = async (ports: LinkPorts) => {
  const [state, linkKey] = [await readStored(ports), await keyOf(ports)];
  return async (target: LinkTarget): Promise<string | undefined> => {
    const { token } = madeBy(state, linkKey, target);
    return (await ports.sideStore.get(LINK, hashOf(token))) === undefined ? undefined : token;
  };
};

/** Reports whether a link would be new for a person whose links were cut off without replacement, and who has used none since. */
export const linkIsRevoked = async (ports: LinkPorts, target: LinkTarget): Promise<boolean> => {
  const state = await readStored(ports);
  const areRevoked = isRevoked(state, target.holder) && isCutOff(personLinks(state, target.holder));
  return areRevoked && (await (await linkFinder(ports))(target)) === undefined;
};

/**
 * Returns the target of a token; undefined if it is malformed, unknown, cut off or made for another address than the roster's. The lookup is
 * by hash, so no comparison can be timed. The token must equal what the key derives from the stored target, so no write to the side store
 * can make or restore a link.
 */
export const resolveLink = async (ports: LinkPorts, token: string): Promise<Link | undefined> => {
  const link = await resolvedBy(ports, token, readStored);
  if (link === undefined || link.isReplaced) return undefined;
  const { isReplaced: _, ...current } = link;
  return current;
};

/** As {@link resolveLink}, but also returns a link that was cut off and can still switch off. */
export const resolveToSwitchOff = (ports: LinkPorts, token: string): Promise<ResolvedLink | undefined> =>
  resolvedBy(ports, token, readStored);

/** As {@link resolveToSwitchOff}, from the roster's last readable commits. Such a link may only switch something off. */
export const resolveReadableLink = (ports: LinkPorts, token: string): Promise<ResolvedLink | undefined> =>
  resolvedBy(ports, token, ({ store }) => loadReadable(store, rosterAggregate, ROSTER_STREAM));

/** Returns what a token was mailed for, even if the link no longer works. */
const storedOf = async (ports: LinkPorts, token: string) => {
  if (!TOKEN.test(token)) return undefined;
  const parsed = StoredLink.safeParse(await ports.sideStore.get(LINK, hashOf(token)));
  if (!parsed.success) return undefined;
  const { target, ...made } = parsed.data;
  const expected = Buffer.from(tokenOf(await keyOf(ports), target, made));
  return timingSafeEqual(expected, Buffer.from(token)) ? { target, made } : undefined;
};

const resolvedBy = async (ports: LinkPorts, token: string, read: typeof readStored): Promise<ResolvedLink | undefined> => {
  const stored = await storedOf(ports, token);
  if (stored === undefined) return undefined;
  const { target, made } = stored;
  const state = await read(ports);
  const { floor, generation: newest } = personLinks(state, target.holder);
  // A person who left the roster and returned with another address does not regain links mailed to the first.
  const address = committedIn(state, target.holder);
  if (made.generation < floor || (address !== null && address !== made.address)) return undefined;
  return { ...target, generation: made.generation, isReplaced: made.generation < newest };
};

/** Records that a person used a link, after which older ones can no longer switch off. Writes nothing unless links were cut off before. */
export const recordLinkUse = async (ports: GatePorts, { holder, generation: used }: Link): Promise<void> => {
  if (used === 1 || personLinks(await readStored(ports), holder).floor >= used) return;
  await submit(ports, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId: `links-used/${holder}/${used}`,
    actor: `holder:${holder}`,
    command: (at): RosterCommand => ({ type: 'useLinks', at, holder, generation: used }),
  });
};

export interface Seated {
  readonly holder: Holder;
  readonly body: string;
  readonly seat: string;
}

const seated = (roster: Roster, body: string, when: LocalMoment): readonly Seated[] =>
  [...holdersOf(roster, body, when)].map(([seat, holder]) => ({ holder, body, seat }));

/** Returns the people who can do an act at a moment, each with the seat in which they act. */
export const peopleWhoCanAct = (
  { body, byClerk, seat: only, barred, answered }: Actors,
  roster: Roster,
  when: LocalMoment,
): readonly Seated[] => {
  const office = byClerk ? bodyOf(roster, body)?.attestedBy : body;
  if (office === undefined) return [];
  return seated(roster, office, when).filter(
    ({ holder, seat }) => (only === null || seat === only) && !answered.includes(seat) && !barred.includes(personOf(holder.id)),
  );
};

/** Returns who acts on a requirement: the clerks for a certification, else the members; never the person who entered the notice. */
export const linksFor = (
  requirement: Requirement,
  change: Pick<ChangeState, 'by'>,
  roster: Roster,
  when: LocalMoment,
): readonly Seated[] => peopleWhoCanAct(decidersOf(requirement, change), roster, when);

/** Returns the people who can confirm the waiting certificate. `state`: the feature's, at that moment. */
export const confirmersFor = (state: FeatureState, n: number, roster: Roster, when: LocalMoment): readonly Seated[] => {
  const change = findChange(state, n);
  const asked = change && askedActs(state, change).find(({ asks }) => asks === 'confirm');
  return asked === undefined ? [] : peopleWhoCanAct(asked.actors, roster, when);
};

/** Returns the people who can still confirm a rollback or a timely opt-out. `state`: the feature's, at that moment. */
export const rollbackConfirmersFor = (
  state: FeatureState,
  n: number,
  { policy, roster }: { readonly policy: ActingRules | null; readonly roster: Roster },
  when: LocalMoment,
): readonly Seated[] => {
  const of = awaitsConfirmation(state, n, when.at);
  const words = standingWords(state, n);
  if (of === undefined || words === undefined) return [];
  const confirmed = confirmationsOf(words, of);
  return [...decidingBodies(policy, roster.bodies)]
    .flatMap((body) => seated(roster, body, when))
    .filter(({ holder, body }) => !confirmed.includes(confirmationMark({ holder: holder.id, body })));
};

/** Side kind: requests for new links, until they are mailed. */
const ASKED = 'renewal-asked';

/**
 * `moved`: requested by the gate itself, since it can no longer make the links of earlier mails; `target` names the person and a seat.
 * `tried`: when its mail was last refused.
 */
const Renewal = strictObject(() => ({
  target: LinkTarget,
  at: Instant,
  moved: z.literal(true).exactOptional(),
  tried: Instant.exactOptional(),
}));
export type Renewal = z.infer<typeof Renewal>;

/**
 * Returns what a link was made for if its person may request new ones with it. Any age is accepted, except after all links were revoked, and
 * except the link of the weekly mail, which people forward.
 */
export const renewableBy = async (ports: LinkPorts, token: string): Promise<LinkTarget | undefined> => {
  const target = (await storedOf(ports, token))?.target;
  if (target === undefined || target.purpose === 'weekly') return undefined;
  return isRevoked(await readRosters(ports), target.holder) ? undefined : target;
};

/** Records a request for new links, if this link allows one. */
export const askForLinks = async (ports: LinkPorts & { readonly clock: () => string }, token: string): Promise<void> => {
  const target = await renewableBy(ports, token);
  if (target !== undefined) await putRenewal(ports.sideStore, { target, at: ports.clock() });
};

/** Records a request for new links for every holder, after an import that did not bring the key of the old ones. */
export const askForEveryone = async ({
  store,
  sideStore,
  clock,
}: Pick<LinkPorts, 'store' | 'sideStore'> & { readonly clock: () => string }) => {
  const [{ inForce }, { state }] = await Promise.all([readRosters({ store }), load(store, settingsAggregate, SETTINGS_STREAM)]);
  if (inForce === null) return;
  const at = clock();
  const when = localMoment(at, state.timeZone?.zone ?? 'UTC');
  for (const body of Object.keys(inForce.roster.bodies))
    for (const [seat, { id: holder }] of holdersOf(inForce.roster, body, when))
      await putRenewal(sideStore, { target: { purpose: 'weekly', holder, body, seat }, at, moved: true });
};

export const renewalsAsked = async (sideStore: SideStore): Promise<readonly Renewal[]> =>
  (await sideStore.list(ASKED)).flatMap(({ value }) => Renewal.safeParse(value).data ?? []);

export const putRenewal = (sideStore: SideStore, renewal: Renewal): Promise<void> =>
  sideStore.put(ASKED, renewal.target.holder, renewal);

export const endRenewal = (sideStore: SideStore, { target }: Renewal): Promise<void> => sideStore.remove(ASKED, target.holder);
