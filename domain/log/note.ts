import { createHash, createPublicKey, verify } from 'node:crypto';
import {
  concat,
  fail,
  fromBase64,
  fromDecimal,
  fromUtf8,
  hasControlCharacters,
  hashFromBase64,
  isSize,
  toBase64,
  toUtf8,
} from './encoding.ts';

// Wire format: key names, key ids and verifier keys of c2sp.org/signed-note.

/** 1 signs the text of a note, 4 and 6 are timed cosignatures of a checkpoint (c2sp.org/tlog-cosignature). */
export type KeyType = 1 | 4 | 6;

/** `id` is a uint32 that distinguishes keys of one name; it is not a strong hash of the key. */
export interface VerifierKey {
  readonly name: string;
  readonly id: number;
  readonly type: KeyType;
  readonly publicKey: Uint8Array;
}

const ED25519 = { keyBytes: 32, signatureBytes: 64, jwk: (x: string) => ({ kty: 'OKP', crv: 'Ed25519', x }) };
const ML_DSA_44 = { keyBytes: 1_312, signatureBytes: 2_420, jwk: (pub: string) => ({ kty: 'AKP', alg: 'ML-DSA-44', pub }) };
const ALGORITHMS: Readonly<Record<KeyType, typeof ED25519 | typeof ML_DSA_44>> = { 1: ED25519, 4: ED25519, 6: ML_DSA_44 };
const KEY_ID = /^[0-9a-f]{8}$/;

/**
 * Reports whether a key can have this name: not empty, no Unicode space, no plus, no control character below U+0020, no lone surrogate.
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
  const { keyBytes } = ALGORITHMS[type];
  if (publicKey.length !== keyBytes) return fail('key-malformed', `a key of type ${type} has ${keyBytes} bytes`);
  return { name, id: keyId(name, type, publicKey), type, publicKey };
};

const formatKeyId = (id: number): string => id.toString(16).padStart(8, '0');

/** `name+hex(id)+base64(type ‖ key)`: the form in which verifiers pin a key. */
export const formatVerifierKey = ({ name, id, type, publicKey }: VerifierKey): string =>
  `${name}+${formatKeyId(id)}+${toBase64(concat([Uint8Array.of(type), publicKey]))}`;

/** Parses a verifier key. Throws `key-malformed`, also for an id that is not the key's. */
export const parseVerifierKey = (text: string): VerifierKey => {
  // Base64 can contain a plus, a name cannot: only the first two separate.
  const [name = '', id = '', ...rest] = text.split('+');
  const material = fromBase64(rest.join('+'));
  if (!KEY_ID.test(id) || material === undefined) {
    return fail('key-malformed', 'a verifier key is <name>+<8 hex digits>+<base64>');
  }
  const [type] = material;
  if (type !== 1 && type !== 4 && type !== 6)
    return fail('key-malformed', 'only keys of type 1 and 4 (Ed25519) and 6 (ML-DSA-44) can be verified');
  const key = verifierKey(name, type, material.slice(1));
  if (formatKeyId(key.id) !== id) return fail('key-malformed', 'the id of the verifier key does not belong to it');
  return key;
};

/** Parses the key of a witness. Throws `key-malformed`. */
export const parseWitnessKey = (text: string): VerifierKey => {
  const key = parseVerifierKey(text.trim());
  return key.type === 1 ? fail('key-malformed', 'is not a witness key (type 4 or 6)') : key;
};

/**
 * Reports whether each key is a different witness's: one key under two names, or one witness with two keys, would count twice in a quorum.
 */
export const areDifferent = (keys: readonly VerifierKey[]): boolean =>
  [keys.map(({ name }) => name), keys.map(({ publicKey }) => toBase64(publicKey))].every(
    (all) => new Set(all).size === keys.length,
  );

/** Reports whether a signature is valid. Never throws, whatever its bytes (RFC 8032, FIPS 204). */
export const isSignedBy = ({ type, publicKey }: VerifierKey, message: Uint8Array, signature: Uint8Array): boolean => {
  const key = ALGORITHMS[type].jwk(Buffer.from(publicKey).toString('base64url'));
  return verify(null, message, createPublicKey({ key, format: 'jwk' }), signature);
};

// Wire format: cosignatures of c2sp.org/tlog-cosignature, uint64 big-endian POSIX seconds ‖ signature.

const TIME_BYTES = 8;

/** Signs bytes with a private key that this code never reads; returns the 64 bytes of an Ed25519 signature. */
export type CosignBytes = (message: Uint8Array) => Uint8Array;

const uint64 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(TIME_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
};

const named = (name: string): Uint8Array => concat([Uint8Array.of(Buffer.byteLength(name)), toUtf8(name)]);

