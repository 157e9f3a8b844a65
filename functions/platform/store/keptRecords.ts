import { itemBytes } from './limits.ts';
import type { Store, StoredCommit } from './port.ts';

/** The size of the records that are kept in memory, without what is decoded of them; of more, none are. */
const KEPT_BYTES_MAX = 256 * 1_024 * 1_024;

/** The default of `HistoryRange.limit`. */
const LIMIT = 100;

/**
 * Verified records in memory, so that whatever looks at all of them reads each once: those of an archive, or of a feed. Of more than
 * `bytesMax` only the newest versions are kept.
 */
export class KeptRecords {
  readonly #bytesMax: number;
  #bytes = 0;
  #records: StoredCommit[] = [];
  readonly #streams = new Map<string, StoredCommit[]>();
  readonly #newest = new Map<string, number>();

  constructor(bytesMax = KEPT_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** Adds a record. One that does not continue its stream is left to the store, and so are those that follow it. */
  add(record: StoredCommit): void {
    const newest = this.#newest.get(record.stream) ?? 0;
    if (record.version !== newest + 1) return;
    this.#newest.set(record.stream, record.version);
    this.#bytes += itemBytes(record);
    if (this.#bytes > this.#bytesMax) {
      this.#records = [];
      this.#streams.clear();
      return;
    }
    this.#records.push(record);
    const stream = this.#streams.get(record.stream);
    if (stream === undefined) this.#streams.set(record.stream, [record]);
    else stream.push(record);
  }

  /** The newest version of each stream. */
  get newest(): ReadonlyMap<string, number> {
    return this.#newest;
  }

  /** All records in the order in which they came; undefined if there were too many to keep. */
  get all(): readonly StoredCommit[] | undefined {
    return this.#bytes > this.#bytesMax ? undefined : this.#records;
  }

  /**
   * Wraps the store that has these records: their part of a stream comes from memory, and what follows from the store. So does their part
   * of the feed, if `end` is given: the store's cursor behind them. A cursor before it is not one of the store, which refuses it.
   */
  over(store: Store, end?: string): Store {
    return {
      ...store,
      history: async (stream, range) => {
        const { after = 0, upTo, limit = LIMIT } = range;
        const last = Math.min(upTo ?? Number.POSITIVE_INFINITY, after + limit);
        const kept = this.#streams.get(stream)?.slice(after, last) ?? [];
        return kept.length > 0 ? kept : store.history(stream, range);
      },
      feed: async (cursor, limit, unreadable) => {
        const [all, from] = [this.all, cursor === undefined ? 0 : indexIn(cursor)];
        if (end === undefined || all === undefined || from === undefined) return store.feed(cursor, limit, unreadable);
        const next = from + limit < all.length ? `${KEPT}${from + limit}` : end;
        return { items: all.slice(from, from + limit), next, done: false };
      },
    };
  }
}

const KEPT = 'kept/';

/** Returns the index of the record at which a page begins; undefined for a cursor of the store. */
const indexIn = (cursor: string): number | undefined => (cursor.startsWith(KEPT) ? Number(cursor.slice(KEPT.length)) : undefined);
