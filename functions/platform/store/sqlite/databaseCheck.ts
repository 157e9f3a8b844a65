import { type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { CorruptStore, type StoreFault, StoreUnavailable } from '../errors.ts';
import { guarded } from './database.ts';

const OF_ANALYZE: ReadonlySet<string> = new Set(
  ['sqlite_stat1(tbl,idx,stat)', 'sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)'].map((table) => {
    const name = table.slice(0, table.indexOf('('));
    return JSON.stringify(['table', name, name, `CREATE TABLE ${table}`]);
  }),
);

/**
 * The older name of its table, and its database: a table that somebody planted under the newer name (`sqlite_schema`), or in another
 * database, would be read in its place.
 */
const SCHEMA_ROWS = 'SELECT type, name, tbl_name, sql FROM main.sqlite_master';

const rowsIn = (statement: StatementSync): readonly string[] =>
  statement
    .all()
    .map(({ type, name, tbl_name, sql }) => JSON.stringify([type, name, tbl_name, sql]))
    .filter((row) => !OF_ANALYZE.has(row))
    .toSorted();

const madeBy = (schema: string): readonly string[] => {
  const database = new DatabaseSync(':memory:');
  try {
    database.exec(schema);
    return rowsIn(database.prepare(SCHEMA_ROWS));
  } finally {
    database.close();
  }
};

/** Describes a row of a schema for the operator, such as `trigger sqlite_x on commits`. */
const described = (row: string): string => {
  const [type, name, table] = JSON.parse(row) as readonly unknown[];
  return `${type} ${name}${name === table ? '' : ` on ${table}`}`;
};

const difference = (found: readonly string[], expected: readonly string[]): string | undefined => {
  const added = found.filter((row) => !expected.includes(row)).map((row) => `${described(row)} is not the gate's`);
  const lacking = expected.filter((row) => !found.includes(row)).map((row) => `${described(row)} is missing or another`);
  const differences = [...added, ...lacking];
  // A row that stands twice.
  if (differences.length === 0 && found.length !== expected.length) return 'it has a row twice';
  return differences.length === 0 ? undefined : differences.join(', ');
};

type FileId = Pick<Stats, 'dev' | 'ino'>;

const idOf = (path: string): FileId | undefined => statSync(path, { throwIfNoEntry: false });

/**
 * Checks that an open database is what this code makes and what lies at its path. A trigger could swallow what is acknowledged; another
 * file at the path would take the commands of one process while another answers from the old one.
 */
export class DatabaseCheck {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #expected: readonly string[];
  readonly #rows: StatementSync;
  /** SQLite keeps the log and its index (`-wal`, `-shm`) for as long as any connection is open. */
  readonly #files: ReadonlyMap<string, FileId>;
  #fault: CorruptStore | undefined;

  /** `database`: a connection to the file at `path`; `schema`: the statements that make a new one. */
  constructor(database: DatabaseSync, path: string, schema: string) {
    this.#database = database;
    this.#path = path;
    this.#expected = madeBy(schema);
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

  /** Throws CorruptStore (`schema-changed`) unless the schema is that of a new database. Inside a transaction it holds for all of it. */
  readonly assertSchema = (): void => {
    const different = guarded('schema', () => this.#difference(), this.#database);
    if (different === undefined) return;
    throw this.#found('schema-changed', `${basename(this.#path)}: its schema is not the one that the gate made: ${different}`);
  };

  /** Throws CorruptStore unless the open files lie at the path: `file-exchanged`, or `store-unreadable` for one that is gone. */
  readonly assertFiles = (): void => {
    for (const [path, { dev, ino }] of this.#files) {
      const found = idOf(path);
      if (found === undefined) throw this.#found('store-unreadable', `${basename(path)} is missing`);
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
      // A file that is busy or cannot be reached is looked at again.
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
