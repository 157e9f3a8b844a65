import { setImmediate } from 'node:timers/promises';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { CorruptStore } from './errors.ts';
import { type Mac, type Macs, recordParts } from './mac.ts';

/**
 * A store for data that may be changed or deleted: marks of consumers, hashes of links and tokens, shared secrets, mail addresses,
 * redactable texts. Never consulted for "enabled". Reads are strongly consistent, writes durable once they return; in a power cut an adapter
 * may lose the newest records that are derived or only repeated. Every record has a MAC over its kind, id and value. One without a valid MAC
 * counts as absent and is passed to {@link RecordGuard}. An attacker who can write to the database but lacks the key can therefore only
 * remove a record or restore an older value, which is noticed later on one machine; so a record that carries authority is also bound to an
 * event.
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

/** Yields everything that `list` would return, `limit` at a time, with a turn of the event loop between pages. */
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

/** A part of a list in id order. `next`: the id to continue after; null at the end. */
export interface ListPart<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Reads what the first `limit` entries name, without those that name nothing. `entries`: one more than `limit` if the list continues. */
export const readPart = async <T>(
  entries: readonly SideEntry[],
  limit: number,
  read: (entry: SideEntry) => Promise<T | undefined>,
): Promise<ListPart<T>> => {
  const shown = entries.slice(0, limit);
  const items = (await Promise.all(shown.map(read))).filter((item) => item !== undefined);
  return { items, next: entries.length > limit ? (shown.at(-1)?.id ?? null) : null };
};

/** The register's documents, which have their own table on DynamoDB. */
export const REGISTER_KIND = 'register';

/** A record that this gate did not write in this form. */
export interface AlteredRecord {
  readonly kind: string;
  readonly id: string;
  readonly problem: string;
}

/** `altered`: called at each read of a record without a valid MAC. */
export interface RecordGuard {
  readonly macs: Macs;
  readonly altered: (record: AlteredRecord) => void;
}

/** For use while nothing else writes to the side store. */
export interface RecordMacs {
  altered(): Promise<readonly AlteredRecord[]>;
  /**
   * Replaces every valid MAC that the current key did not make. Returns the number replaced; may be run again after a crash. `tick`: called
   * after each by the SQLite store; the DynamoDB store ignores it.
   */
  renewMacs(tick?: () => void): Promise<number>;
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
 * Returns the entry of a row; calls `altered` and returns undefined if its MAC is not valid. The MAC is checked before the value is parsed.
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

/** Selects ids above `after`, at most `limit` of them. */
export interface SideRange {
  readonly after?: string;
  readonly limit?: number;
}

export interface SideEntry {
  readonly id: string;
  readonly value: JsonValue;
}

/** DynamoDB's limit of 400 KB for an item, less its keys. */
export const SIDE_VALUE_BYTES_MAX = 380_000;

/** Within the limits of both DynamoDB keys; one rule for both adapters. */
const SIDE_KEY_BYTES_MAX = 1_024;

const isKeyPart = (part: string): boolean => part !== '' && Buffer.byteLength(part) <= SIDE_KEY_BYTES_MAX && part.isWellFormed();

export const isSideStoreKey = (kind: string, id: string): boolean => isKeyPart(kind) && isKeyPart(id);

/** Throws RangeError on a key that any of the adapters cannot store. */
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
 * What happens to the records of a kind when an installation moves or is restored. `moved`: neither in the log nor derived from it, so part
 * of the private export. `of-subscribers`: like `moved`, but only those of subscribers. `derived`: computed again from the commits or the
 * log. `passing`: valid for minutes, or in one place only.
 */
export type SideKindFate = 'moved' | 'of-subscribers' | 'derived' | 'passing';

/**
 * Every kind of record; no other can be written. Export and import use this order: the marks of subscribers come before the subscriptions,
 * so that none starts from the beginning.
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
  // After an import the queue starts anew, after what the log's former installation published.
  'derived-event': 'derived',
  'derived-follower': 'derived',
  'log-place': 'derived',
  'log-applied': 'derived',
  'log-held': 'derived',
  'log-published': 'derived',

  // A position in a store that an import orders differently.
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
