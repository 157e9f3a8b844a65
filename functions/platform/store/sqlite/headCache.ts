import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StoredCommit } from '../port.ts';

/** Heads kept, most of them a few hundred bytes of state; the least recently used goes first. */
const HEADS_MAX = 4_096;

/**
 * Newest commits of streams, still strongly consistent: `PRAGMA data_version` changes whenever another connection (the
 * command line beside the server) has committed anything, and then everything here is forgotten; this connection's own writes
 * are told by {@link wrote}. Asking it reads no page and costs a few microseconds.
 * https://www.sqlite.org/pragma.html#pragma_data_version
 */
export class HeadCache {
  readonly #dataVersion: StatementSync;
  readonly #heads = new Map<string, StoredCommit>();
  #seen: unknown;
  #asked = false;

  constructor(database: DatabaseSync) {
    this.#dataVersion = database.prepare('PRAGMA data_version');
  }

  /** The head of a stream; `read` fetches one that is not known. */
  head(stream: string, read: () => StoredCommit | undefined): StoredCommit | undefined {
    this.#forgetIfChangedElsewhere();
    const known = this.#heads.get(stream);
    if (known) {
      // Moved to the end: a Map keeps the order of insertion, which makes its first key the least recently used.
      this.#heads.delete(stream);
      this.#heads.set(stream, known);
      return known;
    }
    const found = read();
    if (found) this.#keep(found);
    return found;
  }

  /** To be called after COMMIT with what this connection has appended. */
  wrote(record: StoredCommit): void {
    const known = this.#heads.get(record.stream);
    if (!known || known.version < record.version) this.#keep(record);
  }

  /** To be called inside a transaction that writes to a stream. */
  forget(stream: string): void {
    this.#heads.delete(stream);
  }

  #keep(record: StoredCommit): void {
    this.#heads.delete(record.stream);
    this.#heads.set(record.stream, record);
    if (this.#heads.size <= HEADS_MAX) return;
    for (const oldest of this.#heads.keys()) {
      this.#heads.delete(oldest);
      return;
    }
  }

  /**
   * Asked once for all reads up to the next turn: nothing that another process has told anyone can arrive in between, so to
   * whoever asks within it, a head that was the newest when it began is the newest. A key has several prefixes, a list many keys.
   */
  #forgetIfChangedElsewhere(): void {
    if (this.#asked) return;
    this.#asked = true;
    // Runs when the promises of this turn have settled, before any I/O is looked at.
    process.nextTick(() => {
      this.#asked = false;
    });
    const now = this.#dataVersion.get()?.data_version;
    if (now === this.#seen) return;
    this.#heads.clear();
    this.#seen = now;
  }
}
