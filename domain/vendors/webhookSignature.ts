// Wire format: Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
import { createHmac, createPublicKey, createSecretKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';

interface Signature {
  readonly scheme: 'v1' | 'v1a';
  readonly bytes: Buffer;
}

export interface SignedHeaders {
  readonly id: string;
  readonly timestamp: string;
  readonly signatures: readonly Signature[];
}

type ReadHeaders =
  | { readonly ok: true; readonly headers: SignedHeaders }
  | { readonly ok: false; readonly fault: 'id' | 'signature'; readonly detail: string };

const ID = /^[!-~]{1,200}$/;
const TIMESTAMP = /^[0-9]{1,12}$/;
/** The specification's own figure. */
const TOLERANCE_S = 5 * 60;
const SIGNATURES_MAX = 8;

/** A character that leaves the bytes unchanged would make another signature. */
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

/** Ignores signatures of unknown schemes, as the specification requires. */
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

export const signedContent = ({ id, timestamp }: Pick<SignedHeaders, 'id' | 'timestamp'>, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);

const KEYS_MAX = 1_000;
const keys = new Map<string, KeyObject>();

/** Creating a key takes longer than using it. */
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

/** Takes the same time wherever the two differ. An empty secret signs nothing. */
export const isHmac = (secret: string, content: Uint8Array, signature: Uint8Array): boolean => {
  const key = keyOf(secret, createSecretKey);
  const expected = createHmac('sha256', key).update(content).digest();
  return key.symmetricKeySize !== 0 && signature.length === expected.length && timingSafeEqual(expected, signature);
};

/** A key that is not a point of the curve signs nothing. */
export const isEd25519 = (publicKey: string, content: Uint8Array, signature: Uint8Array): boolean => {
  if (signature.length !== 64) return false;
  try {
    return verify(null, content, keyOf(publicKey, publicKeyOf), signature);
  } catch {
    return false;
  }
};
