import type { DatabaseSync } from 'node:sqlite';
import { StoreUnavailable } from '../errors.ts';
import { guarded } from './database.ts';
import type { DatabaseCheck } from './databaseCheck.ts';

/** Keeps others from writing for as long: only bulk work has longer queues. */
const BATCH_MAX = 1_024;

/** What is asked of the database in each transaction; see `DatabaseCheck`. */
type Check = Pick<DatabaseCheck, 'assertSchema' | 'assertFiles'>;

interface Waiting {
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Shares one transaction, and so one fsync, among all writes of the same turn of the event loop. Acknowledges a write only after COMMIT,
 * and only while the database is the one that was opened. `work` reads back what it wrote; a throw fails the whole batch.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #check: Check;
  #waiting: Waiting[] = [];
  #closed = false;

  constructor(database: DatabaseSync, check: Check) {
    this.#database = database;
    this.#check = check;
  }

  /** Runs `work` inside the next transaction; resolves with its result after COMMIT. */
  write<T>(work: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreUnavailable('closed'));
    return new Promise<T>((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.flush());
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
    });
  }

  flush(): void {
    while (this.#waiting.length > 0) this.#commit(this.#waiting.splice(0, BATCH_MAX));
  }

  close(): void {
    this.flush();
    this.#closed = true;
  }

  #commit(batch: readonly Waiting[]): void {
    let results: readonly unknown[];
    try {
      results = guarded('commit', () => this.#transaction(batch), this.#database);
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const [index, { resolve }] of batch.entries()) resolve(results[index]);
  }

  #transaction(batch: readonly Waiting[]): readonly unknown[] {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      this.#check.assertSchema();
      const results = batch.map(({ work }) => work());
      this.#database.exec('COMMIT');
      // What was written into a file that others no longer find is not acknowledged.
      this.#check.assertFiles();
      return results;
    } catch (error) {
      // A full disk or an I/O error may have rolled back already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}
