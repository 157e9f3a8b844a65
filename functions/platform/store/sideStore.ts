import { setImmediate } from 'node:timers/promises';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { CorruptStore } from './errors.ts';
import { type Mac, type Macs, recordParts } from './mac.ts';

/**
 * A store for data that is not a fact and may be changed or forgotten: marks of consumers, hashes of links and tokens, shared secrets, mail
 * addresses, redactable texts. Never consulted for "enabled". Reads are strongly consistent, writes durable once they return; an adapter
 * may lose the newest of what is derived or only repeated in a power cut. Every record has a MAC over its kind, id and value. One without a
 * valid MAC counts as absent and is passed to {@link RecordGuard}: who can write into the database but lacks the key can remove a record or
 * put an older value of it back, and nothing else; on one machine that is noticed later. So a record that carries authority is also bound to
 * an event.
 */
export interface SideStore {
  get(kind: SideKind, id: string): Promise<JsonValue | undefined>;
  put(kind: SideKind, id: string, value: JsonValue): Promise<void>;
  putIfAbsent(kind: SideKind, id: string, value: JsonValue): Promise<boolean>;
  /** Removing an absent entry is not an error. */
  remove(kind: SideKind, id: string): Promise<void>;
  /** Lists entries whose id begins with `prefix`, ascending by the UTF-8 bytes of the id. */
  list(kind: SideKind, prefix?: string, range?: SideRange): Promise<readonly SideEntry[]>;
  close(): Promise<void>;
}

/** Yields all that `list` would, `limit` at a time, with a turn of the event loop between two pages. */
export async function* pagesOf(
  sideStore: Pick<SideStore, 'list'>,
  kind: SideKind,
  { prefix = '', after = '', limit }: { readonly prefix?: string; readonly after?: string; readonly limit: number },
): AsyncGenerator<readonly SideEntry[]> {
  for (let last = after; ; await setImmediate()) {
    const page = await sideStore.list(kind, prefix, { after: last, limit });
    yield page;
    if (page.length < limit) return;
    last = page.at(-1)?.id ?? last;
  }
}

/** A part of a list in the order of its ids. `next`: the id to go on after; null at the end. */
export interface ListPart<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Reads what the first `limit` entries name. One that names nothing is left out. `entries`: one more than `limit` if the list goes on. */
export const readPart = async <T>(
  entries: readonly SideEntry[],
  limit: number,
  read: (entry: SideEntry) => Promise<T | undefined>,
): Promise<ListPart<T>> => {
  const shown = entries.slice(0, limit);
  const items = (await Promise.all(shown.map(read))).filter((item) => item !== undefined);
  return { items, next: entries.length > limit ? (shown.at(-1)?.id ?? null) : null };
};

/** The register's documents, which have a table of their own on DynamoDB. */
export const REGISTER_KIND = 'register';

/** A record that this gate did not write as it stands there. */
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

/** For use while nothing else writes to the side store. */
export interface RecordMacs {
  altered(): Promise<readonly AlteredRecord[]>;
  /** Replaces every valid MAC that the current key did not make. Returns the number replaced; may be run again after a crash. */
  renewMacs(): Promise<number>;
}

/** `value`: JSON. */
export interface SideRow {
  readonly kind: string;
  readonly id: string;
  readonly value: string;
  readonly mac: Mac | undefined;
}

export const macOfRecord = ({ macs }: Pick<RecordGuard, 'macs'>, kind: string, id: string, value: string): Mac =>
  macs.make(...recordParts(kind, id, value));

export const rowProblem = ({ macs }: Pick<RecordGuard, 'macs'>, { kind, id, value, mac }: SideRow): string | undefined =>
  macs.problem(mac, ...recordParts(kind, id, value));

/** Returns a new MAC for a row whose valid MAC was made by an older key. */
export const renewedRecordMac = (guard: Pick<RecordGuard, 'macs'>, row: SideRow): Mac | undefined =>
  guard.macs.isCurrent(row.mac) || rowProblem(guard, row) !== undefined
    ? undefined
    : macOfRecord(guard, row.kind, row.id, row.value);

