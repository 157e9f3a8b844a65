// Wire format: key names, key ids and verifier keys of c2sp.org/signed-note.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { concat, fromBase64, hasControlCharacters, toBase64, toUtf8 } from './encoding.ts';
import { fail } from './errors.ts';

/** 1 signs the text of a note, 4 is a timed cosignature of a checkpoint (c2sp.org/tlog-cosignature); both Ed25519. */
export type KeyType = 1 | 4;

/** `id` is a uint32 that distinguishes keys of one name; it is not a strong hash of the key. */
export interface VerifierKey {
  readonly name: string;
  readonly id: number;
  readonly type: KeyType;
  readonly publicKey: Uint8Array;
}

const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const KEY_ID = /^[0-9a-f]{8}$/;

/**
 * Reports whether this can name a key: not empty, no Unicode space, no plus, no control character below U+0020, no lone
 * surrogate.
 */
export const isKeyName = (name: string): boolean => /^[^\p{White_Space}+\p{Cs}]+$/u.test(name) && !hasControlCharacters(name);

/** The first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key), big-endian. */
const keyId = (name: string, type: number, publicKey: Uint8Array): number =>
  createHash('sha256')
    .update(concat([toUtf8(`${name}\n`), Uint8Array.of(type), publicKey]))
    .digest()
    .readUInt32BE(0);

/** Throws `key-malformed`. */
export const verifierKey = (name: string, type: KeyType, publicKey: Uint8Array): VerifierKey => {
  if (!isKeyName(name)) return fail('key-malformed', 'the name of a key is not empty and has neither spaces nor plus signs');
  if (publicKey.length !== PUBLIC_KEY_BYTES) return fail('key-malformed', `an Ed25519 key has ${PUBLIC_KEY_BYTES} bytes`);
  return { name, id: keyId(name, type, publicKey), type, publicKey };
};

export const formatKeyId = (id: number): string => id.toString(16).padStart(8, '0');

/** `name+hex(id)+base64(type ‖ key)`: the form in which verifiers pin a key. */
export const formatVerifierKey = ({ name, id, type, publicKey }: VerifierKey): string =>
  `${name}+${formatKeyId(id)}+${toBase64(concat([Uint8Array.of(type), publicKey]))}`;

/** Throws `key-malformed`, also for an id that is not that of the key. */
export const parseVerifierKey = (text: string): VerifierKey => {
  // Base64 can contain a plus, a name cannot: only the first two separate.
  const [name, id, ...rest] = text.split('+');
  const material = fromBase64(rest.join('+'));
  if (name === undefined || id === undefined || !KEY_ID.test(id) || material === undefined || material.length === 0) {
    return fail('key-malformed', 'a verifier key is <name>+<8 hex digits>+<base64>');
  }
  const [type] = material;
  if (type !== 1 && type !== 4) return fail('key-malformed', 'only keys of type 1 and 4 (Ed25519) can be verified');
  const key = verifierKey(name, type, material.slice(1));
  if (formatKeyId(key.id) !== id) return fail('key-malformed', 'the id of the verifier key does not belong to it');
  return key;
};

/** Never throws on a signature, whatever its bytes (RFC 8032). */
export const isSignedBy = (key: VerifierKey, message: Uint8Array, signature: Uint8Array): boolean => {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const x = Buffer.from(key.publicKey).toString('base64url');
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
};