/** An ML-DSA-44 cosignature covers the whole tree as a subtree, and names its signer. */
const cosignedMessage = (text: string, { type, name }: VerifierKey, seconds: number): Uint8Array => {
  if (type === 4) return toUtf8(`cosignature/v1\ntime ${seconds}\n${text}`);
  const [origin = '', decimal = '', base64 = ''] = text.split('\n');
  const [size, root] = [fromDecimal(decimal), hashFromBase64(base64)];
  if (size === undefined || root === undefined) return fail('cosignature-malformed', 'a cosignature is of a checkpoint');
  return concat([toUtf8('subtree/v1\n\0'), named(name), uint64(seconds), named(origin), uint64(0), uint64(size), root]);
};

/**
 * Cosigns a checkpoint's text, final newline included, at POSIX `seconds` above 0. Throws `key-malformed`, and `signature-invalid` if
 * `sign` does not hold this key.
 */
export const makeCosignature = (text: string, key: VerifierKey, seconds: number, sign: CosignBytes): Uint8Array => {
  if (key.type !== 4) return fail('key-malformed', 'a cosignature is made with a key of type 4');
  if (!isSize(seconds) || seconds === 0)
    return fail('cosignature-malformed', 'the time of a cosignature is POSIX seconds above 0');
  const message = cosignedMessage(text, key, seconds);
  const signature = sign(message);
  if (!isSignedBy(key, message, signature)) return fail('signature-invalid', `the signer does not hold the key of ${key.name}`);
  return concat([uint64(seconds), signature]);
};

/** Returns the POSIX seconds at which `key` cosigned this text. Throws `cosignature-malformed`, `signature-invalid`. */
export const verifyCosignature = (text: string, key: VerifierKey, cosignature: Uint8Array): number => {
  const wanted = TIME_BYTES + ALGORITHMS[key.type].signatureBytes;
  if (cosignature.length !== wanted)
    return fail('cosignature-malformed', `a cosignature has ${wanted} bytes, not ${cosignature.length}`);
  const seconds = Number(new DataView(cosignature.buffer, cosignature.byteOffset).getBigUint64(0));
  if (!isSize(seconds)) return fail('cosignature-malformed', 'the time of the cosignature is out of range');
  if (!isSignedBy(key, cosignedMessage(text, key, seconds), cosignature.subarray(TIME_BYTES))) {
    return fail('signature-invalid', `the cosignature of ${key.name} does not verify`);
  }
  return seconds;
};

// Wire format: c2sp.org/signed-note.

/** Its value is unknown until its key is known. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: number;
  readonly signature: Uint8Array;
}

/** Untrusted until {@link verifyNote}. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A verified signature. `time` (POSIX seconds) is set for cosignatures only. */
export interface VerifiedSignature {
  readonly key: VerifierKey;
  readonly time?: number;
}

// Space for a hundred post-quantum signatures by unknown keys; the specification requires at least 16.
const NOTE_BYTES_MAX = 512 * 1024;
const SIGNATURES_MAX = 100;
const KEY_ID_BYTES = 4;
const LINE_START = '— ';

const checkText = (text: string): void => {
  if (!text.endsWith('\n') || !text.isWellFormed()) fail('note-malformed', 'the text of a note ends in a newline');
  if (hasControlCharacters(text)) fail('note-malformed', 'a note has no control characters but newline');
};

export const formatSignature = ({ name, keyId, signature }: NoteSignature): string => {
  const id = new Uint8Array(KEY_ID_BYTES);
  new DataView(id.buffer).setUint32(0, keyId);
  return `${LINE_START}${name} ${toBase64(concat([id, signature]))}\n`;
};

const parseSignature = (line: string): NoteSignature => {
  const [name = '', base64 = '', ...rest] = line.slice(LINE_START.length).split(' ');
  const bytes = fromBase64(base64);
  if (
    !line.startsWith(LINE_START) ||
    !isKeyName(name) ||
    rest.length > 0 ||
    bytes === undefined ||
    bytes.length <= KEY_ID_BYTES
  ) {
    return fail('note-malformed', 'a signature line is "— <name> <base64>"');
  }
  const keyId = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return { name, keyId, signature: bytes.slice(KEY_ID_BYTES) };
};

/** Parses signature lines, at the end of a note or alone in a witness's answer. Throws `note-malformed`. */
export const parseSignatures = (text: string): NoteSignature[] => {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length === 0) return fail('note-malformed', 'signature lines end in a newline');
  if (lines.length > SIGNATURES_MAX) return fail('note-malformed', `a note has at most ${SIGNATURES_MAX} signatures`);
  return lines.map(parseSignature);
};

