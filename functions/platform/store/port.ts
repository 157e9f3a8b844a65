/** Bytes kept beside a commit, outside its hash but named in it by their digest (the raw notice, its signature headers). */
export interface Attachment {
  /** `sha256:<64 hex>` of `bytes`; checked before the write and after the read. */
  readonly sha256: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** One commit as the store keeps it: the exact bytes that were hashed, and the state after it, which is only a cache of the fold. */
export interface StoredCommit {
  readonly stream: string;
  /** 1, 2, 3 … without a hole. */
  readonly version: number;
  /** Instant of the commit, taken from `bytes`. */
  readonly at: string;
  /** The client's id of the command, taken from `bytes`. */
  readonly commandId: string;
  readonly bytes: Uint8Array;
  /** JSON of the state after this commit. */
  readonly state: string;
  /** Which code wrote `state`; another number means: fold the history. */
  readonly stateVersion: number;
  readonly attachments: readonly Attachment[];
}

/** Conflict is data, not an exception: whoever lost sees who won. */
export type AppendOutcome = { readonly outcome: 'appended' } | { readonly outcome: 'occupied'; readonly occupant: StoredCommit };

/**
 * When an append returns. `durable`: once the record is on the disk. `ordered`: perhaps before, yet never is a later append of the
 * same store on the disk without it; for a record that is told to nobody before such a later one is durable. Where waiting costs
 * nothing more, an adapter takes both the same.
 */
export type Acknowledged = 'durable' | 'ordered';

/** Versions above `after` (default 0) and up to `upTo` (default: the newest), at most `limit` of them (default 100). */
export interface HistoryRange {
  readonly after?: number;
  readonly upTo?: number;
  readonly limit?: number;
}

/** A part of the feed. `next` is always a cursor to go on from, also when `done`, so that a consumer keeps only that one string. */
export interface FeedPage {
  readonly items: readonly StoredCommit[];
  readonly next: string;
  /** Nothing more at the moment; ask again later with `next`. */
  readonly done: boolean;
}

/** A place in the store whose bytes give no commit, and why. */
export interface UnreadableRow {
  readonly stream: string;
  readonly version: number;
  readonly problem: string;
}

/**
 * An append-only store of commits. Every record that leaves it was verified against its own bytes (stored bytes are
 * attacker-controlled): what does not decode, or is not what its place says, throws `CorruptStore`. I/O failures throw
 * `StoreUnavailable`. There is no update and no delete.
 */
export interface Store {
  /** The newest commit of a stream, strongly consistent. */
  head(stream: string): Promise<StoredCommit | undefined>;
  /**
   * Puts the record if its place is free, and returns only once it is durable (the default, see {@link Acknowledged}). That `version` is 1 or the head's + 1 is the
   * caller's promise, that it is within `limits.ts` too. A record already there with the same bytes counts as appended.
   */
  append(record: StoredCommit, acknowledged?: Acknowledged): Promise<AppendOutcome>;
  /** Ascending by version. */
  history(stream: string, range: HistoryRange): Promise<readonly StoredCommit[]>;
  /**
   * Every commit of every stream: repeats are allowed, gaps never. `undefined` starts at the beginning. A row that cannot be read is
   * told to `unreadable` and left out of the page, for whoever goes on with all the others; without it such a page throws.
   */
  feed(cursor: string | undefined, limit: number, unreadable?: (row: UnreadableRow) => void): Promise<FeedPage>;
  close(): Promise<void>;
}
