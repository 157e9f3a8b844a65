import { chmodSync, existsSync, lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';
import { DatabaseSync, type DatabaseSyncOptions, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { codeOf } from '../../logging.ts';
import { CorruptStore, type StoreFault, StoreUnavailable } from '../errors.ts';
import type { Mac } from '../mac.ts';

/** The wait for a locked file, which blocks the event loop. The command line writes next to the server for a few milliseconds. */
export const BUSY_TIMEOUT_MS = 3_000;

/** `number`: in the file's header (`user_version`); `schema`: the statements that create a new file. */
export interface DatabaseFormat {
  readonly number: number;
  readonly schema: string;
}

/**
 * With WAL, FULL fsyncs the log at every COMMIT; with NORMAL, a power cut may revert the file to an earlier moment.
 * https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export type Synchronous = 'FULL' | 'NORMAL';

/**
 * Opens an SQLite file, also through a link to another disk. Throws CorruptStore if the path, or one of the files next to it, is not a
 * file: a pipe or a folder, or a link to one or to nothing.
 */
export const openFile = (path: string, options: DatabaseSyncOptions = {}): DatabaseSync => {
  const real = existsSync(path) ? realpathSync(path) : path;
  for (const end of ['', '-wal', '-shm', '-journal']) {
    if (lstatSync(`${real}${end}`, { throwIfNoEntry: false })?.isFile() === false)
      throw new CorruptStore(`${path}${end} is not a file`);
  }
  return new DatabaseSync(path, options);
};

const making = ({ schema, number }: DatabaseFormat): string => `${schema}; PRAGMA user_version = ${number}`;

/** Opens (or creates) a file. Throws CorruptStore (`unknown-format`) for another format. */
export const openDatabase = (path: string, format: DatabaseFormat): DatabaseSync =>
  guarded(path, () => {
    const database = openFile(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: false });
    try {
      ownersOnly(path);
      const isNew = isOfFormat(database, path, format) === 'new';
      untilUnlocked(() => database.exec('PRAGMA journal_mode = WAL'));
      database.exec('PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = 67108864;');
      if (isNew) database.exec(`BEGIN IMMEDIATE; ${making(format)}; COMMIT;`);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });

/** Retries: while another process switches a new file to WAL, SQLite refuses the switch at once, ignoring its timeout. */
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

/** Throws CorruptStore for a file that is not a database or has another format. A missing file is accepted. */
export const assertFormat = (path: string, format: DatabaseFormat): void => {
  if (!existsSync(path)) return;
  guarded(path, () => {
    const database = openFile(path, { timeout: BUSY_TIMEOUT_MS });
    try {
      isOfFormat(database, path, format);
    } finally {
      database.close();
    }
  });
};

const isOfFormat = (database: DatabaseSync, path: string, { number }: DatabaseFormat): 'known' | 'new' => {
  // Both are read in one transaction, since another process may be creating the file.
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

const COLUMN_BYTES_MAX = 1_048_576;

/**
 * Returns the columns to select, in table order, so that the first column larger than any the gate writes and all after it read as NULL.
 * A planted text may be too long for JavaScript, and columns after it take seconds to reach.
 */
export const bounded = (columns: string): string => {
  let fits = '1';
  return columns.replaceAll(/\w+/g, (name) => {
    fits += ` AND ifnull(octet_length(${name}), 0) <= ${COLUMN_BYTES_MAX}`;
    return `iif(${fits}, ${name}, NULL) AS ${name}`;
  });
};

/** Prepares a query of rows in which integers beyond 2^53, which can be planted, do not make node:sqlite throw. */
export const rowsBy = (database: DatabaseSync, sql: string): StatementSync => {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  return statement;
};

/** Throws CorruptStore unless a row that this transaction wrote has exactly these columns. */
export const assertReadBack = (written: readonly SQLInputValue[], found: readonly unknown[], what: string): void => {
  if (found.length === written.length && written.every((value, index) => isSame(value, found[index]))) return;
  throw new CorruptStore(`${what} was written and is not what the database holds`);
};

const isSame = (written: SQLInputValue, found: unknown): boolean => {
  if (typeof found === 'bigint') return BigInt(Number(written)) === found;
  return written instanceof Uint8Array && found instanceof Uint8Array ? Buffer.compare(written, found) === 0 : written === found;
};

/** Reports whether a table is empty; false if it cannot be read. */
export const hasNoRow = (database: DatabaseSync, table: 'commits' | 'side'): boolean => {
  try {
    return database.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() === undefined;
  } catch {
    return false;
  }
};

/** The MAC in two columns of a row. */
export const macIn = ({ mac_key: keyId, mac: tag }: Record<string, unknown>): Mac | undefined =>
  keyId === null || tag === null ? undefined : { keyId: keyId as string, tag: tag as Uint8Array };

const ownersOnly = (path: string): void => {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    try {
      chmodSync(file, 0o600);
    } catch (error) {
      // The last process that closes the file removes `-wal` and `-shm`.
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
};

/** Converts SQLite's errors: damage into CorruptStore, I/O into StoreUnavailable. */
export const guarded = <T>(what: string, work: () => T, database?: DatabaseSync): T => {
  try {
    return work();
  } catch (error) {
    const file = database?.isOpen === true ? database.location() : null;
    throw translated(file === null ? what : `${basename(file)}, ${what}`, error);
  }
};

/**
 * https://www.sqlite.org/rescode.html, primary codes. ERROR: the statements are correct, so the schema is no longer the one they were
 * written for.
 */
const CORRUPT = new Set([1 /* ERROR */, 11 /* CORRUPT */, 26 /* NOTADB */]);
const UNAVAILABLE = new Set([
  5 /* BUSY */, 6 /* LOCKED */, 7 /* NOMEM */, 8 /* READONLY */, 10 /* IOERR */, 13 /* FULL */, 14 /* CANTOPEN */,
  15 /* PROTOCOL */,
]);

export const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5;

export const translated = (what: string, error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  // node:sqlite's error for a closed file, without an SQLite code.
  if ('code' in error && error.code === 'ERR_INVALID_STATE') return new StoreUnavailable(`${what}: closed`, { cause: error });
  if (!('errcode' in error)) return error;
  const primary = Number(error.errcode) & 0xff;
  if (CORRUPT.has(primary)) return new CorruptStore(`${what}: ${error.message}`, { cause: error });
  if (UNAVAILABLE.has(primary)) return new StoreUnavailable(`${what}: ${error.message}`, { cause: error });
  return error;
};

const OF_ANALYZE: ReadonlySet<string> = new Set(
  ['sqlite_stat1(tbl,idx,stat)', 'sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)'].map((table) => {
    const name = table.slice(0, table.indexOf('('));
    return JSON.stringify(['table', name, name, `CREATE TABLE ${table}`]);
  }),
);

/**
 * Uses the older name of the table, and its database: a table planted under the newer name (`sqlite_schema`), or in another database, would
 * be read instead. Includes the format number, without which the file would not open again.
 */
const SCHEMA_ROWS = `SELECT type, name, tbl_name, sql FROM main.sqlite_master
  UNION ALL SELECT 'format', user_version, user_version, NULL FROM pragma_user_version`;

const rowsIn = (statement: StatementSync): readonly string[] =>
  statement
    .all()
    .map(({ type, name, tbl_name, sql }) => JSON.stringify([type, name, tbl_name, sql]))
    .filter((row) => !OF_ANALYZE.has(row))
    .toSorted();

const madeBy = (format: DatabaseFormat): readonly string[] => {
  const database = new DatabaseSync(':memory:');
  try {
    database.exec(making(format));
    return rowsIn(database.prepare(SCHEMA_ROWS));
  } finally {
    database.close();
  }
};

/** Describes a schema row for the operator, such as `trigger sqlite_x on commits`. */
const described = (row: string): string => {
  const [type, name, table] = JSON.parse(row) as readonly unknown[];
  return `${type} ${name}${name === table ? '' : ` on ${table}`}`;
};

const difference = (found: readonly string[], expected: readonly string[]): string | undefined => {
  const added = found.filter((row) => !expected.includes(row)).map((row) => `${described(row)} is not the gate's`);
  const lacking = expected.filter((row) => !found.includes(row)).map((row) => `${described(row)} is missing or another`);
  const differences = [...added, ...lacking];
  if (differences.length === 0 && found.length !== expected.length) return 'it has a row twice';
  return differences.length === 0 ? undefined : differences.join(', ');
};

type FileId = Pick<Stats, 'dev' | 'ino'>;

const idOf = (path: string): FileId | undefined => statSync(path, { throwIfNoEntry: false });

/**
 * Checks that an open database has the schema of this code and is the file at its path. A trigger could discard acknowledged writes; with
 * another file at the path, one process would write to it while another answers from the old one.
 */
export class DatabaseCheck {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #expected: readonly string[];
  readonly #rows: StatementSync;
  /** SQLite keeps the log and its index (`-wal`, `-shm`) for as long as any connection is open. */
  readonly #files: ReadonlyMap<string, FileId>;
  #fault: CorruptStore | undefined;

  constructor(database: DatabaseSync, path: string, format: DatabaseFormat) {
    this.#database = database;
    this.#path = path;
    this.#expected = madeBy(format);
    this.#rows = database.prepare(SCHEMA_ROWS);
    // SQLite opens its other files at the first read.
    guarded(path, () => this.#rows.all());
    const paths = path === ':memory:' ? [] : [path, `${path}-wal`, `${path}-shm`];
    this.#files = new Map(paths.flatMap((each) => [[each, idOf(each)] as const].filter(isThere)));
    this.look();
  }

  get fault(): CorruptStore | undefined {
    return this.#fault;
  }

  /** Throws CorruptStore (`schema-changed`) unless the schema is that of a new database; valid for the whole enclosing transaction. */
  readonly assertSchema = (): void => {
    const different = guarded('schema', () => this.#difference(), this.#database);
    if (different === undefined) return;
    throw this.#found('schema-changed', `${basename(this.#path)}: its schema is not the one that the gate made: ${different}`);
  };

  /** Throws CorruptStore (`file-exchanged`) unless the open files are those at the path. */
  readonly assertFiles = (): void => {
    for (const [path, { dev, ino }] of this.#files) {
      const found = idOf(path);
      if (found === undefined) throw this.#found('file-exchanged', `${basename(path)} is missing`);
      if (found.dev === dev && found.ino === ino) continue;
      throw this.#found('file-exchanged', `${basename(path)} is not the file that the gate opened: it was exchanged`);
    }
  };

  readonly look = (): CorruptStore | undefined => {
    if (!this.#database.isOpen) return this.#fault;
    try {
      this.assertFiles();
      this.assertSchema();
      this.#fault = undefined;
    } catch (error) {
      // A busy or unreachable file is checked again.
      if (error instanceof CorruptStore) this.#fault = error;
      else if (!(error instanceof StoreUnavailable)) throw error;
    }
    return this.#fault;
  };

  #difference(): string | undefined {
    try {
      return difference(rowsIn(this.#rows), this.#expected);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('malformed database schema')) return error.message;
      throw error;
    }
  }

  #found(code: StoreFault, message: string): CorruptStore {
    this.#fault = new CorruptStore(message, { code });
    return this.#fault;
  }
}

const isThere = (entry: readonly [string, FileId | undefined]): entry is readonly [string, FileId] => entry[1] !== undefined;

/** Maximum writes in one transaction, which blocks other writers. Only bulk work has longer queues. */
const BATCH_MAX = 1_024;

type Check = Pick<DatabaseCheck, 'assertSchema' | 'assertFiles'>;

interface Around {
  readonly begin: () => void;
  readonly end: () => void;
}

interface Waiting {
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Shares one transaction, and so one fsync, among all writes of a turn of the event loop. Acknowledges a write only after COMMIT, and only
 * if the database is still the one that was opened. `work` reads back what it wrote; a throw fails the whole batch.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #check: Check;
  readonly #around: Around | undefined;
  #waiting: Waiting[] = [];
  #closed = false;

  constructor(database: DatabaseSync, check: Check, around?: Around) {
    this.#database = database;
    this.#check = check;
    this.#around = around;
  }

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
      this.#around?.begin();
      const results = batch.map(({ work }) => work());
      this.#around?.end();
      this.#database.exec('COMMIT');
      // A write to a file that other processes no longer find is not acknowledged.
      this.#check.assertFiles();
      return results;
    } catch (error) {
      // A full disk or an I/O error may have rolled back already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}
