// Storage format: the state that stands beside each commit. It is a cache of the fold; change it only together with ACCESS_STATE_VERSION.
import * as z from 'zod';
import { Instant } from '../kernel/zodTypes.ts';
import { HolderId } from '../roster/schema.ts';
import { FormIssued, PasskeyEnrolled, TokenIssued } from './events.ts';

/** Raise whenever the shape below or what `evolve` makes of an event changes. */
export const ACCESS_STATE_VERSION = 1;

const issued = { issuedAt: Instant, revokedAt: Instant.nullable() };
const Token = TokenIssued.pick({ name: true, scopes: true, agencies: true, person: true }).extend({
  kind: z.literal('token'),
  ...issued,
});
const Form = FormIssued.pick({ vendor: true, expiresAt: true }).extend({ kind: z.literal('form'), ...issued });

/** A person's passkeys of the newest generation in which one was enrolled. */
const Passkeys = z.strictObject({
  kind: z.literal('passkeys'),
  generation: z.int().min(0),
  keys: z.array(PasskeyEnrolled.pick({ at: true, credential: true, algorithm: true, publicKey: true, cose: true, by: true })),
});
const Claim = z.strictObject({ kind: z.literal('claim'), holder: HolderId });

/** What one stream of access is about; null before its first event. */
export const AccessState = z.discriminatedUnion('kind', [Token, Form, Passkeys, Claim]).nullable();
export type AccessState = z.infer<typeof AccessState>;
export type AccessOf<K extends string> = Extract<NonNullable<AccessState>, { readonly kind: K }>;

/** Streams: one a token, form and credential, by the hex of its SHA-256; one a person for their passkeys. */
export const tokenStream = (sha256: string): string => `access/token/${sha256}`;
export const formStream = (sha256: string): string => `access/form/${sha256}`;
export const passkeysStream = (holder: string): string => `access/passkeys/${holder}`;
export const credentialStream = (sha256: string): string => `access/credential/${sha256}`;
export const publicKeyStream = (sha256: string): string => `access/public-key/${sha256}`;
