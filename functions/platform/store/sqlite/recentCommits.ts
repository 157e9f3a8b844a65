import type { StoredCommit } from '../port.ts';

/** The maximum number of commits; most of them are heads, which are in memory anyway. */
const RECENT_MAX = 4_096;

/**
 * The newest commits of a file as one connection wrote them, so that whatever follows the feed on that connection does not read, verify
 * and parse them again. Holds a row only as long as no other connection has committed anything, which may have altered it.
 */
export class RecentCommits {
  /** In the order of their rows, without a gap; the first has the number `#first`. */
  #records: StoredCommit[] = [];
  #first = 1;
  #foreignCommits = 0;

  /** Adds a commit that this connection wrote as row `seq`. Call it after COMMIT, in the order of the rows. */
  wrote(seq: number, record: StoredCommit): void {
    if (seq !== this.#first + this.#records.length) {
      this.#records = [];
      this.#first = seq;
    }
    this.#records.push(record);
    if (this.#records.length <= RECENT_MAX) return;
    this.#records = this.#records.slice(RECENT_MAX / 2);
    this.#first += RECENT_MAX / 2;
  }

  /**
   * Returns the commits of the rows above a number, at most `limit`; undefined if they are not all known. `foreignCommits`: a number that
   * changes whenever another connection has committed.
   */
  above(seq: number, limit: number, foreignCommits: number): readonly StoredCommit[] | undefined {
    if (foreignCommits !== this.#foreignCommits) {
      this.#foreignCommits = foreignCommits;
      this.#records = [];
    }
    const index = seq + 1 - this.#first;
    if (this.#records.length === 0 || index < 0 || index > this.#records.length) return undefined;
    return this.#records.slice(index, index + limit);
  }
}
