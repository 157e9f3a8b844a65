import { isExact, jsonFault } from './jsonFault.ts';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Types a value as JSON that is so by its schema; an interface has no index signature, as the compiler would need. */
export const jsonOf = (value: object): JsonObject => value as JsonObject;

/** Stored and received data has some six levels. */
export const DEPTH_MAX = 32;

export type ParsedJson =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly pointer: string; readonly detail: string };

/** `isCompact`: the text is exactly what `JSON.stringify` writes. */
export type ReadJson =
  | { readonly ok: true; readonly value: JsonValue; readonly text: string; readonly isCompact: boolean }
  | Extract<ParsedJson, { readonly ok: false }>;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BYTE_ORDER_MARK = '\uFEFF';

const refuse = (pointer: string, detail: string) => ({ ok: false, pointer, detail }) as const;

/**
 * Parses JSON from outside, which is attacker-controlled; no other code may. Accepts only I-JSON (RFC 7493): UTF-8 without a byte-order
 * mark, no key twice, no lone surrogate, no number that a double cannot hold; and no `__proto__` key and no nesting deeper than
 * `depthMax`. Time is linear in the length.
 */
export const parseStrict = (bytes: Uint8Array, { depthMax = DEPTH_MAX }: { readonly depthMax?: number } = {}): ParsedJson => {
  const read = readStrict(bytes, depthMax);
  return read.ok ? { ok: true, value: read.value } : read;
};

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
 * The fast path: undefined for every text that may have a fault. Without `\u` no surrogate can be alone. A duplicate key is missing from
 * the value's own text, which then has fewer keys than the text has colons outside strings.
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

const countColons = (text: string): number => {
  let colons = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (char === '"') index = endOfString(text, index);
    else if (char === ':') colons += 1;
  }
  return colons;
};

const endOfString = (text: string, start: number): number => {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote === -1 ? text.length : quote;
};

/** Reports whether an odd number of backslashes precedes the quote. Each run is counted once, so the total stays linear. */
const isEscaped = (text: string, quote: number): boolean => {
  let first = quote;
  while (text[first - 1] === '\\') first -= 1;
  return (quote - first) % 2 === 1;
};

export const isReadable = (value: JsonValue): boolean => !Number.isNaN(countKeys(value, DEPTH_MAX));

/** NaN for what {@link parseStrict} refuses. */
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
