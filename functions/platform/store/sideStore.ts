import type { JsonValue } from '../../../domain/kernel/json.ts';

/**
 * A store for data that is not a fact and may be changed or forgotten: marks of consumers, hashes of links and tokens, shared
 * secrets, mail addresses, redactable texts. Never consulted for "enabled". Kinds and ids are not empty; a value's JSON is at
 * most {@link SIDE_VALUE_BYTES_MAX}. Reads are strongly consistent, writes durable once they return.
 */
export interface SideStore {
  get(kind: string, id: string): Promise<JsonValue | undefined>;
  put(kind: string, id: string, value: JsonValue): Promise<void>;
  /** Returns true to the one caller whose value was stored; false to every later one. */
  putIfAbsent(kind: string, id: string, value: JsonValue): Promise<boolean>;
  /** Removes an entry. Removing an absent entry is not an error. */
  remove(kind: string, id: string): Promise<void>;
  /** Lists entries whose id begins with `prefix`, ascending by the UTF-8 bytes of the id; all of a kind without one. */
  list(kind: string, prefix?: string, range?: SideRange): Promise<readonly SideEntry[]>;
  close(): Promise<void>;
}

/** A part of a list: only ids above `after`, at most `limit` of them. Reads no more than it returns. */
export interface SideRange {
  readonly after?: string;
  readonly limit?: number;
}

export interface SideEntry {
  readonly id: string;
  readonly value: JsonValue;
}

/** The maximum size of a value. A DynamoDB item ends at 400 KB; the rest is for its keys. */
export const SIDE_VALUE_BYTES_MAX = 380_000;

/**
 * The maximum size of a key. DynamoDB's two keys have limits of their own (2,048 and 1,024 bytes); one rule serves both
 * adapters.
 */
const SIDE_KEY_BYTES_MAX = 1_024;

/** Throws on a key that one of the adapters cannot hold: a programmer's error. */
export const assertSideStoreKey = (kind: string, id: string): void => {
  for (const part of [kind, id]) {
    if (part === '' || Buffer.byteLength(part) > SIDE_KEY_BYTES_MAX || !part.isWellFormed())
      throw new RangeError('not a key of the side store');
  }
};

/** Returns the JSON of a value; throws if it is larger than {@link SIDE_VALUE_BYTES_MAX}. */
export const encodeSideValue = (value: JsonValue): string => {
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) > SIDE_VALUE_BYTES_MAX) throw new RangeError('value too large for the side store');
  return text;
};
