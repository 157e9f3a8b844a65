// Wire format: Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
import { createHmac, createPublicKey, createSecretKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';

/** One signature of the header: its scheme and its bytes. */
interface Signature {
  readonly scheme: 'v1' | 'v1a';
  readonly bytes: Buffer;
}

/** The headers of a signed message, well-formed; the signature is not yet checked. */
export interface SignedHeaders {
  readonly id: string;
  readonly timestamp: string;
  readonly signatures: readonly Signature[];
}

export type ReadHeaders =
  | { readonly ok: true; readonly headers: SignedHeaders }
  | { readonly ok: false; readonly fault: 'id' | 'signature'; readonly detail: string };

const ID = /^[!-~]{1,200}$/;
const TIMESTAMP = /^[0-9]{1,12}$/;
/** Maximum difference between a sender's clock and this one, either way: the specification's own figure. */
const TOLERANCE_S = 5 * 60;
/** Maximum signatures per message, one per key; more than a rotation needs only costs time. */
const SIGNATURES_MAX = 8;

/** Decodes base64 in its one canonical form: a character that leaves the bytes unchanged still makes another signature. */
const strictBase64 = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : undefined;
};

const signatureOf = (text: string): Signature | undefined => {
  const [scheme, base64, ...rest] = text.split(',');
  if ((scheme !== 'v1' && scheme !== 'v1a') || base64 === undefined || rest.length > 0) return undefined;
  const bytes = strictBase64(base64);
  return bytes && { scheme, bytes };
};

/** Parses the three headers; ignores signatures of unknown schemes, as the specification requires. `nowMs`: the gate's clock. */
export const readHeaders = (header: (name: string) => string | null | undefined, nowMs: number): ReadHeaders => {
  const id = header('webhook-id') ?? '';
  const timestamp = header('webhook-timestamp') ?? '';
  const signature = header('webhook-signature') ?? '';
  if (id === '' || timestamp === '' || signature === '')
    return {
      ok: false,
      fault: 'signature',
      detail: 'send webhook-id, webhook-timestamp and webhook-signature (Standard Webhooks)',
    };
  if (!ID.test(id)) return { ok: false, fault: 'id', detail: 'is not 1 to 200 visible ASCII characters' };
  if (!TIMESTAMP.test(timestamp)) return { ok: false, fault: 'signature', detail: 'webhook-timestamp is not seconds in digits' };
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > TOLERANCE_S)
    return { ok: false, fault: 'signature', detail: 'webhook-timestamp is more than five minutes from the time here' };
  const parts = signature.split(' ');
  if (parts.length > SIGNATURES_MAX)
    return { ok: false, fault: 'signature', detail: `webhook-signature has more than ${SIGNATURES_MAX} signatures` };
  return { ok: true, headers: { id, timestamp, signatures: parts.flatMap((part) => signatureOf(part) ?? []) } };
};

/** Returns the signed content: id, timestamp and the exact bytes of the body, joined by dots. */
export const signedContent = ({ id, timestamp }: Pick<SignedHeaders, 'id' | 'timestamp'>, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);

const KEYS_MAX = 1_000;
const keys = new Map<string, KeyObject>();

/** Returns the key of a text. Keys are cached by their text, because creating one takes longer than using it. */
const keyOf = (text: string, make: (bytes: Buffer) => KeyObject): KeyObject => {
  const known = keys.get(text);
  if (known !== undefined) return known;
  const key = make(Buffer.from(text.slice(text.indexOf('_') + 1), 'base64'));
  if (keys.size >= KEYS_MAX) keys.clear();
  keys.set(text, key);
  return key;
};

const publicKeyOf = (bytes: Buffer): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }, format: 'jwk' });

/**
 * Reports whether this is the HMAC-SHA256 by the secret `whsec_…`; takes the same time wherever they differ. An empty secret
 * signs nothing.
 */
export const isHmac = (secret: string, content: Uint8Array, signature: Uint8Array): boolean => {
  const key = keyOf(secret, createSecretKey);
  const expected = createHmac('sha256', key).update(content).digest();
  return key.symmetricKeySize !== 0 && signature.length === expected.length && timingSafeEqual(expected, signature);
};

/** Reports whether the signature is Ed25519 by the key `whpk_…`. A key that is not a point of the curve signs nothing. */
export const isEd25519 = (publicKey: string, content: Uint8Array, signature: Uint8Array): boolean => {
  if (signature.length !== 64) return false;
  try {
    return verify(null, content, keyOf(publicKey, publicKeyOf), signature);
  } catch {
    return false;
  }
};
