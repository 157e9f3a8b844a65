import { createHmac, hash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import * as z from 'zod';
import { type AccessOf, credentialStream, passkeysStream, publicKeyStream } from '../../domain/access/decide.ts';
import type { WebAuthnChallenge } from '../../domain/feature/decisionToSign.ts';
import { ALGORITHMS, Assertion } from '../../domain/kernel/assertion.ts';
import { canonical } from '../../domain/kernel/canonical.ts';
import { Instant, strictObject } from '../../domain/kernel/zodTypes.ts';
import { resetsOf } from '../../domain/roster/state.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import type { SubmitPorts } from '../platform/store/submit.ts';
import { orderAccess, readAccess, readRosters } from './aggregates.ts';
import type { GatePorts } from './ports.ts';

// Storage format: side kinds. The owner and the public key of a passkey are in events.
const TRANSPORTS = 'passkey';
const USE = 'passkey-use';
const SPENT = 'passkey-spent';
const TURN = 'passkey-turn';

const Transports = z.array(z.string().max(40)).max(10);

/** `cose`: the public key as the authenticator gave it, for the library; `publicKey`: the same in SPKI, as recorded in acts. */
export const Passkey = strictObject(() => ({
  credential: Assertion.shape.credential,
  cose: Assertion.shape.publicKey,
  algorithm: z.enum(ALGORITHMS),
  publicKey: Assertion.shape.publicKey,
  transports: Transports,
  enrolled: Assertion.shape.enrolled,
}));
export type Passkey = z.infer<typeof Passkey>;

const Use = strictObject(() => ({ counter: z.int().min(0), at: Instant }));
export type PasskeyUse = z.infer<typeof Use>;

/** `generation`: the number of resets; passkeys of an earlier one do not count. */
export interface Owner {
  readonly holder: string;
  readonly generation: number;
}

type ReadPorts = Pick<GatePorts, 'store' | 'sideStore'>;
type PasskeyPorts = ReadPorts & SubmitPorts;

const hashOf = (text: string): string => hash('sha256', text);

/** Returns the passkeys of the newest generation that has any; undefined if none was ever enrolled. */
const keysOf = async ({ store }: Pick<ReadPorts, 'store'>, holder: string): Promise<AccessOf<'passkeys'> | undefined> => {
  const state = await readAccess(store, passkeysStream(holder));
  return state?.kind === 'passkeys' ? state : undefined;
};

/** `owned`: oldest first; `enrolled`: whether a decision requires one. */
export interface Enrolment {
  readonly owned: readonly Passkey[];
  readonly enrolled: boolean;
}

/** Returns a person's enrolment. After a reset a decision still requires a passkey: otherwise an earlier link alone could decide again. */
export const enrolmentOf = async (ports: ReadPorts, { holder, generation }: Owner): Promise<Enrolment> => {
  const known = await keysOf(ports, holder);
  const keys = known?.generation === generation ? known.keys : [];
  const owned = await Promise.all(
    keys.map(async ({ at, by, ...key }) => ({
      ...key,
      enrolled: { at, by },
      transports: Transports.catch([]).parse(await ports.sideStore.get(TRANSPORTS, hashOf(key.credential))),
    })),
  );
  return { owned, enrolled: known !== undefined };
};

/** Binds credential and public key permanently to the person; false if either belongs to another person. */
const claim = async (ports: SubmitPorts, holder: string, { credential, publicKey }: Passkey): Promise<boolean> => {
  for (const stream of [credentialStream(hashOf(credential)), publicKeyStream(hashOf(publicKey))]) {
    const command = (at: string) => ({ type: 'claimKey', at, holder }) as const;
    const done = await orderAccess(ports, stream, { commandId: `claim/${holder}`, actor: `holder:${holder}`, command });
    if (!done.ok) return false;
  }
  return true;
};

/**
 * Enrols a passkey. `assertion`: a signature of an earlier passkey, which every passkey except the first of a generation needs. Returns
 * false without it, or if the key belongs to another person.
 */
export const addPasskey = async (
  ports: PasskeyPorts,
  { holder, generation }: Owner,
  passkey: Passkey,
  assertion?: Assertion,
): Promise<boolean> => {
  const { credential, algorithm, publicKey, cose, transports, enrolled } = passkey;
  if (!(await claim(ports, holder, passkey))) return false;
  await ports.sideStore.put(TRANSPORTS, hashOf(credential), transports);
  const done = await orderAccess(ports, passkeysStream(holder), {
    commandId: `enrol/${generation}/${hashOf(credential)}`,
    actor: `holder:${holder}`,
    command: (at) => ({
      type: 'enrolPasskey',
      at,
      holder,
      generation,
      credential,
      algorithm,
      publicKey,
      cose,
      by: enrolled.by,
      ...(assertion !== undefined && { assertion }),
    }),
  });
  return done.ok;
};

/** Removes a passkey, except the last one. Removing an absent one has no effect. */
export const removePasskey = async (ports: PasskeyPorts, { holder, generation }: Owner, credential: string): Promise<void> => {
  await orderAccess(ports, passkeysStream(holder), {
    commandId: `remove/${generation}/${hashOf(credential)}`,
    actor: `holder:${holder}`,
    command: (at) => ({ type: 'removePasskey', at, holder, credential }),
  });
};

export const readPasskeyUse = async (sideStore: SideStore, credential: string): Promise<PasskeyUse | undefined> =>
  Use.safeParse(await sideStore.get(USE, hashOf(credential))).data;

export const recordPasskeyUse = (sideStore: SideStore, credential: string, use: PasskeyUse): Promise<void> =>
  sideStore.put(USE, hashOf(credential), use);

/** Returns true only to the caller that spends the nonce. */
export const spendNonce = (sideStore: SideStore, nonce: string, at: string): Promise<boolean> =>
  sideStore.putIfAbsent(SPENT, nonce, at);

/** Maximum attempts of one person within {@link TURN_WINDOW_MS}. */
const TURNS_MAX = 30;
const TURN_WINDOW_MS = 10 * 60_000;

/** Uses one of a person's attempts; false if none is left for some minutes. */
export const takeAttempt = async (sideStore: SideStore, holder: string, now: string): Promise<boolean> => {
  const window = Math.floor(Date.parse(now) / TURN_WINDOW_MS);
  const current = `${holder}/${window}/`;
  const turns = await sideStore.list(TURN, `${holder}/`);
  for (const { id } of turns) if (!id.startsWith(current)) await sideStore.remove(TURN, id);
  if (turns.filter(({ id }) => id.startsWith(current)).length >= TURNS_MAX) return false;
  await sideStore.put(TURN, `${current}${randomUUID()}`, now);
  return true;
};

/** Returns the owner with the current generation. Not cached, since a reset takes effect at once. */
export const ownerOf = async ({ store }: Pick<GatePorts, 'store'>, holder: string): Promise<Owner> => {
  const state = await readRosters({ store });
  return { holder, generation: resetsOf(state, holder) };
};

export const enrolmentNow = async (ports: ReadPorts, holder: string): Promise<Enrolment> =>
  enrolmentOf(ports, await ownerOf(ports, holder));

const CHALLENGE_MS = 10 * 60_000;
const RANDOM_BYTES = 16;
const MAC_BYTES = 16;

/** What is signed. Each part is a separate element, so that no two purposes have the same encoding. */
export type Purpose = readonly (string | number)[];

const macOf = (key: Uint8Array, purpose: Purpose, random: Uint8Array, gate: string, expiresAt: string): Buffer =>
  createHmac('sha256', key)
    .update(canonical(['passkey', gate, expiresAt, Buffer.from(random).toString('base64url'), ...purpose]))
    .digest()
    .subarray(0, MAC_BYTES);

/** Returns a challenge for one purpose. It carries the gate's MAC, so nothing is stored until it is spent. */
export const issueChallenge = (key: Uint8Array, gate: string, purpose: Purpose, now: string): WebAuthnChallenge => {
  const expiresAt = new Date(Date.parse(now) + CHALLENGE_MS).toISOString();
  const random = randomBytes(RANDOM_BYTES);
  const nonce = Buffer.concat([random, macOf(key, purpose, random, gate, expiresAt)]).toString('base64url');
  return { gate, nonce, expiresAt };
};

/** Reports whether this gate issued a challenge for this purpose, expired or not. */
export const isIssued = (key: Uint8Array, purpose: Purpose, { gate, nonce, expiresAt }: WebAuthnChallenge): boolean => {
  const bytes = Buffer.from(nonce, 'base64url');
  if (bytes.length !== RANDOM_BYTES + MAC_BYTES || bytes.toString('base64url') !== nonce) return false;
  const random = bytes.subarray(0, RANDOM_BYTES);
  return timingSafeEqual(bytes.subarray(RANDOM_BYTES), macOf(key, purpose, random, gate, expiresAt));
};

export interface RelyingParty {
  readonly id: string;
  readonly origin: string;
}

/**
 * Returns the relying party of ALDERGATE_URL, never of a Host header; undefined if browsers do not support passkeys there: on a numeric
 * address, or without https unless on `localhost`.
 */
export const relyingPartyOf = (url: string): RelyingParty | undefined => {
  const { hostname, origin, protocol } = new URL(url);
  if (hostname.startsWith('[') || isIP(hostname) !== 0) return undefined;
  const secure = protocol === 'https:' || hostname === 'localhost' || hostname.endsWith('.localhost');
  return secure ? { id: hostname, origin } : undefined;
};
