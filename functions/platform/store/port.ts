/** Bytes stored with a commit, which names them by digest: the raw notice, its signature headers. */
export interface Attachment {
  /** `sha256:<64 hex>` of `bytes`; checked before the write and after the read. */
  readonly sha256: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** The exact bytes that were hashed, and the state after the commit as a cache of the fold. */
export interface StoredCommit {
  readonly stream: string;
  /** 1, 2, 3 … without a gap. */
  readonly version: number;
  /** Taken from `bytes`, like `commandId`. */
  readonly at: string;
  readonly commandId: string;
  readonly bytes: Uint8Array;
  /** JSON. */
  readonly state: string;
  /** The version of the code that wrote `state`. */
  readonly stateVersion: number;
  readonly attachments: readonly Attachment[];
}

/** A stored commit without the fields taken from its bytes. */
export type UnreadCommit = Omit<StoredCommit, 'at' | 'commandId'>;

/**
 * The number of records stored, and the commit that occupies the version of the first that is not: a conflict is a result, not an error.
 */
export interface Appended {
  readonly appended: number;
  readonly occupant: StoredCommit | undefined;
}

/** Selects versions above `after` (default 0) up to `upTo` (default: the newest), at most `limit` (default 100). */
export interface HistoryRange {
  readonly after?: number;
  readonly upTo?: number;
  readonly limit?: number;
}

/** `next` is always a cursor to continue from, also when `done`. */
export interface FeedPage {
  readonly items: readonly StoredCommit[];
  readonly next: string;
  /** Nothing more exists at the moment; ask again later with `next`. */
  readonly done: boolean;
}

/** A commit's stream and version; its row may be unreadable. */
export type CommitPlace = Pick<StoredCommit, 'stream' | 'version'>;

export interface PlacesPage {
  readonly places: readonly CommitPlace[];
  readonly next: string;
  readonly done: boolean;
}

export interface UnreadableRow extends CommitPlace {
  readonly problem: string;
}

/** `streams`: those with a new head since a moment; undefined if unknown. `moment`: the present one, to be passed next time. */
export interface Changed {
  readonly moment: string;
  readonly streams: readonly string[] | undefined;
}

/** The answer of a store that cannot tell. */
export const ANY_CHANGED: Changed = { moment: '', streams: undefined };

/**
 * An append-only store of commits. Stored bytes are attacker-controlled: a row that is not what was written throws `CorruptStore`. I/O
 * failures throw `StoreUnavailable`. Updates and deletes do not exist.
 */
export interface Store {
  /** Strongly consistent. */
  head(stream: string): Promise<StoredCommit | undefined>;
  /**
   * Puts the records in order, up to the first whose version is occupied; durable once it returns. An existing record with the same bytes
   * counts as appended. At every moment, and after a crash or an error, all or a prefix of them are stored. Not a transaction: others may
   * read a prefix.
   */
  append(records: readonly StoredCommit[]): Promise<Appended>;
  /** Returns commits in ascending version order. */
  history(stream: string, range: HistoryRange): Promise<readonly StoredCommit[]>;
  /**
   * Returns every commit of every stream, page by page: repeats are allowed, gaps never. An unreadable row is passed to `unreadable`;
   * without it such a page throws.
   */
  feed(cursor: string | undefined, limit: number, unreadable?: (row: UnreadableRow) => void): Promise<FeedPage>;
  /** Returns the places of a page of {@link feed}, with the same cursors, without reading the rows. */
  places(cursor: string | undefined, limit: number): Promise<PlacesPage>;
  /** Returns the newest instant of any commit, strongly consistent; undefined on DynamoDB, where callers only know the heads they read. */
  newestAt(): Promise<string | undefined>;
  /**
   * Returns which streams with one of the prefixes (one segment and its slash, or a whole name) have a new head since an earlier call,
   * strongly consistent.
   */
  changed(prefixes: readonly string[], since: string | undefined): Promise<Changed>;
  /** Reports, without waiting, that no stream has a new head since that moment; false if not known. */
  isUnchangedSince(moment: string): boolean;
  close(): Promise<void>;
}
