import { hash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type AccessOf, credentialStream, passkeysStream, publicKeyStream } from '../../domain/access/state.ts';
import { ALGORITHMS, Assertion } from '../../domain/kernel/assertion.ts';
import { Instant } from '../../domain/kernel/zodTypes.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import type { SubmitPorts } from '../platform/store/submit.ts';
import { orderAccess, readAccess } from './access.ts';
import type { GatePorts } from './ports.ts';

// Storage format. Side kinds: how a passkey is reached, when it was used last and its counter, what was signed, tries. Whose it is and
// its public key stand in events.
const TRANSPORTS = 'passkey';
const USE = 'passkey-use';
const SPENT = 'passkey-spent';
const TURN = 'passkey-turn';

const Transports = z.array(z.string().max(40)).max(10);

/** `cose`: the public key as the authenticator gave it, for the library; `publicKey`: the same in SPKI, as it stands in acts. */
export const Passkey = z.strictObject({
  credential: Assertion.shape.credential,
  cose: Assertion.shape.publicKey,
  algorithm: z.enum(ALGORITHMS),
  publicKey: Assertion.shape.publicKey,
  transports: Transports,
  enrolled: Assertion.shape.enrolled,
});
export type Passkey = z.infer<typeof Passkey>;

const Use = z.strictObject({ counter: z.int().min(0), at: Instant });
export type PasskeyUse = z.infer<typeof Use>;

/** Whose passkeys: a person, and how often theirs were reset. Those of an earlier generation count no more. */
export interface Owner {
  readonly holder: string;
  readonly generation: number;
}

/** What passkeys are read by, and what they are enrolled and removed by. */
type ReadPorts = Pick<GatePorts, 'store' | 'sideStore'>;
type PasskeyPorts = ReadPorts & SubmitPorts;

const hashOf = (text: string): string => hash('sha256', text);

/** Returns a person's passkeys of a generation as the events have them; undefined if none was ever enrolled in it. */
const keysOf = async ({ store }: ReadPorts, { holder, generation }: Owner): Promise<AccessOf<'passkeys'>['keys'] | undefined> => {
  const state = await readAccess(store, passkeysStream(holder));
  return state?.kind === 'passkeys' && state.generation === generation ? state.keys : undefined;
};

/** Returns the passkeys of a person, oldest first. */
export const passkeysOf = async (ports: ReadPorts, owner: Owner): Promise<readonly Passkey[]> => {
  const keys = (await keysOf(ports, owner)) ?? [];
  return Promise.all(
    keys.map(async ({ at, by, ...key }) => ({
      ...key,
      enrolled: { at, by },
      transports: Transports.catch([]).parse(await ports.sideStore.get(TRANSPORTS, hashOf(key.credential))),
    })),
  );
};

/** Makes the credential and the public key the person's, for good; false when one of them is another's. */
const claim = async (ports: SubmitPorts, holder: string, { credential, publicKey }: Passkey): Promise<boolean> => {
  for (const stream of [credentialStream(hashOf(credential)), publicKeyStream(hashOf(publicKey))]) {
    const command = (at: string) => ({ type: 'claimKey', at, holder }) as const;
    const done = await orderAccess(ports, stream, { commandId: `claim/${holder}`, actor: `holder:${holder}`, command });
    if (!done.ok) return false;
  }
  return true;
};

/**
 * Enrols a passkey. False, and nothing is enrolled: the person has had a passkey of this generation already and this one came by a link
 * alone, or its credential or public key is another's.
 */
export const addPasskey = async (ports: PasskeyPorts, { holder, generation }: Owner, passkey: Passkey): Promise<boolean> => {
  const { credential, algorithm, publicKey, cose, transports, enrolled } = passkey;
  if (!(await claim(ports, holder, passkey))) return false;
  await ports.sideStore.put(TRANSPORTS, hashOf(credential), transports);
  const done = await orderAccess(ports, passkeysStream(holder), {
    commandId: `enrol/${generation}/${hashOf(credential)}`,
    actor: `holder:${holder}`,
    command: (at) => ({ type: 'enrolPasskey', at, holder, generation, credential, algorithm, publicKey, cose, by: enrolled.by }),
  });
  return done.ok;
};

/** Whether a person ever had a passkey of this generation: then no link alone enrols another. */
export const hadPasskey = async (ports: ReadPorts, owner: Owner): Promise<boolean> => (await keysOf(ports, owner)) !== undefined;

/** A person's passkeys, and whether a decision must be made with one. */
export interface Enrolment {
  readonly owned: readonly Passkey[];
  readonly enrolled: boolean;
}

export const enrolmentOf = async (ports: ReadPorts, owner: Owner): Promise<Enrolment> => {
  const owned = await passkeysOf(ports, owner);
  return { owned, enrolled: owned.length > 0 };
};

/** Removes a passkey; the last one stays. Removing what is not there does nothing. */
export const removePasskey = async (ports: PasskeyPorts, { holder, generation }: Owner, credential: string): Promise<void> => {
  await orderAccess(ports, passkeysStream(holder), {
    commandId: `remove/${generation}/${hashOf(credential)}`,
    actor: `holder:${holder}`,
    command: (at) => ({ type: 'removePasskey', at, holder, credential }),
  });
};

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
