/** Bytes beside a commit, named in it by their digest: the raw notice, its signature headers. */
export interface Attachment {
  /** `sha256:<64 hex>` of `bytes`; checked before the write and after the read. */
  readonly sha256: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** The exact bytes that were hashed, and the state after the commit, which is only a cache of the fold. */
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

/** How many records are stored, and the commit at the version of the first that is not. */
export interface AppendedInOrder {
  readonly appended: number;
  readonly occupant: StoredCommit | undefined;
}

/** Versions above `after` (default 0) up to `upTo` (default: the newest), at most `limit` (default 100). */
export interface HistoryRange {
  readonly after?: number;
  readonly upTo?: number;
  readonly limit?: number;
}

/** `next` is always a cursor to continue from, also when `done`. */
export interface FeedPage {
  readonly items: readonly StoredCommit[];
  readonly next: string;
  /** True if nothing more exists at the moment; ask again later with `next`. */
  readonly done: boolean;
}

/** The stream and the version of a row, which need not be readable. */
export type CommitPlace = Pick<StoredCommit, 'stream' | 'version'>;

/** A part of the feed by its places alone. `next` and `done` as in {@link FeedPage}. */
export interface PlacesPage {
  readonly places: readonly CommitPlace[];
  readonly next: string;
  readonly done: boolean;
}

/** A row whose bytes give no commit, and the problem. */
export interface UnreadableRow extends CommitPlace {
  readonly problem: string;
}

/** The streams with a new head since a moment. `moment`: the present one, to be given the next time. */
export interface Changed {
  readonly moment: string;
  readonly streams: readonly string[] | undefined;
}

/** The answer of a store that cannot know which heads changed without reading them. */
export const ANY_CHANGED: Changed = { moment: '', streams: undefined };

/** Returns `Store.appendInOrder` of a store that gains nothing from writing several records at once. */
export const oneByOne =
  (append: Store['append']): Store['appendInOrder'] =>
  async (records) => {
    for (const [appended, record] of records.entries()) {
      const answer = await append(record);
      if (answer.outcome === 'occupied') return { appended, occupant: answer.occupant };
    }
    return { appended: records.length, occupant: undefined };
  };

/**
 * An append-only store of commits. Stored bytes are attacker-controlled: each record is verified, and a row that is not what was written
 * throws `CorruptStore`. I/O failures throw `StoreUnavailable`. Updates and deletes do not exist.
 */
export interface Store {
  /** Returns the newest commit of a stream, strongly consistent. */
  head(stream: string): Promise<StoredCommit | undefined>;
  /**
   * Puts the record if its version is free; durable once it returns. `version` is 1 or the head's + 1. A record already there with the
   * same bytes counts as appended.
   */
  append(record: StoredCommit): Promise<AppendOutcome>;
  /**
   * Puts the records in their order, as {@link append} does, and stops at the first whose version is occupied. All or a prefix are
   * stored, at every moment, after a crash and an error. No transaction: others may read a prefix. What is stored is durable once it
   * returns.
   */
  appendInOrder(records: readonly StoredCommit[]): Promise<AppendedInOrder>;
  /** Returns commits in ascending version order. */
  history(stream: string, range: HistoryRange): Promise<readonly StoredCommit[]>;
  /**
   * Returns every commit of every stream, page by page: repeats are allowed, gaps never. An unreadable row is passed to `unreadable`;
   * without it such a page throws.
   */
  feed(cursor: string | undefined, limit: number, unreadable?: (row: UnreadableRow) => void): Promise<FeedPage>;
  /** Returns the places of the rows of a page of {@link feed}, with the same cursors, and reads none of the rows. */
  places(cursor: string | undefined, limit: number): Promise<PlacesPage>;
  /** Returns a cursor behind what is written already. Everything that is written later comes after it. */
  feedEnd(): Promise<string>;
  /**
   * Returns the newest instant of any commit, strongly consistent; undefined on DynamoDB, where a caller knows the heads that it reads.
   */
  newestAt(): Promise<string | undefined>;
  /**
   * Returns which streams that begin with one of the prefixes (one segment and its slash, or a whole name) have a new head since an
   * earlier call, strongly consistent; undefined if that is not known.
   */
  changed(prefixes: readonly string[], since: string | undefined): Promise<Changed>;
  /** Reports, without waiting, whether no stream has a new head since that moment; false if that is not known. */
  isUnchangedSince(moment: string): boolean;
  close(): Promise<void>;
}
