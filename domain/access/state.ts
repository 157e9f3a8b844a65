// Storage format: the state stored beside each commit, a cache of the fold. Change it only with ACCESS_STATE_VERSION.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Instant } from '../kernel/zodTypes.ts';
import { HolderId } from '../roster/schema.ts';
import { ApiToken, FormLink, PasskeyEnrolled } from './events.ts';

/** Raise whenever the shape below or what `evolve` makes of an event changes. */
export const ACCESS_STATE_VERSION = 3;

const issued = { issuedAt: Instant, revokedAt: Instant.nullable() };
const Token = strictObject(() => ({ ...ApiToken.shape, ...issued }));
const Form = strictObject(() => ({ ...FormLink.shape, ...issued }));

/** A person's passkeys of the newest generation that has one. */
const Passkeys = strictObject(() => ({
  kind: z.literal('passkeys'),
  generation: z.int().min(0),
  keys: z.array(PasskeyEnrolled.pick({ at: true, credential: true, algorithm: true, publicKey: true, cose: true, by: true })),
}));
const Claim = strictObject(() => ({ kind: z.literal('claim'), holder: HolderId }));

/** Null before the first event. */
export const AccessState = z.discriminatedUnion('kind', [Token, Form, Passkeys, Claim]).nullable();
export type AccessState = z.infer<typeof AccessState>;
export type AccessOf<K extends string> = Extract<NonNullable<AccessState>, { readonly kind: K }>;

/** Streams are named by the hex of a SHA-256; each person has one stream for their passkeys. */
export const tokenStream = (sha256: string): string => `access/token/${sha256}`;
export const formStream = (sha256: string): string => `access/form/${sha256}`;
export const passkeysStream = (holder: string): string => `access/passkeys/${holder}`;
export const credentialStream = (sha256: string): string => `access/credential/${sha256}`;
export const publicKeyStream = (sha256: string): string => `access/public-key/${sha256}`;