/**
 * Returns the entry in a row; undefined, after a call of `altered`, if its MAC is not valid. The MAC is checked before the value is parsed.
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

/** Only ids above `after`, at most `limit` of them. */
export interface SideRange {
  readonly after?: string;
  readonly limit?: number;
}

export interface SideEntry {
  readonly id: string;
  readonly value: JsonValue;
}

/** A DynamoDB item ends at 400 KB; the rest is for its keys. */
export const SIDE_VALUE_BYTES_MAX = 380_000;

/** DynamoDB's two keys have limits of their own; one rule serves both adapters. */
const SIDE_KEY_BYTES_MAX = 1_024;

const isKeyPart = (part: string): boolean => part !== '' && Buffer.byteLength(part) <= SIDE_KEY_BYTES_MAX && part.isWellFormed();

export const isSideStoreKey = (kind: string, id: string): boolean => isKeyPart(kind) && isKeyPart(id);

/** Throws RangeError on a key that one of the adapters cannot hold. */
export const assertSideStoreKey = (kind: string, id: string): void => {
  if (!isSideStoreKey(kind, id)) throw new RangeError('not a key of the side store');
};

const isTooLarge = (text: string): boolean => Buffer.byteLength(text) > SIDE_VALUE_BYTES_MAX;

export const fitsSideStore = (value: JsonValue): boolean => !isTooLarge(JSON.stringify(value));

/** Throws RangeError above {@link SIDE_VALUE_BYTES_MAX}. */
export const encodeSideValue = (value: JsonValue): string => {
  const text = JSON.stringify(value);
  if (isTooLarge(text)) throw new RangeError('value too large for the side store');
  return text;
};

/**
 * What becomes of the records of a kind when an installation moves or is restored. `moved`: neither in the log nor made from it, so part of
 * the private export. `of-subscribers`: as `moved`, those of subscribers alone. `derived`: made anew from the commits or the log.
 * `passing`: holds for minutes, or for one place only.
 */
export type SideKindFate = 'moved' | 'of-subscribers' | 'derived' | 'passing';

/**
 * Every kind of record: no other can be written. An export and its import have this order: the marks of subscribers come before the
 * subscriptions, so that none starts from the beginning.
 */
export const SIDE_KINDS = {
  directory: 'moved',
  'directory-proposed': 'moved',
  vendor: 'moved',
  'vendor-contact': 'moved',
  'vendor-secret': 'moved',
  'vendor-form': 'moved',
  token: 'moved',
  text: 'moved',
  link: 'moved',
  passkey: 'moved',
  'passkey-use': 'moved',
  'passkey-spent': 'moved',
  bounce: 'moved',
  agenda: 'moved',
  'renewal-asked': 'moved',
  sent: 'moved',
  'weekly-off': 'moved',
  'weekly-mailed': 'moved',
  'morning-mailed': 'moved',
  'forced-mailed': 'moved',
  'mail-due': 'moved',
  'task-new': 'moved',
  mark: 'of-subscribers',
  'dead-letter': 'of-subscribers',
  subscription: 'moved',

  register: 'derived',
  'register-edition': 'derived',
  change: 'derived',
  'document-place': 'derived',
  derived: 'derived',
  'derived-source': 'derived',
  'derived-due': 'derived',
  'derived-task': 'derived',
  'derived-case': 'derived',
  'derived-figures': 'derived',
  'derived-mark': 'derived',
  'derived-journal': 'derived',
  // The queue of an import begins anew, behind what was published where the log comes from.
  'derived-event': 'derived',
  'derived-follower': 'derived',
  'log-place': 'derived',
  'log-applied': 'derived',
  'log-held': 'derived',
  'log-published': 'derived',

  // The place in a store that an import gives another order.
  'feed-cursor': 'passing',
  'log-compared': 'passing',
  'log-witness': 'passing',
  trouble: 'passing',
  lease: 'passing',
  health: 'passing',
  'fault-mailed': 'passing',
  'notice-usage': 'passing',
  'passkey-turn': 'passing',
  'renewal-mailed': 'passing',
  copy: 'passing',
  stage: 'passing',
} as const satisfies Readonly<Record<string, SideKindFate>>;

export type SideKind = keyof typeof SIDE_KINDS;

export const isSideKind = (kind: string): kind is SideKind => Object.hasOwn(SIDE_KINDS, kind);
