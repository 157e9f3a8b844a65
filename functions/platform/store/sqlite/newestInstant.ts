import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StoredCommit } from '../port.ts';

/** Returns the commit of a row; empty if the row cannot be read. */
type ReadRow = (seq: bigint) => readonly StoredCommit[];

/**
 * The newest instant of any commit in a file. Reads all rows once, then only those of other connections. A row without a valid MAC does
 * not count.
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

  wrote({ at }: Pick<StoredCommit, 'at'>): void {
    if (this.#at === undefined || at > this.#at) this.#at = at;
  }

  /** `foreignCommits`: a number that changes whenever another connection has committed. */
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
