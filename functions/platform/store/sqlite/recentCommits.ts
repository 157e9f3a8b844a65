import type { DatabaseSync, StatementSync } from 'node:sqlite';
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

/** Returns the commit of a row; empty if the row cannot be read. */
type ReadRow = (seq: bigint) => readonly StoredCommit[];

/**
 * The newest instant of any commit in a file. Reads all rows once, then only those that another connection wrote. A row without a
 * valid MAC does not count.
 */
export class NewestInstant {
  readonly #last: StatementSync;
  readonly #latest: StatementSync;
  readonly #read: ReadRow;
  #at: string | undefined;
  #seq = 0n;
  #foreignCommits = 0;

  constructor(database: DatabaseSync, read: ReadRow) {
    this.#last = database.prepare('SELECT max(seq) AS seq FROM commits');
    // In canonical JSON the first `"at":"` is the commit's own: only `actor` comes before it, in which quotes are escaped.
    this.#latest = database.prepare(
      `SELECT seq FROM commits WHERE seq > ? ORDER BY substr(bytes, instr(bytes, CAST('"at":"' AS BLOB)), 30) DESC`,
    );
    for (const statement of [this.#last, this.#latest]) statement.setReadBigInts(true);
    this.#read = read;
  }

  /** Adds a commit that this connection wrote. */
  wrote({ at }: Pick<StoredCommit, 'at'>): void {
    if (this.#at === undefined || at > this.#at) this.#at = at;
  }

  /** Returns the newest instant. `foreignCommits`: a number that changes whenever another connection has committed. */
  at(foreignCommits: number): string | undefined {
    if (foreignCommits === this.#foreignCommits) return this.#at;
    const upTo = (this.#last.get()?.seq ?? 0n) as bigint;
    const newest = this.#newestAbove(this.#seq);
    if (newest !== undefined) this.wrote(newest);
    this.#seq = upTo;
    this.#foreignCommits = foreignCommits;
    return this.#at;
  }

  #newestAbove(seq: bigint): StoredCommit | undefined {
    for (const row of this.#latest.iterate(seq)) {
      const [commit] = this.#read(row.seq as bigint);
      if (commit !== undefined) return commit;
    }
    return undefined;
  }
}
