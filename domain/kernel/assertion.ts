// Storage format: a passkey's signature of an official's act, as stored in the public log. Its only data about the person is the public
// key.
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import * as z from 'zod';
import { canonical } from './canonical.ts';
import { type JsonObject, parseStrict } from './json.ts';
import { Instant, object, strictObject } from './zodTypes.ts';

const bytes = (bytesMax: number) =>
  z
    .string()
    .min(1)
    .max(Math.ceil((bytesMax * 4) / 3))
    .regex(/^[A-Za-z0-9_-]+$/, 'is not base64url')
    .refine((text) => Buffer.from(text, 'base64url').toString('base64url') === text, 'is not base64url in its one spelling');

export const ALGORITHMS = ['ES256', 'EdDSA', 'RS256'] as const;

/**
 * `publicKey`: SPKI in DER. `enrolled`: the authority for its enrolment: the holder's first link, an earlier passkey, or a link mailed
 * after a reset. The rest is what the authenticator returned (WebAuthn Level 3, section 5.2.2).
 */
export const Assertion = strictObject(() => ({
  credential: bytes(1023),
  algorithm: z.enum(ALGORITHMS),
  publicKey: bytes(1200),
  enrolled: z.strictObject({ at: Instant, by: z.enum(['link', 'passkey', 'reset']) }),
  gate: z.string().min(1).max(300),
  nonce: bytes(64),
  expiresAt: Instant,
  authenticatorData: bytes(1024),
  clientDataJSON: bytes(2048),
  signature: bytes(1024),
}));
export type Assertion = z.infer<typeof Assertion>;

type AssertionFault =
  | 'unreadable'
  | 'not-an-assertion'
  | 'other-decision'
  | 'other-origin'
  | 'other-party'
  | 'user-absent'
  | 'not-verified'
  | 'expired'
  | 'signature';

const ClientData = object(() => ({
  type: z.string(),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.boolean().optional(),
}));

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
/** Minimum length: SHA-256 of the relying party's id, a byte of flags, four of the counter (WebAuthn Level 3, section 6.1). */
const AUTHENTICATOR_DATA_BYTES_MIN = 37;

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();
const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64url');

const clientDataOf = (text: string): z.infer<typeof ClientData> | undefined => {
  const parsed = parseStrict(bytesOf(text));
  return parsed.ok ? ClientData.safeParse(parsed.value).data : undefined;
};

/** The key type of each algorithm: a key of another type must not be tried with it. */
const KEY_TYPE = { ES256: 'ec', EdDSA: 'ed25519', RS256: 'rsa' } as const;

/** A point has three DER encodings; an event must not name a key by bytes that were never enrolled. */
const isCanonical = (key: KeyObject, publicKey: string): boolean => {
  const again = createPublicKey({ key: key.export({ format: 'jwk' }), format: 'jwk' });
  return again.export({ format: 'der', type: 'spki' }).toString('base64url') === publicKey;
};

const isSigned = ({ algorithm, publicKey, authenticatorData, clientDataJSON, signature }: Assertion): boolean => {
  try {
    const key = createPublicKey({ key: bytesOf(publicKey), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType !== KEY_TYPE[algorithm] || !isCanonical(key, publicKey)) return false;
    if (algorithm === 'ES256' && key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return false;
    const signed = Buffer.concat([bytesOf(authenticatorData), sha256(bytesOf(clientDataJSON))]);
    return verify(algorithm === 'EdDSA' ? null : 'sha256', signed, key, bytesOf(signature));
  } catch {
    return false;
  }
};

const addressOf = (gate: string): URL | undefined => (URL.canParse(gate) ? new URL(gate) : undefined);

/**
 * Returns why an assertion does not prove that the holder of its key made the decision with this challenge at `at`, or undefined. Every
 * byte is attacker-controlled.
 */
export const assertionFault = (assertion: Assertion, challenge: string, at: string): AssertionFault | undefined => {
  const clientData = clientDataOf(assertion.clientDataJSON);
  const data = bytesOf(assertion.authenticatorData);
  const gate = addressOf(assertion.gate);
  if (clientData === undefined || gate === undefined || data.length < AUTHENTICATOR_DATA_BYTES_MIN) return 'unreadable';
  if (clientData.type !== 'webauthn.get') return 'not-an-assertion';
  if (clientData.challenge !== challenge) return 'other-decision';
  if (clientData.origin !== gate.origin || clientData.crossOrigin === true) return 'other-origin';
  if (!data.subarray(0, 32).equals(sha256(gate.hostname))) return 'other-party';
  const flags = data[32] ?? 0;
  if ((flags & USER_PRESENT) === 0) return 'user-absent';
  if ((flags & USER_VERIFIED) === 0) return 'not-verified';
  if (at > assertion.expiresAt) return 'expired';
  return isSigned(assertion) ? undefined : 'signature';
};

export const challengeOf = (signed: JsonObject): string => createHash('sha256').update(canonical(signed)).digest('base64url');
