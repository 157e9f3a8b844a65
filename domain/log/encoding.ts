import { HASH_BYTES, type Hash } from './hash.ts';

const CANONICAL_DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;

/** Standard base64 with padding (RFC 4648 section 4). */
export const toBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** Undefined for all but canonical standard base64: other alphabet, missing padding, stray bits, blanks. */
export const fromBase64 = (text: string): Uint8Array | undefined => {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  // Node's decoder accepts nearly everything, so the only proof of canonical form is that encoding returns the same text.
  return toBase64(bytes) === text ? bytes : undefined;
};

/** Undefined unless it is exactly 32 bytes in canonical form. */
export const hashFromBase64 = (text: string): Hash | undefined => {
  const bytes = fromBase64(text);
  return bytes?.length === HASH_BYTES ? bytes : undefined;
};

/** Undefined for a sign, a leading zero, a blank, or more than 2^53-1: larger sizes are refused rather than rounded. */
export const fromDecimal = (text: string): number | undefined => {
  if (!CANONICAL_DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
};

/** Reports whether this is an integer from 0 to 2^53-1. */
export const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** Keeps a byte-order mark; undefined where the bytes are not valid UTF-8. */
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
export const splitHead = (bytes: Uint8Array): { readonly lines: string[]; readonly rest: Uint8Array } | undefined => {
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
