import { hash } from 'node:crypto';

/** The failures of reading or checking a part of the log. The first word names the format. */
export type LogErrorCode =
  | 'size-too-large'
  | 'frontier-malformed'
  | 'tile-path-malformed'
  | 'tile-length-wrong'
  | 'tile-missing'
  | 'log-shrinks'
  | 'bundle-malformed'
  | 'entry-too-large'
  | 'key-malformed'
  | 'key-ambiguous'
  | 'note-malformed'
  | 'signature-invalid'
  | 'signature-missing'
  | 'checkpoint-malformed'
  | 'origin-unknown'
  | 'index-out-of-range'
  | 'proof-length-wrong'
  | 'inclusion-not-proved'
  | 'consistency-not-proved'
  | 'log-rolled-back'
  | 'log-forked'
  | 'empty-root-wrong'
  | 'tlog-proof-malformed'
  | 'cosignature-malformed'
  | 'witness-malformed';

/** Thrown for invalid bytes. `message` is for people, `code` for programs. */
export class LogError extends Error {
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, detail: string) {
    super(detail);
    this.name = 'LogError';
    this.code = code;
  }
}

/** Returns the result of `read`, or undefined if it throws LogError. */
export const ifValid = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
};

/** An expression, so that it fits into `??` and `?:`. */
export const fail: (code: LogErrorCode, detail: string) => never = (code, detail) => {
  throw new LogError(code, detail);
};

/** A SHA-256 digest: always 32 bytes. Treat as immutable. */
export type Hash = Uint8Array;

export const HASH_BYTES = 32;

// RFC 6962 section 2.1: the prefixes prevent passing a leaf off as a node (second preimage).
const LEAF_PREFIX = 0;
const NODE_PREFIX = 1;

/** Returns the digest as text of one byte per character: a third of the time that node:crypto takes for a Buffer. */
const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'binary');

const put = (digest: string, into: Uint8Array, at: number): void => {
  for (let i = 0; i < HASH_BYTES; i += 1) into[at + i] = digest.charCodeAt(i);
};

const toHash = (digest: string): Hash => {
  const bytes = new Uint8Array(HASH_BYTES);
  put(digest, bytes, 0);
  return bytes;
};

// One buffer for the input of each call: everything here is synchronous, so no two calls share it.
const leafRoom = new Uint8Array(1 + 65_535);
const pairRoom = new Uint8Array(1 + 2 * HASH_BYTES);

/** SHA-256(0x00 ‖ entry): RFC 6962 section 2.1. */
export const leafHash = (entry: Uint8Array): Hash => {
  const length = 1 + entry.length;
  const input = length > leafRoom.length ? new Uint8Array(length) : leafRoom.subarray(0, length);
  input[0] = LEAF_PREFIX;
  input.set(entry, 1);
  return toHash(sha256(input));
};

/** SHA-256(0x01 ‖ left ‖ right): RFC 6962 section 2.1. Throws RangeError on an input that is not 32 bytes long. */
export const nodeHash = (left: Hash, right: Hash): Hash => {
  assertHash(left);
  assertHash(right);
  pairRoom[0] = NODE_PREFIX;
  pairRoom.set(left, 1);
  pairRoom.set(right, 1 + HASH_BYTES);
  return toHash(sha256(pairRoom));
};

/** SHA-256 of the empty string. A fresh array each time, so that a caller cannot change another's. */
export const emptyRoot = (): Hash => toHash(sha256(new Uint8Array()));

/** Returns the hashes one level above a run that begins with a left one. A last one without a pair is omitted. */
export const levelAbove = (hashes: Uint8Array): Uint8Array => {
  const pairs = Math.floor(hashes.length / (2 * HASH_BYTES));
  const above = new Uint8Array(pairs * HASH_BYTES);
  pairRoom[0] = NODE_PREFIX;
  for (let pair = 0; pair < pairs; pair += 1) {
    pairRoom.set(hashes.subarray(pair * 2 * HASH_BYTES, (pair + 1) * 2 * HASH_BYTES), 1);
    put(sha256(pairRoom), above, pair * HASH_BYTES);
  }
  return above;
};

/** Returns the root of a complete subtree, given all hashes of one of its levels; their number must be a power of two. */
export const completeRoot = (hashes: readonly Hash[]): Hash => {
  if (!Number.isInteger(Math.log2(hashes.length))) throw new RangeError('the number of hashes is not a power of two');
  let level: Uint8Array = new Uint8Array(hashes.length * HASH_BYTES);
  for (const [i, each] of hashes.entries()) {
    assertHash(each);
    level.set(each, i * HASH_BYTES);
  }
  while (level.length > HASH_BYTES) level = levelAbove(level);
  return level;
};

const assertHash = (bytes: Uint8Array): void => {
  if (bytes.length !== HASH_BYTES) throw new RangeError(`a hash has ${HASH_BYTES} bytes, not ${bytes.length}`);
};

/** Hashes are not secret, so the comparison need not take constant time. */
export const sameHash = (a: Hash, b: Hash): boolean => Buffer.compare(a, b) === 0;

const CANONICAL_DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;

/** Standard base64 with padding (RFC 4648 section 4). */
export const toBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** Decodes canonical standard base64; undefined for another alphabet, missing padding, stray bits or blanks. */
export const fromBase64 = (text: string): Uint8Array | undefined => {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  // Node's decoder accepts nearly everything, so the only proof of canonical form is that encoding returns the same text.
  return toBase64(bytes) === text ? bytes : undefined;
};

/** Decodes exactly 32 bytes in canonical form, else undefined. */
export const hashFromBase64 = (text: string): Hash | undefined => {
  const bytes = fromBase64(text);
  return bytes?.length === HASH_BYTES ? bytes : undefined;
};

/**
 * Parses a decimal; undefined for a sign, a leading zero, a blank, or more than 2^53-1: larger sizes are rejected, not rounded.
 */
export const fromDecimal = (text: string): number | undefined => {
  if (!CANONICAL_DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
};

/** Reports whether this is an integer from 0 to 2^53-1. */
export const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** Decodes UTF-8 and keeps a byte-order mark; undefined if invalid. */
export const fromUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** Reports whether a text has a control character below U+0020 other than newline. */
export const hasControlCharacters = (text: string): boolean => {
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 && unit !== 0x0a) return true;
  }
  return false;
};

export const toUtf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Splits lines, an empty line, and a signed note. Undefined without an empty line or if what precedes it is not UTF-8. */
export const splitHeaderLines = (bytes: Uint8Array): { readonly lines: string[]; readonly rest: Uint8Array } | undefined => {
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf('\n\n');
  const head = end < 0 ? undefined : fromUtf8(bytes.subarray(0, end));
  return head === undefined ? undefined : { lines: head.split('\n'), rest: bytes.slice(end + 2) };
};

export const concat = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
