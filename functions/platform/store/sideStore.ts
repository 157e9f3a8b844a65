import type { JsonValue } from '../../../domain/kernel/json.ts';
import { CorruptStore } from './errors.ts';
import { type Mac, type Macs, recordParts } from './mac.ts';
import type { SideKind } from './sideKinds.ts';

/**
 * A store for data that is not a fact and may be changed or forgotten: marks of consumers, hashes of links and tokens, shared
 * secrets, mail addresses, redactable texts. Never consulted for "enabled". Kinds and ids are not empty; a value's JSON is at
 * most {@link SIDE_VALUE_BYTES_MAX}. Reads are strongly consistent, writes durable once they return; an adapter may
 * keep kinds that are derived, or only repeated if the newest are lost, as they were at some moment before a power cut.
 *
 * Every record has a MAC over its kind, its id and its value. One without a valid MAC counts as absent in every read and is passed
 * to {@link RecordGuard}: who can write into the database but lacks the key can remove a record or put an older value of the same
 * record back, and nothing else. So a record that carries authority is also bound to an event.
 */
export interface SideStore {
  get(kind: SideKind, id: string): Promise<JsonValue | undefined>;
  put(kind: SideKind, id: string, value: JsonValue): Promise<void>;
  putIfAbsent(kind: SideKind, id: string, value: JsonValue): Promise<boolean>;
  /** Removes an entry. Removing an absent entry is not an error. */
  remove(kind: SideKind, id: string): Promise<void>;
  /** Lists entries whose id begins with `prefix`, ascending by the UTF-8 bytes of the id. */
  list(kind: SideKind, prefix?: string, range?: SideRange): Promise<readonly SideEntry[]>;
  close(): Promise<void>;
}

/** The kind of the register's documents, which have a table of their own on DynamoDB. */
export const REGISTER_KIND = 'register';

/** A record of the side store that this gate did not write as it stands there, and the problem. */
export interface AlteredRecord {
  readonly kind: string;
  readonly id: string;
  readonly problem: string;
}

/** `altered` is called at each read of a record without a valid MAC. */
export interface RecordGuard {
  readonly macs: Macs;
  readonly altered: (record: AlteredRecord) => void;
}

/** Maintains the MACs of all records of a side store, while nothing else writes to it. */
export interface RecordMacs {
  altered(): Promise<readonly AlteredRecord[]>;
  /** Replaces every valid MAC that the current key did not make. Returns the number replaced; may be run again after a crash. */
  renewMacs(): Promise<number>;
}

/** A record as an adapter stores it; `value` is JSON text. */
export interface SideRow {
  readonly kind: string;
  readonly id: string;
  readonly value: string;
  readonly mac: Mac | undefined;
}

/** Returns the MAC of a record. */
export const macOfRecord = ({ macs }: Pick<RecordGuard, 'macs'>, kind: string, id: string, value: string): Mac =>
  macs.make(...recordParts(kind, id, value));

/** Returns why a row has no valid MAC, or undefined if it has. */
export const rowProblem = ({ macs }: Pick<RecordGuard, 'macs'>, { kind, id, value, mac }: SideRow): string | undefined =>
  macs.problem(mac, ...recordParts(kind, id, value));

/** Returns a new MAC for a row whose valid MAC was made by an older key; undefined if it needs none. */
export const renewedRecordMac = (guard: Pick<RecordGuard, 'macs'>, row: SideRow): Mac | undefined =>
  guard.macs.isCurrent(row.mac) || rowProblem(guard, row) !== undefined
    ? undefined
    : macOfRecord(guard, row.kind, row.id, row.value);

/**
 * Returns the entry in a row; undefined, after a call of `altered`, if its MAC is not valid. The MAC is checked before the value is
 * parsed.
 */
export const verifiedEntry = (guard: RecordGuard, row: SideRow): SideEntry | undefined => {
  const { kind, id, value } = row;
  const problem = rowProblem(guard, row);
  if (problem !== undefined) {
    guard.altered({ kind, id, problem });
    return undefined;
  }
  try {
    return { id, value: JSON.parse(value) as JsonValue };
  } catch (cause) {
    throw new CorruptStore(`side ${kind}/${id} is no JSON`, { cause });
  }
};

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

/** DynamoDB's two keys have limits of their own; one rule serves both adapters. */
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
