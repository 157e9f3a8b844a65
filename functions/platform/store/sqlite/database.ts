import { chmodSync, existsSync } from 'node:fs';
import { basename } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { CorruptStore, StoreUnavailable } from '../errors.ts';

/**
 * The time to wait for a locked file. A command-line process writes beside the server, a few milliseconds at a time. The wait
 * blocks the event loop, so it is not longer.
 */
const BUSY_TIMEOUT_MS = 3_000;

/**
 * Opens (or creates) one SQLite file so that a returned COMMIT is on the disk: WAL with synchronous=FULL fsyncs the log at
 * every commit. `schema` runs inside one write transaction and must be repeatable. `formatVersion` is the file's
 * `user_version`: a file of another format is rejected instead of misread.
 */
export const openDatabase = (path: string, formatVersion: number, schema: string): DatabaseSync =>
  guarded(path, () => {
    const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: false });
    try {
      ownersOnly(path);
      database.exec(
        'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = 67108864;',
      );
      const found = Number(database.prepare('PRAGMA user_version').get()?.user_version);
      if (found !== 0 && found !== formatVersion)
        throw new CorruptStore(`${path} is of format ${found}, this program knows ${formatVersion}`);
      if (found === 0) database.exec(`BEGIN IMMEDIATE; ${schema}; PRAGMA user_version = ${formatVersion}; COMMIT;`);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });

/** Prepares a query of rows. It reads integers as they are: of one beyond 2^53, planted in a row, node:sqlite makes no number but an error. */
export const rowsBy = (database: DatabaseSync, sql: string): StatementSync => {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
};

/** Restricts the file to its owner. SQLite gives its other files the permissions of this one; existing ones get them here. */
const ownersOnly = (path: string): void => {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) chmodSync(file, 0o600);
};

/**
 * Runs `work` and converts SQLite's errors into the store's: damage into CorruptStore, I/O into StoreUnavailable; the message names the
 * file of `database`. Rethrows a wrong statement's error unchanged.
 */
export const guarded = <T>(what: string, work: () => T, database?: DatabaseSync): T => {
  try {
    return work();
  } catch (error) {
    const file = database?.isOpen === true ? database.location() : null;
    throw translated(file === null ? what : `${basename(file)}, ${what}`, error);
  }
};

/** https://www.sqlite.org/rescode.html, primary codes. */
const CORRUPT = new Set([11 /* CORRUPT */, 26 /* NOTADB */]);
const UNAVAILABLE = new Set([
  5 /* BUSY */, 6 /* LOCKED */, 7 /* NOMEM */, 8 /* READONLY */, 10 /* IOERR */, 13 /* FULL */, 14 /* CANTOPEN */,
  15 /* PROTOCOL */,
]);

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
