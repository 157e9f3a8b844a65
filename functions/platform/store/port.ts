/** Bytes stored beside a commit, outside its hash but named in it by their digest (the raw notice, its signature headers). */
export interface Attachment {
  /** `sha256:<64 hex>` of `bytes`; checked before the write and after the read. */
  readonly sha256: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** One commit as stored: the exact bytes that were hashed, and the state after it, which is only a cache of the fold. */
export interface StoredCommit {
  readonly stream: string;
  /** 1, 2, 3 … without a gap. */
  readonly version: number;
  /** The instant of the commit, taken from `bytes`. */
  readonly at: string;
  /** The client's id of the command, taken from `bytes`. */
  readonly commandId: string;
  readonly bytes: Uint8Array;
  /** The state after this commit, as JSON. */
  readonly state: string;
  /** The version of the code that wrote `state`; for any other version, fold the history. */
  readonly stateVersion: number;
  readonly attachments: readonly Attachment[];
}

/** The outcome of an append. A conflict is data, not an exception: it carries the commit that won. */
export type AppendOutcome = { readonly outcome: 'appended' } | { readonly outcome: 'occupied'; readonly occupant: StoredCommit };

/**
 * When an append returns. `durable`: once the record is on the disk. `ordered`: perhaps before, but no later append of the same
 * store is ever on the disk without it; use it for a record that is not disclosed before such a later one is durable. An
 * adapter treats both alike if waiting costs nothing more.
 */
export type Acknowledged = 'durable' | 'ordered';

/** Versions above `after` (default 0) and up to `upTo` (default: the newest), at most `limit` of them (default 100). */
export interface HistoryRange {
  readonly after?: number;
  readonly upTo?: number;
  readonly limit?: number;
}

/**
 * A part of the feed. `next` is always a cursor to continue from, also when `done`, so that a consumer stores only that one
 * string.
 */
export interface FeedPage {
  readonly items: readonly StoredCommit[];
  readonly next: string;
  /** True if nothing more exists at the moment; ask again later with `next`. */
  readonly done: boolean;
}

/** A row whose bytes give no commit, and the problem. */
export interface UnreadableRow {
  readonly stream: string;
  readonly version: number;
  readonly problem: string;
}

/** The streams with a new head since a moment. `moment`: the present one, to be given the next time. */
export interface Changed {
  readonly moment: string;
  readonly streams: readonly string[] | undefined;
}

/** The answer of a store that cannot know which heads changed without reading them. */
export const ANY_CHANGED: Changed = { moment: '', streams: undefined };

/**
 * An append-only store of commits. Every record it returns is verified against its own bytes, because stored bytes are
 * attacker-controlled: a row that does not decode, or that belongs to another stream or version, throws `CorruptStore`. I/O
 * failures throw `StoreUnavailable`. Updates and deletes do not exist.
 */
export interface Store {
  /** Returns the newest commit of a stream, strongly consistent. */
  head(stream: string): Promise<StoredCommit | undefined>;
  /**
   * Puts the record if its version is free, and returns only once it is durable (the default, see {@link Acknowledged}). The
   * caller ensures that `version` is 1 or the head's + 1, and that the record is within `limits.ts`. A record already there
   * with the same bytes counts as appended.
   */
  append(record: StoredCommit, acknowledged?: Acknowledged): Promise<AppendOutcome>;
  /** Returns commits in ascending version order. */
  history(stream: string, range: HistoryRange): Promise<readonly StoredCommit[]>;
  /**
   * Returns every commit of every stream, page by page: repeats are allowed, gaps never. `undefined` starts at the beginning.
   * Passes an unreadable row to `unreadable` and omits it from the page, for callers that go on with the others; without
   * `unreadable`, such a page throws.
   */
  feed(cursor: string | undefined, limit: number, unreadable?: (row: UnreadableRow) => void): Promise<FeedPage>;
  /**
   * Returns the newest instant of any commit, strongly consistent; undefined if nothing is written, and where it would cost a read
   * of its own (DynamoDB), in which case the heads that a caller reads are all it knows.
   */
  newestAt(): Promise<string | undefined>;
  /**
   * Returns which streams whose name begins with `prefix` (one segment and its slash, or a whole name) have a new head since an earlier call of the
   * same store, strongly consistent. `streams` is undefined if that is not known, so that any head may be another one.
   */
  changed(prefix: string, since: string | undefined): Promise<Changed>;
  close(): Promise<void>;
}
