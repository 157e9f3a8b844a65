// Wire format: c2sp.org/signed-note.
import { type CosignBytes, makeCosignature, verifyCosignature } from './cosignature.ts';
import { concat, fromBase64, fromUtf8, hasControlCharacters, toBase64, toUtf8 } from './encoding.ts';
import { fail } from './errors.ts';
import { formatKeyId, isKeyName, isSignedBy, type VerifierKey } from './verifierKey.ts';

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

/** Signs a note's text with a key of type 1. Throws `signature-invalid` when `sign` does not hold this key. */
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
  if (key.type === 4) return { key, time: verifyCosignature(text, key, signature) };
  if (isSignedBy(key, toUtf8(text), signature)) return { key };
  return fail('signature-invalid', `the signature of ${key.name}+${formatKeyId(key.id)} does not verify`);
};

/** Two known keys with one name and id cannot be distinguished, so they are refused. */
const keyOf = (keys: readonly VerifierKey[], { name, keyId }: NoteSignature): VerifierKey | undefined => {
  const [key, ...others] = keys.filter((known) => known.name === name && known.id === keyId);
  if (others.length > 0) return fail('key-ambiguous', `two known keys are called ${name}+${formatKeyId(keyId)}`);
  return key;
};

/**
 * Returns the signatures of the known keys, one per key; others are ignored. Throws `signature-invalid` (or `cosignature-malformed`) when
 * one does not hold, and `signature-missing` without any.
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
