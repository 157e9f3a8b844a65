// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones. No secret, no address.
import * as z from 'zod';
import { Assertion } from '../kernel/assertion.ts';
import { Instant, LineText, strictObject } from '../kernel/zodTypes.ts';
import { Source } from '../observation/events.ts';
import { HolderId } from '../roster/schema.ts';
import { VendorId } from '../vendors/events.ts';

/** The scopes of a token. `admin` permits everything. */
export const SCOPES = ['state:read', 'observe', 'notice', 'admin'] as const;

/** The actor recorded for everything done with a token. */
const TokenName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/, 'must be 1 to 60 letters, digits, dots, hyphens and underscores');

/**
 * An API token. `agencies`: those it asks for, none means any; `person`: who enters what arrives with it, null if unknown;
 * `source`: the only one it reports as, null means any.
 */
export const ApiToken = strictObject(() => ({
  kind: z.literal('token'),
  name: TokenName,
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  agencies: z.array(LineText(80)).max(20),
  person: HolderId.nullable(),
  source: Source.nullable(),
}));

/** A form by link, for a vendor that cannot sign: valid until `expiresAt`, exclusive. */
export const FormLink = strictObject(() => ({ kind: z.literal('form'), vendor: VendorId, expiresAt: Instant }));

/** The operator issues a token or a form. The stream's name holds the SHA-256 of the token, or of the link. */
export const AccessIssued = strictObject(() => ({
  type: z.literal('AccessIssued'),
  v: z.literal(1),
  at: Instant,
  issued: z.discriminatedUnion('kind', [ApiToken, FormLink]),
}));
export type AccessIssued = z.infer<typeof AccessIssued>;

const AccessRevoked = strictObject(() => ({ type: z.literal('AccessRevoked'), v: z.literal(1), at: Instant }));

/**
 * `generation`: the number of earlier resets; `cose`: the public key as the authenticator returned it; `by`: what authorised the
 * enrolment. `assertion`: only `by` a passkey, the signature of that one over the new one (see `passkeyToSign`).
 */
export const PasskeyEnrolled = strictObject(() => ({
  type: z.literal('PasskeyEnrolled'),
  v: z.literal(1),
  at: Instant,
  holder: HolderId,
  generation: z.int().min(0),
  credential: Assertion.shape.credential,
  algorithm: Assertion.shape.algorithm,
  publicKey: Assertion.shape.publicKey,
  cose: Assertion.shape.publicKey,
  by: Assertion.shape.enrolled.shape.by,
  assertion: Assertion.exactOptional(),
}));
export type PasskeyEnrolled = z.infer<typeof PasskeyEnrolled>;

const PasskeyRemoved = strictObject(() => ({
  type: z.literal('PasskeyRemoved'),
  v: z.literal(1),
  at: Instant,
  holder: HolderId,
  credential: Assertion.shape.credential,
}));

/** Binds a credential id or a public key, named by its SHA-256 in the stream's name, to one person permanently. */
const KeyClaimed = strictObject(() => ({ type: z.literal('KeyClaimed'), v: z.literal(1), at: Instant, holder: HolderId }));

export const AccessEvent = z.discriminatedUnion('type', [
  AccessIssued,
  AccessRevoked,
  PasskeyEnrolled,
  PasskeyRemoved,
  KeyClaimed,
]);
export type AccessEvent = z.infer<typeof AccessEvent>;
