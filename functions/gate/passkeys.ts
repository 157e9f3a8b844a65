import { hash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { ALGORITHMS, Assertion } from '../../domain/kernel/assertion.ts';
import { ascending } from '../../domain/kernel/order.ts';
import { Instant } from '../../domain/kernel/zodTypes.ts';
import type { SideStore } from '../platform/store/sideStore.ts';

// Storage format. Side kinds: an official's passkeys; which was the first; when each was used last and its counter; what was signed.
const PASSKEY = 'passkey';
const FIRST = 'passkey-first';
const USE = 'passkey-use';
const SPENT = 'passkey-spent';
const TURN = 'passkey-turn';

/** Passkeys one person may have at a time: a phone, a laptop, keys at home and in the safe. */
export const PASSKEYS_MAX = 10;

/** `cose`: the public key as the authenticator gave it, for the library; `publicKey`: the same in SPKI, as it stands in events. */
export const Passkey = z.strictObject({
  credential: Assertion.shape.credential,
  cose: Assertion.shape.publicKey,
  algorithm: z.enum(ALGORITHMS),
  publicKey: Assertion.shape.publicKey,
  transports: z.array(z.string().max(40)).max(10),
  enrolled: Assertion.shape.enrolled,
});
export type Passkey = z.infer<typeof Passkey>;

const Use = z.strictObject({ counter: z.int().min(0), at: Instant });
export type PasskeyUse = z.infer<typeof Use>;

/**
 * Whose passkeys: a person, and how often theirs were reset. Those of an earlier generation count no more. A holder's id has no
 * slash, so nobody's entries begin with another's.
 */
export interface Owner {
  readonly holder: string;
  readonly generation: number;
}

const hashOf = (text: string): string => hash('sha256', text);
const prefixOf = ({ holder, generation }: Owner): string => `${holder}/${generation}/`;

/** The passkeys of a person, oldest first. What cannot be read is none. */
export const passkeysOf = async (sideStore: SideStore, owner: Owner): Promise<readonly Passkey[]> => {
  const entries = await sideStore.list(PASSKEY, prefixOf(owner));
  return entries
    .flatMap(({ value }) => Passkey.safeParse(value).data ?? [])
    .sort((one, other) => ascending(`${one.enrolled.at}${one.credential}`, `${other.enrolled.at}${other.credential}`));
};

/**
 * Adds a passkey. False, and nothing is added: the person has had a passkey of this generation already and this one was enrolled
 * by a link alone, or another passkey has its id, anybody's.
 */
export const addPasskey = async (sideStore: SideStore, owner: Owner, passkey: Passkey): Promise<boolean> => {
  if (!(await sideStore.putIfAbsent(USE, hashOf(passkey.credential), { counter: 0, at: passkey.enrolled.at }))) return false;
  const first = await sideStore.putIfAbsent(FIRST, `${owner.holder}/${owner.generation}`, passkey.credential);
  if (!first && passkey.enrolled.by !== 'passkey') return false;
  await sideStore.put(PASSKEY, `${prefixOf(owner)}${hashOf(passkey.credential)}`, passkey);
  return true;
};

/** Whether a person ever had a passkey of this generation: then no link alone enrols another. */
export const hadPasskey = async (sideStore: SideStore, { holder, generation }: Owner): Promise<boolean> =>
  (await sideStore.get(FIRST, `${holder}/${generation}`)) !== undefined;

/** A person's passkeys, and whether a decision must be made with one. A record that got lost makes nobody free: a reset does. */
export interface Enrolment {
  readonly owned: readonly Passkey[];
  readonly enrolled: boolean;
}

export const enrolmentOf = async (sideStore: SideStore, owner: Owner): Promise<Enrolment> => {
  const [owned, had] = await Promise.all([passkeysOf(sideStore, owner), hadPasskey(sideStore, owner)]);
  return { owned, enrolled: had || owned.length > 0 };
};

export const removePasskey = (sideStore: SideStore, owner: Owner, credential: string): Promise<void> =>
  sideStore.remove(PASSKEY, `${prefixOf(owner)}${hashOf(credential)}`);

/** When a passkey was used last, and how far its counter had come. */
export const useOf = async (sideStore: SideStore, credential: string): Promise<PasskeyUse | undefined> =>
  Use.safeParse(await sideStore.get(USE, hashOf(credential))).data;

export const noteUse = (sideStore: SideStore, credential: string, use: PasskeyUse): Promise<void> =>
  sideStore.put(USE, hashOf(credential), use);

/** What is signed with a nonce counts once: true for the one who spends it. */
export const spend = (sideStore: SideStore, nonce: string, at: string): Promise<boolean> =>
  sideStore.putIfAbsent(SPENT, nonce, at);

/** Tries of one person within {@link TURN_WINDOW_MS}. */
const TURNS_MAX = 30;
const TURN_WINDOW_MS = 10 * 60_000;

/** Takes one of a person's tries; false when there is none left for some minutes. Those of earlier times are forgotten. */
export const takeTurn = async (sideStore: SideStore, holder: string, now: string): Promise<boolean> => {
  const window = Math.floor(Date.parse(now) / TURN_WINDOW_MS);
  const current = `${holder}/${window}/`;
  const turns = await sideStore.list(TURN, `${holder}/`);
  for (const { id } of turns) if (!id.startsWith(current)) await sideStore.remove(TURN, id);
  if (turns.filter(({ id }) => id.startsWith(current)).length >= TURNS_MAX) return false;
  await sideStore.put(TURN, `${current}${randomUUID()}`, now);
  return true;
};
