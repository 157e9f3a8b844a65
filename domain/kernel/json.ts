export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Types a value as JSON that its schema guarantees to be; an interface lacks the index signature that the compiler needs. */
export const jsonOf = (value: object): JsonObject => value as JsonObject;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Stored and received data has about six levels. */
export const DEPTH_MAX = 32;

type ParsedJson =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly pointer: string; readonly detail: string };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BYTE_ORDER_MARK = '\uFEFF';

const refuse = (pointer: string, detail: string) => ({ ok: false, pointer, detail }) as const;

/**
 * Parses attacker-controlled JSON; no other code may. Accepts only I-JSON (RFC 7493): UTF-8 without a byte-order mark, no duplicate key,
 * no lone surrogate, no number that a double cannot hold; and no `__proto__` key and no nesting deeper than {@link DEPTH_MAX}. Time is
 * linear in the length.
 */
export const parseStrict = (bytes: Uint8Array): ParsedJson => {
  if (bytes.length === 0) return refuse('', 'is empty where JSON is expected');
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return refuse('', 'is not valid UTF-8');
  }
  if (text.startsWith(BYTE_ORDER_MARK)) return refuse('', 'begins with a byte-order mark: send plain UTF-8');
  const value = readCompact(text);
  if (value !== undefined) return { ok: true, value };
  const fault = jsonFault(text, DEPTH_MAX);
  return fault ? refuse(fault.pointer, fault.detail) : { ok: true, value: JSON.parse(text) as JsonValue };
};

/**
 * The fast path: the value of a text that certainly has no fault, undefined for any other. Without `\u` there is no lone surrogate; a
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

interface JsonFault {
  readonly pointer: string;
  readonly detail: string;
}

/** `path` leads to the value being read; the search throws the first fault. */
interface Cursor {
  readonly text: string;
  readonly depthMax: number;
  readonly path: (string | number)[];
  index: number;
}

class Fault extends Error {}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;
const HEX = /[0-9a-fA-F]{4}/y;
const SIMPLE_ESCAPES = '"\\/bfnrt';

/** Returns the first fault of a well-formed text as `parseStrict` describes it. One pass, linear in the length. */
export const jsonFault = (text: string, depthMax: number): JsonFault | undefined => {
  const cursor: Cursor = { text, depthMax, path: [], index: 0 };
  try {
    readValue(cursor);
    if (cursor.index < text.length) throw new Fault('has more text after its end');
    return undefined;
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return { pointer: pointerOf(cursor.path), detail: fault.message };
  }
};

export const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const take = (cursor: Cursor, pattern: RegExp): string | undefined => {
  pattern.lastIndex = cursor.index;
  const found = pattern.exec(cursor.text)?.[0];
  cursor.index += found?.length ?? 0;
  return found;
};

const takeChar = (cursor: Cursor, char: string): boolean => {
  const found = cursor.text[cursor.index] === char;
  if (found) cursor.index += 1;
  return found;
};

const unexpected = ({ text, index }: Cursor, expected: string): Fault =>
  new Fault(
    index < text.length ? `is not valid JSON: ${expected} expected at character ${index}` : `ends where ${expected} is expected`,
  );

const readValue = (cursor: Cursor): void => {
  take(cursor, SPACE);
  const first = cursor.text[cursor.index];
  if (first === '{') readObject(cursor);
  else if (first === '[') readArray(cursor);
  else if (first === '"') readString(cursor);
  else if (first !== undefined && (first === '-' || (first >= '0' && first <= '9'))) readNumber(cursor);
  else if (take(cursor, WORD) === undefined) throw unexpected(cursor, 'a value');
  take(cursor, SPACE);
};

const enter = (cursor: Cursor): void => {
  cursor.index += 1;
  if (cursor.path.length >= cursor.depthMax) throw new Fault(`is nested deeper than ${cursor.depthMax} levels`);
  take(cursor, SPACE);
};

const readArray = (cursor: Cursor): void => {
  enter(cursor);
  if (takeChar(cursor, ']')) return;
  for (let item = 0; ; item += 1) {
    cursor.path.push(item);
    readValue(cursor);
    cursor.path.pop();
    if (takeChar(cursor, ']')) return;
    if (!takeChar(cursor, ',')) throw unexpected(cursor, 'a comma or ]');
  }
};

const readObject = (cursor: Cursor): void => {
  enter(cursor);
  if (takeChar(cursor, '}')) return;
  const known = new Set<string>();
  for (;;) {
    take(cursor, SPACE);
    if (cursor.text[cursor.index] !== '"') throw unexpected(cursor, 'a key in double quotes');
    const key = readString(cursor);
    cursor.path.push(key);
    if (known.has(key)) throw new Fault('is given twice');
    if (key === '__proto__') throw new Fault('is not allowed as a key');
    known.add(key);
    take(cursor, SPACE);
    if (!takeChar(cursor, ':')) throw unexpected(cursor, 'a colon');
    readValue(cursor);
    cursor.path.pop();
    if (takeChar(cursor, '}')) return;
    if (!takeChar(cursor, ',')) throw unexpected(cursor, 'a comma or }');
  }
};

const readString = (cursor: Cursor): string => {
  const start = cursor.index;
  cursor.index += 1;
  while (!takeChar(cursor, '"')) {
    const code = cursor.text.charCodeAt(cursor.index);
    if (Number.isNaN(code)) throw unexpected(cursor, 'a closing quote');
    if (code < 0x20) throw new Fault(`has an unescaped control character at character ${cursor.index}`);
    cursor.index += 1;
    if (code === 0x5c) readEscape(cursor);
  }
  const said = JSON.parse(cursor.text.slice(start, cursor.index)) as string;
  if (!said.isWellFormed()) throw new Fault('has a lone surrogate, which is no character');
  return said;
};

const readEscape = (cursor: Cursor): void => {
  const kind = cursor.text[cursor.index] ?? '';
  if (kind !== '' && SIMPLE_ESCAPES.includes(kind)) cursor.index += 1;
  else if (kind === 'u') {
    cursor.index += 1;
    if (take(cursor, HEX) === undefined) throw unexpected(cursor, 'four hex digits after \\u');
  } else throw unexpected(cursor, 'one of "\\/bfnrtu after a backslash');
};

const readNumber = (cursor: Cursor): void => {
  const digits = take(cursor, NUMBER);
  if (digits === undefined) throw unexpected(cursor, 'a digit');
  // A leading zero or a stray letter: `01`, `1.`, `1e`.
  if (/[0-9.eE+-]/.test(cursor.text[cursor.index] ?? ''))
    throw new Fault(`is not a number as JSON writes it, at character ${cursor.index}`);
  if (!isExact(Number(digits))) throw new Fault('is a number beyond ±(2^53 − 1)');
};

/** Beyond ±(2^53 − 1) neighbouring integers merge. */
const isExact = (number: number): boolean => Math.abs(number) <= Number.MAX_SAFE_INTEGER;
