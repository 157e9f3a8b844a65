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
 * {@link DEPTH_MAX}. Time is linear in the length.
 */
export const parseStrict = (bytes: Uint8Array): ParsedJson => {
  const read = readStrict(bytes);
  return read.ok ? { ok: true, value: read.value } : read;
};

export const readStrict = (bytes: Uint8Array): ReadJson => {
  if (bytes.length === 0) return refuse('', 'is empty where JSON is expected');
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return refuse('', 'is not valid UTF-8');
  }
  if (text.startsWith(BYTE_ORDER_MARK)) return refuse('', 'begins with a byte-order mark: send plain UTF-8');
  const value = readCompact(text);
  if (value !== undefined) return { ok: true, text, value, isCompact: true };
  const fault = jsonFault(text, DEPTH_MAX);
  return fault ? refuse(fault.pointer, fault.detail) : { ok: true, value: JSON.parse(text) as JsonValue, text, isCompact: false };
};

/**
 * The fast path: the value of a text that certainly has no fault, undefined for every other. Without `\u` no surrogate can be alone; a
 * duplicate key is missing from the value's own text.
 */
const readCompact = (text: string): JsonValue | undefined => {
  if (text.includes('\\u')) return undefined;
  try {
    const value = JSON.parse(text) as JsonValue;
    return isReadable(value) && JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
};

/** Reports whether {@link parseStrict} reads the canonical text of a value: no `__proto__`, no inexact number, no deeper nesting. */
export const isReadable = (value: JsonValue, room = DEPTH_MAX): boolean => {
  if (typeof value === 'number') return isExact(value);
  if (typeof value !== 'object' || value === null) return true;
  if (room < 1) return false;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).every((item) => isReadable(item, room - 1));
  return Object.entries(value).every(([key, item]) => key !== '__proto__' && isReadable(item, room - 1));
};
