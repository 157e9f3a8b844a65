import { createHash, hash } from 'node:crypto';
import { DEPTH_MAX, type JsonValue } from './json.ts';

// Storage format: the bytes of every commit and of every digest of a value are produced here. Never change the output.

/**
 * Returns the canonical JSON text of a value (RFC 8785, JCS). Throws TypeError on what JSON cannot carry without loss, and RangeError on
 * nesting deeper than {@link DEPTH_MAX}, so that the output can be read back.
 */
export const canonical = (value: JsonValue): string => write(value, 0);

/** Returns a value with the members of each object in stored order, as it would be read back. */
export const asStored = (value: JsonValue): JsonValue => JSON.parse(canonical(value)) as JsonValue;

const write = (value: unknown, depth: number): string => {
  if (typeof value === 'string') return writeString(value);
  if (typeof value === 'number') return writeNumber(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object') throw new TypeError(`${typeof value} is not a JSON value`);
  if (depth >= DEPTH_MAX) throw new RangeError(`nested deeper than ${DEPTH_MAX} levels`);
  return Array.isArray(value) ? writeArray(value, depth) : writeObject(value, depth);
};

const PLAIN = /^[ !#-[\]-~]*$/;

const writeString = (text: string): string => {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError('a lone surrogate is not a JSON value');
  return JSON.stringify(text);
};

const writeNumber = (number: number): string => {
  if (!Number.isFinite(number)) throw new TypeError(`${number} is not a JSON value`);
  return JSON.stringify(number);
};

/** `for` visits holes too, which map would skip silently. */
const writeArray = (items: readonly unknown[], depth: number): string => {
  let text = '';
  for (const item of items) text += `${text === '' ? '' : ','}${write(item, depth + 1)}`;
  return `[${text}]`;
};

const writeObject = (value: object, depth: number): string => {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('only a plain object is a JSON value');
  // The default order of sort() is by UTF-16 code units, as section 3.2.3 requires.
  let text = '';
  for (const key of Object.keys(value).sort())
    text += `${text === '' ? '' : ','}${writeString(key)}:${write((value as Record<string, unknown>)[key], depth + 1)}`;
  return `{${text}}`;
};

/** Fixed: with a salt of any length, salt ‖ text could be opened as another text. */
export const SALT_BYTES = 32;

/** Returns the SHA-256 of the bytes (text: of its UTF-8) as `sha256:` and 64 lower-case hex digits. */
export const digestOf = (data: string | Uint8Array): string => `sha256:${hash('sha256', data)}`;

/** Returns SHA-256(salt ‖ text), which an event holds in place of an official's text. Throws RangeError on another length of the salt. */
export const commitmentOf = (salt: Uint8Array, text: string): string => {
  if (salt.length !== SALT_BYTES) throw new RangeError(`a salt has ${SALT_BYTES} bytes, not ${salt.length}`);
  return `sha256:${createHash('sha256').update(salt).update(text).digest('hex')}`;
};
