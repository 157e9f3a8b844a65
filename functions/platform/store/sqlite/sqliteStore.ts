import type { DatabaseSync } from 'node:sqlite';
import { CorruptStore } from '../errors.ts';
import { commitParts, type Mac, type Macs } from '../mac.ts';
import type { AppendOutcome, FeedPage, HistoryRange, PlacesPage, Store, StoredCommit, UnreadableRow } from '../port.ts';
import { assertWritable, readableRecord, sameCommit, verifiedRecord } from '../record.ts';
import { assertReadBack, type DatabaseFormat, guarded, openDatabase, rowsBy } from './database.ts';
import { DatabaseCheck } from './databaseCheck.ts';
import { GroupCommit } from './groupCommit.ts';
import { HeadCache } from './headCache.ts';
import { NewestInstant } from './newestInstant.ts';
import { COLUMNS, columnsOf, renewRowMacs, toRow } from './rows.ts';

// Storage format of the file. `seq` is assigned inside the write transaction, of which SQLite runs only one at a time, so
// a later commit has the higher number and the feed has no gaps.
// `attachments` lists those of a commit, `attached` is their bytes, one after the other: in the row, so that a notice changes few
// pages. AUTOINCREMENT: a number that was taken never comes again, also if rows are removed behind the gate's back. No MAC covers `seq`:
// a row that somebody moves to another number behind the gate’s back is still in the feed.
// No trigger, no view: what keeps a commit as it is are its MAC and the public log, and a schema without code is the simplest to check.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS commits (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    state TEXT NOT NULL,
    state_version INTEGER NOT NULL,
    mac_key TEXT,
    mac BLOB,
    attachments TEXT,
    attached BLOB,
    UNIQUE (stream, version)
  ) STRICT`;

/** The format of the file of commits. 4: the MAC of a row covers which attachments there are. */
export const COMMITS_FORMAT: DatabaseFormat = { number: 4, schema: SCHEMA };

const HISTORY_LIMIT = 100;

/** A store in a SQLite file, whose rows can be given new MACs while nothing else writes to it. */
export interface SqliteStore extends Store {
  /** The check of the database as a whole: while it finds a fault, nothing is read or written. */
  readonly check: DatabaseCheck;
  /** Replaces every valid MAC that the current key did not make. Returns the number replaced; may be run again after a crash. */
  renewMacs(): Promise<number>;
}

/**
 * Opens the store in one SQLite file. Other processes may use it too: heads stay strongly consistent. Throws StoreUnavailable or
 * CorruptStore; a file whose schema was changed is opened, and rejects everything.
 */
export const openSqliteStore = (path: string, macs: Macs): SqliteStore => {
  const database = openDatabase(path, COMMITS_FORMAT, 'FULL');
  const check = new DatabaseCheck(database, path, COMMITS_FORMAT.schema);
  const heads = new HeadCache(database, check.assertSchema);
  const writer = new GroupCommit(database, check);
  let prepared: Statements | undefined;
  const rows = (): Statements => {
    prepared ??= statements(database, macs);
    return prepared;
  };
  const reading = async <T>(what: string, read: (rows: Statements) => T): Promise<T> =>
    guarded(
      what,
      () => {
        heads.forgetIfChangedElsewhere();
        if (check.fault !== undefined) throw check.fault;
        return read(rows());
      },
      database,
    );
  const appendInOrder: Store['appendInOrder'] = async (records) => {
    const signed = records.map((record) => {
      assertWritable(record);
      return { record, mac: macs.make(...commitParts(record)) };
    });
    const { appended, refused } = await writer.write(() => insertInOrder(signed, heads, rows().insert));
    // Nothing else runs between COMMIT and this, but the same for the other writes of the transaction, in their order.
    for (const record of records.slice(0, appended)) {
      heads.wrote(record);
      rows().newest.wrote(record);
    }
    if (refused?.outcome === 'unreadable') throw refused.error;
    return { appended, occupant: refused?.occupant };
  };
  return {
    head: (stream) => reading('head', ({ head }) => heads.head(stream, () => head(stream))),
    append: async (record) => {
      const { occupant } = await appendInOrder([record]);
      return occupant === undefined ? { outcome: 'appended' } : { outcome: 'occupied', occupant };
    },
    appendInOrder,
    history: (stream, range) => reading('history', ({ history }) => history(stream, range)),
    feed: async (cursor, ...page) => {
      const above = parseCursor(cursor);
      return reading('feed', ({ feed }) => feed(above, ...page));
    },
    places: async (cursor, limit) => {
      const above = parseCursor(cursor);
      return reading('places', ({ places }) => places(above, limit));
    },
    feedEnd: () => reading('feedEnd', ({ feedEnd }) => feedEnd()),
    newestAt: () => reading('newestAt', ({ newest }) => newest.at(heads.foreignCommits())),
    changed: (prefixes, since) => reading('changed', () => heads.changed(prefixes, since)),
    isUnchangedSince: (moment) => check.fault === undefined && heads.isUnchangedSince(moment),
    check,
    renewMacs: () => writer.write(() => renewRowMacs(database, macs)),
    close: async () => {
      if (!database.isOpen) return;
      writer.close();
      database.close();
    },
  };
};

/** An occupant that cannot be read is a value, because an exception fails the whole batch. */
type NotInserted =
  | Extract<AppendOutcome, { readonly outcome: 'occupied' }>
  | { readonly outcome: 'unreadable'; readonly error: CorruptStore };
type Inserted = { readonly outcome: 'appended' } | NotInserted;

interface Signed {
  readonly record: StoredCommit;
  readonly mac: Mac;
}

const insertInOrder = (
  signed: readonly Signed[],
  heads: HeadCache,
  insert: (record: StoredCommit, mac: Mac) => Inserted,
): { readonly appended: number; readonly refused: NotInserted | undefined } => {
  for (const [appended, { record, mac }] of signed.entries()) {
    // Dropped inside the transaction, not a turn later: the old head must not be read after the acknowledgement.
    heads.forget(record.stream);
    const inserted = insert(record, mac);
    if (inserted.outcome !== 'appended') return { appended, refused: inserted };
  }
  return { appended: signed.length, refused: undefined };
};

type Statements = ReturnType<typeof statements>;

const statements = (database: DatabaseSync, macs: Macs) => {
  const newest = rowsBy(database, `SELECT ${COLUMNS} FROM commits WHERE stream = ? ORDER BY version DESC LIMIT 1`);
  const exact = rowsBy(database, `SELECT ${COLUMNS} FROM commits WHERE stream = ? AND version = ?`);
  const between = rowsBy(
    database,
    `SELECT ${COLUMNS} FROM commits WHERE stream = ? AND version > ? AND version <= ? ORDER BY version LIMIT ?`,
  );
  const above = rowsBy(database, `SELECT seq, ${COLUMNS} FROM commits WHERE seq > ? ORDER BY seq LIMIT ?`);
  const insert = database.prepare(`INSERT INTO commits (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const bySeq = rowsBy(database, `SELECT ${COLUMNS} FROM commits WHERE seq = ?`);
  const placesAbove = rowsBy(database, 'SELECT seq, stream, version FROM commits WHERE seq > ? ORDER BY seq LIMIT ?');
  const last = rowsBy(database, 'SELECT max(seq) AS seq FROM commits');

  const toRecord = (row: Record<string, unknown>): StoredCommit => verifiedRecord(toRow(row), macs);

  const occupant = (record: StoredCommit): Inserted => {
    try {
      const found = optional(exact.get(record.stream, record.version), toRecord);
      if (!found) throw new CorruptStore(`${record.stream}@${record.version} is occupied by nothing`);
      return sameCommit(found, record) ? { outcome: 'appended' } : { outcome: 'occupied', occupant: found };
    } catch (error) {
      if (error instanceof CorruptStore) return { outcome: 'unreadable', error };
      throw error;
    }
  };

  const readable = (seq: bigint): readonly StoredCommit[] =>
    bySeq.all(seq).flatMap((row) =>
      readableRecord(
        row as never,
        () => toRecord(row),
        () => {},
      ),
    );

  return {
    head: (stream: string): StoredCommit | undefined => optional(newest.get(stream), toRecord),
    insert: (record: StoredCommit, { keyId, tag }: Mac): Inserted => {
      const { stream, version, bytes, state, stateVersion, attachments } = record;
      const columns = [stream, version, bytes, state, stateVersion, keyId, tag, ...columnsOf(attachments)] as const;
      if (insert.run(...columns).changes === 0) return occupant(record);
      assertReadBack(columns, exact.get(stream, version), `${stream}@${version}`);
      return { outcome: 'appended' };
    },
    history: (stream: string, { after = 0, upTo = Number.MAX_SAFE_INTEGER, limit = HISTORY_LIMIT }: HistoryRange) =>
      between.all(stream, after, upTo, limit).map(toRecord),
    feed: (seq: bigint | undefined, limit: number, unreadable?: (row: UnreadableRow) => void): FeedPage => {
      const found = above.all(seq ?? Number.NEGATIVE_INFINITY, limit);
      const items = found.flatMap((row) =>
        readableRecord({ stream: row.stream as string, version: Number(row.version) }, () => toRecord(row), unreadable),
      );
      return { items, next: String(found.at(-1)?.seq ?? seq ?? 0), done: found.length < limit };
    },
    places: (seq: bigint | undefined, limit: number): PlacesPage => {
      const found = placesAbove.all(seq ?? Number.NEGATIVE_INFINITY, limit);
      const places = found.map(({ stream, version }) => ({ stream: stream as string, version: Number(version) }));
      return { places, next: String(found.at(-1)?.seq ?? seq ?? 0), done: found.length < limit };
    },
    feedEnd: (): string => String(last.get()?.seq ?? 0),
    newest: new NewestInstant(database, readable),
  };
};

const optional = <A, B>(value: A | undefined, map: (value: A) => B): B | undefined =>
  value === undefined ? undefined : map(value);

const parseCursor = (cursor: string | undefined): bigint | undefined => {
  if (cursor === undefined) return undefined;
  const seq = /^-?\d{1,19}$/.test(cursor) ? BigInt(cursor) : undefined;
  if (seq === undefined || BigInt.asIntN(64, seq) !== seq) throw new RangeError('not a cursor of this store');
  return seq;
};
