// Storage format: these shapes stand in the public log for ever. Add new versions, never change old ones. No secret, no address.
import * as z from 'zod';
import { Assertion } from '../kernel/assertion.ts';
import { Instant, LineText } from '../kernel/zodTypes.ts';
import { HolderId } from '../roster/schema.ts';
import { VendorId } from '../vendors/keys.ts';

/** What a token can be good for. `admin` is good for everything. */
export const SCOPES = ['state:read', 'observe', 'notice', 'admin'] as const;

/** The name of a token: the actor of what is done with it. */
export const TokenName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/, 'must be 1 to 60 letters, digits, dots, hyphens and underscores');

/**
 * An API token was made, by whom the commit's actor names. `agencies`: those it asks for, none: any. `person`: who enters what comes with
 * it, null: not known. The token itself is named by its SHA-256, in the stream's name.
 */
export const TokenIssued = z.strictObject({
  type: z.literal('TokenIssued'),
  v: z.literal(1),
  at: Instant,
  name: TokenName,
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  agencies: z.array(LineText(80)).max(20),
  person: HolderId.nullable(),
});

export const TokenRevoked = z.strictObject({ type: z.literal('TokenRevoked'), v: z.literal(1), at: Instant });

/** A vendor that cannot sign got a form by link, good until `expiresAt`, exclusive. The link is named by its SHA-256, in the stream's name. */
export const FormIssued = z.strictObject({
  type: z.literal('FormIssued'),
  v: z.literal(1),
  at: Instant,
  vendor: VendorId,
  expiresAt: Instant,
});

export const FormRevoked = z.strictObject({ type: z.literal('FormRevoked'), v: z.literal(1), at: Instant });

const { credential, algorithm, publicKey, enrolled } = Assertion.shape;

/**
 * A passkey became a person's. `generation`: how often the person's passkeys had been reset; `cose`: the public key as the authenticator
 * gave it; `by`: by whose leave, as in an assertion's `enrolled`, whose instant is `at`.
 */
export const PasskeyEnrolled = z.strictObject({
  type: z.literal('PasskeyEnrolled'),
  v: z.literal(1),
  at: Instant,
  holder: HolderId,
  generation: z.int().min(0),
  credential,
  algorithm,
  publicKey,
  cose: publicKey,
  by: enrolled.shape.by,
});
export type PasskeyEnrolled = z.infer<typeof PasskeyEnrolled>;

export const PasskeyRemoved = z.strictObject({
  type: z.literal('PasskeyRemoved'),
  v: z.literal(1),
  at: Instant,
  holder: HolderId,
  credential,
});

/** A credential's id or a public key, named by its SHA-256 in the stream's name, is one person's and never another's. */
export const KeyClaimed = z.strictObject({ type: z.literal('KeyClaimed'), v: z.literal(1), at: Instant, holder: HolderId });

export const AccessEvent = z.discriminatedUnion('type', [
  TokenIssued,
  TokenRevoked,
  FormIssued,
  FormRevoked,
  PasskeyEnrolled,
  PasskeyRemoved,
  KeyClaimed,
]);
export type AccessEvent = z.infer<typeof AccessEvent>;
