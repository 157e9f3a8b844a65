import { isExact, jsonFault } from './jsonFault.ts';

/** A value that JSON can carry. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/**
 * Returns the same value, typed as JSON. For values that are JSON by their schema or their own fields: the compiler accepts a
 * type alias but not an interface, which has no index signature. Checks nothing; the caller guarantees it.
 */
export const jsonOf = (value: object): JsonObject => value as JsonObject;

/** Deepest nesting of arrays and objects: stored and received data has some six levels. */
export const DEPTH_MAX = 32;

/** The value, or the first fault with its JSON pointer (RFC 6901; empty for the whole document). */
export type ParsedJson =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly pointer: string; readonly detail: string };

/** As {@link ParsedJson}, with the text, and whether that text is exactly what `JSON.stringify` writes for the value. */
export type ReadJson =
  | { readonly ok: true; readonly value: JsonValue; readonly text: string; readonly isCompact: boolean }
  | Extract<ParsedJson, { readonly ok: false }>;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BYTE_ORDER_MARK = '\uFEFF';

const refuse = (pointer: string, detail: string) => ({ ok: false, pointer, detail }) as const;

/**
 * Parses JSON from outside, which is attacker-controlled. No other code may parse it. Accepts only JSON on whose meaning every parser
 * agrees (I-JSON, RFC 7493): UTF-8 without a byte-order mark, no key twice, no lone surrogate (raw or escaped), no number that a double
 * cannot hold, and beyond that no `__proto__` key and no nesting deeper than `depthMax`. Time is linear in the length.
 */
export const parseStrict = (bytes: Uint8Array, { depthMax = DEPTH_MAX }: { readonly depthMax?: number } = {}): ParsedJson => {
  const read = readStrict(bytes, depthMax);
  return read.ok ? { ok: true, value: read.value } : read;
};

/** Works as {@link parseStrict}, for callers that compare the text with another form of the value. */
export const readStrict = (bytes: Uint8Array, depthMax = DEPTH_MAX): ReadJson => {
  if (bytes.length === 0) return refuse('', 'is empty where JSON is expected');
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return refuse('', 'is not valid UTF-8');
  }
  if (text.startsWith(BYTE_ORDER_MARK)) return refuse('', 'begins with a byte-order mark: send plain UTF-8');
  const simple = readSimple(text, depthMax);
  if (simple !== undefined) return { ok: true, text, ...simple };
  const fault = jsonFault(text, depthMax);
  return fault ? refuse(fault.pointer, fault.detail) : { ok: true, value: JSON.parse(text) as JsonValue, text, isCompact: false };
};

/**
 * The fast path: returns the value of a text that certainly has no fault, undefined for every other, which the slower search for
 * faults then judges. Without `\u` no surrogate can be alone in decoded UTF-8. A duplicate key is missing from the value's own
 * text; and a text has as many keys as it has colons outside strings, so that the value then has fewer.
 */
const readSimple = (text: string, depthMax: number): { readonly value: JsonValue; readonly isCompact: boolean } | undefined => {
  if (text.includes('\\u')) return undefined;
  try {
    const value = JSON.parse(text) as JsonValue;
    const keys = countKeys(value, depthMax);
    if (Number.isNaN(keys)) return undefined;
    if (JSON.stringify(value) === text) return { value, isCompact: true };
    return keys === countColons(text) ? { value, isCompact: false } : undefined;
  } catch {
    return undefined;
  }
};

/** Returns the number of colons outside strings, in valid JSON. */
const countColons = (text: string): number => {
  let colons = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (char === '"') index = endOfString(text, index);
    else if (char === ':') colons += 1;
  }
  return colons;
};

/** Returns the index of the quote that ends the string beginning at `start`, or of the end of the text. */
const endOfString = (text: string, start: number): number => {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote === -1 ? text.length : quote;
};

/**
 * Reports whether an odd number of backslashes precedes the quote. Each run is counted for one quote only, so the total stays
 * linear.
 */
const isEscaped = (text: string, quote: number): boolean => {
  let first = quote;
  while (text[first - 1] === '\\') first -= 1;
  return (quote - first) % 2 === 1;
};

/** Reports whether {@link parseStrict} reads the canonical text of a value: its text then gives the same value back. */
export const isReadable = (value: JsonValue): boolean => !Number.isNaN(countKeys(value, DEPTH_MAX));

/**
 * Returns the number of keys in the value, or NaN when it holds a `__proto__` key, a number that {@link isExact} refuses, or more
 * than `room` levels of arrays and objects.
 */
const countKeys = (value: JsonValue, room: number): number => {
  if (typeof value === 'number') return isExact(value) ? 0 : Number.NaN;
  if (typeof value !== 'object' || value === null) return 0;
  if (room < 1) return Number.NaN;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) count += countKeys(item, room - 1);
    return count;
  }
  for (const key of Object.keys(value)) {
    count += key === '__proto__' ? Number.NaN : 1 + countKeys((value as JsonObject)[key] ?? null, room - 1);
  }
  return count;
};