/** Parses an attacker-controlled signed note strictly. Throws `note-malformed`. */
export const parseNote = (bytes: Uint8Array): Note => {
  if (bytes.length > NOTE_BYTES_MAX) return fail('note-malformed', `a note has at most ${NOTE_BYTES_MAX} bytes`);
  const whole = fromUtf8(bytes) ?? fail('note-malformed', 'a note is UTF-8');
  if (hasControlCharacters(whole)) return fail('note-malformed', 'a note has no control characters but newline');
  // The text can contain empty lines: only the last one separates it from the signatures.
  const end = whole.lastIndexOf('\n\n');
  if (end < 0) return fail('note-malformed', 'an empty line separates the text of a note from its signatures');
  return { text: whole.slice(0, end + 1), signatures: parseSignatures(whole.slice(end + 2)) };
};

/** Throws `note-malformed`. */
export const formatNote = ({ text, signatures }: Note): Uint8Array => {
  checkText(text);
  if (signatures.length === 0) return fail('note-malformed', 'a note has at least one signature');
  return toUtf8(`${text}\n${signatures.map(formatSignature).join('')}`);
};

/** Signs a note's text with a key of type 1. Throws `signature-invalid` if `sign` does not hold this key. */
export const signText = (text: string, key: VerifierKey, sign: CosignBytes): NoteSignature => {
  checkText(text);
  if (key.type !== 1) return fail('key-malformed', 'a note is signed with a key of type 1');
  const signature = sign(toUtf8(text));
  if (!isSignedBy(key, toUtf8(text), signature))
    return fail('signature-invalid', `the signer does not hold the key of ${key.name}`);
  return { name: key.name, keyId: key.id, signature };
};

/** Cosigns with a key of type 4 at POSIX `seconds`. Throws as `makeCosignature` does. */
export const cosignText = (text: string, key: VerifierKey, seconds: number, sign: CosignBytes): NoteSignature => {
  checkText(text);
  return { name: key.name, keyId: key.id, signature: makeCosignature(text, key, seconds, sign) };
};

const verifyBy = (key: VerifierKey, text: string, { signature }: NoteSignature): VerifiedSignature => {
  if (key.type !== 1) return { key, time: verifyCosignature(text, key, signature) };
  if (isSignedBy(key, toUtf8(text), signature)) return { key };
  return fail('signature-invalid', `the signature of ${key.name}+${formatKeyId(key.id)} does not verify`);
};

/** Returns the known key. Throws `key-ambiguous` if two have this name and id. */
const keyOf = (keys: readonly VerifierKey[], { name, keyId }: NoteSignature): VerifierKey | undefined => {
  const [key, ...others] = keys.filter((known) => known.name === name && known.id === keyId);
  if (others.length > 0) return fail('key-ambiguous', `two known keys are called ${name}+${formatKeyId(keyId)}`);
  return key;
};

/**
 * Returns the signatures of the known keys, one per key; others are ignored. Throws `signature-invalid` (or `cosignature-malformed`) if
 * one is invalid, and `signature-missing` without any.
 */
export const verifyNote = (note: Note, keys: readonly VerifierKey[]): readonly VerifiedSignature[] => {
  const verified = new Map<VerifierKey, VerifiedSignature>();
  for (const signature of note.signatures) {
    const key = keyOf(keys, signature);
    if (key === undefined) continue;
    const result = verifyBy(key, note.text, signature);
    if (!verified.has(key)) verified.set(key, result);
  }
  if (verified.size === 0) return fail('signature-missing', 'no known key signed the note');
  return [...verified.values()];
};

// Storage format: the statement by which a log's key hands over to the next, a signed note (c2sp.org/signed-note).

/** The new key, its predecessor, and until when (exclusive) both sign. */
interface KeyHandover {
  readonly by: VerifierKey;
  readonly key: VerifierKey;
  readonly until: string;
}

/**
 * Returns the text that both keys sign. Its first line has spaces, which no origin has, so it cannot be mistaken for a checkpoint. Throws
 * `origin-unknown` for keys of different logs.
 */
export const handoverText = ({ by, key, until }: KeyHandover): string => {
  if (by.name !== key.name) return fail('origin-unknown', `a key of ${by.name} hands over to a key of the same log`);
  return `aldergate log key handover v1\n${formatVerifierKey(by)}\n${formatVerifierKey(key)}\n${until}\n`;
};

/**
 * Verifies the note under both keys; the new key's signature proves possession. Throws `note-malformed`, `key-malformed`,
 * `origin-unknown`, `signature-…`.
 */
export const verifyHandover = (
  event: { readonly by: string; readonly key: string; readonly until: string },
  note: string,
): KeyHandover => {
  const handover = { by: parseVerifierKey(event.by), key: parseVerifierKey(event.key), until: event.until };
  const parsed = parseNote(toUtf8(note));
  if (parsed.text !== handoverText(handover)) return fail('note-malformed', 'the note is about another handover');
  if (verifyNote(parsed, [handover.by, handover.key]).length !== 2)
    return fail('signature-missing', 'a handover is signed by the old key and by the new one');
  return handover;
};
