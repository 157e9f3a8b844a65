import { chmodSync, existsSync } from 'node:fs';
import { basename } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { codeOf } from '../../logging.ts';
import { CorruptStore, StoreUnavailable } from '../errors.ts';

/** For a locked file: the command line writes beside the server, a few milliseconds at a time. The wait blocks the event loop. */
const BUSY_TIMEOUT_MS = 3_000;

/** The number stands in the file's header (`user_version`); the statements make a new one. */
export interface DatabaseFormat {
  readonly number: number;
  readonly schema: string;
}

/**
 * With WAL, FULL fsyncs the log at every COMMIT; with NORMAL the file is, after a power cut, as it was at some moment before it.
 * https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export type Synchronous = 'FULL' | 'NORMAL';

/** Opens (or creates) one SQLite file. Throws CorruptStore (`unknown-format`) for a file of another format. */
export const openDatabase = (path: string, format: DatabaseFormat, synchronous: Synchronous): DatabaseSync =>
  guarded(path, () => {
    const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: false });
    try {
      ownersOnly(path);
      const isNew = isOfFormat(database, path, format) === 'new';
      untilUnlocked(() => database.exec('PRAGMA journal_mode = WAL'));
      database.exec(`PRAGMA synchronous = ${synchronous}; PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = 67108864;`);
      if (isNew) database.exec(`BEGIN IMMEDIATE; ${format.schema}; PRAGMA user_version = ${format.number}; COMMIT;`);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });

/** Runs what SQLite refuses at once, without its timeout, while another process does the same: the switch of a new file to WAL. */
const untilUnlocked = <T>(work: () => T): T => {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (const end = performance.now() + BUSY_TIMEOUT_MS; ; Atomics.wait(pause, 0, 0, 5)) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw error;
    }
  }
};

/** Throws CorruptStore for a file that is of another format or no database. Reads its first page only; a missing file is none. */
export const assertFormat = (path: string, format: DatabaseFormat): void => {
  if (!existsSync(path)) return;
  guarded(path, () => {
    const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    try {
      isOfFormat(database, path, format);
    } finally {
      database.close();
    }
  });
};

const isOfFormat = (database: DatabaseSync, path: string, { number }: DatabaseFormat): 'known' | 'new' => {
  // Both from one moment: another process may be making the file.
  database.exec('BEGIN');
  const found = Number(database.prepare('PRAGMA user_version').get()?.user_version);
  const isEmpty = database.prepare('SELECT 1 FROM main.sqlite_master').get() === undefined;
  database.exec('COMMIT');
  if (found === number) return 'known';
  if (found === 0 && isEmpty) return 'new';
  throw new CorruptStore(
    `${path} is of format ${found}, and this version of Aldergate reads format ${number}: use the version that wrote it, or begin with an empty data folder`,
    { code: 'unknown-format' },
  );
};

/** Prepares a query of rows. Of an integer beyond 2^53, planted in a row, node:sqlite makes an error unless it is read as it is. */
export const rowsBy = (database: DatabaseSync, sql: string): StatementSync => {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
};

/**
 * Throws CorruptStore unless a row that was just written stands there with exactly these columns. Called in the transaction that wrote
 * it.
 */
export const assertReadBack = (
  written: readonly SQLInputValue[],
  found: Readonly<Record<string, unknown>> | undefined,
  what: string,
): void => {
  const columns = Object.values(found ?? {});
  if (columns.length === written.length && written.every((value, index) => isSame(value, columns[index]))) return;
  throw new CorruptStore(`${what} was written and is not what the database holds`);
};

const isSame = (written: SQLInputValue, found: unknown): boolean => {
  if (typeof found === 'bigint') return BigInt(Number(written)) === found;
  return written instanceof Uint8Array && found instanceof Uint8Array ? Buffer.compare(written, found) === 0 : written === found;
};

const ownersOnly = (path: string): void => {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    try {
      chmodSync(file, 0o600);
    } catch (error) {
      // The last process that closes the file removes those beside it.
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
};

/** Runs `work` and converts SQLite's errors: damage into CorruptStore, I/O into StoreUnavailable. */
export const guarded = <T>(what: string, work: () => T, database?: DatabaseSync): T => {
  try {
    return work();
  } catch (error) {
    const file = database?.isOpen === true ? database.location() : null;
    throw translated(file === null ? what : `${basename(file)}, ${what}`, error);
  }
};

/** https://www.sqlite.org/rescode.html, primary codes. ERROR: no statement is wrong, so the schema is no longer the one it was written for. */
const CORRUPT = new Set([1 /* ERROR */, 11 /* CORRUPT */, 26 /* NOTADB */]);
const UNAVAILABLE = new Set([
  5 /* BUSY */, 6 /* LOCKED */, 7 /* NOMEM */, 8 /* READONLY */, 10 /* IOERR */, 13 /* FULL */, 14 /* CANTOPEN */,
  15 /* PROTOCOL */,
]);

const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5;

const translated = (what: string, error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  // node:sqlite throws this error, without an SQLite code, once the file is closed.
  if ('code' in error && error.code === 'ERR_INVALID_STATE') return new StoreUnavailable(`${what}: closed`, { cause: error });
  if (!('errcode' in error)) return error;
  const primary = Number(error.errcode) & 0xff;
  if (CORRUPT.has(primary)) return new CorruptStore(`${what}: ${error.message}`, { cause: error });
  if (UNAVAILABLE.has(primary)) return new StoreUnavailable(`${what}: ${error.message}`, { cause: error });
  return error;
};
