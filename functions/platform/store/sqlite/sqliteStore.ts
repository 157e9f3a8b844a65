import type { DatabaseSync, StatementSync } from 'node:sqlite';
import * as z from 'zod';
import { parseStrict } from '../../../../domain/kernel/json.ts';
import { CorruptStore } from '../errors.ts';
import { commitParts, type Mac, type Macs } from '../mac.ts';
import type { Attachment, CommitPlace, FeedPage, HistoryRange, PlacesPage, Store, StoredCommit, UnreadableRow } from '../port.ts';
import { assertWritable, type LoggedEnd, type Row, readableRecord, renewedMac, sameCommit, verifiedRecord } from '../record.ts';
import {
  assertReadBack,
  bounded,
  DatabaseCheck,
  type DatabaseFormat,
  GroupCommit,
  guarded,
  hasNoRow,
  macIn,
  openDatabase,
  rowsBy,
} from './database.ts';
import { HeadCache, NewestInstant } from './headCache.ts';

// Storage format of the file. `seq` is assigned inside the write transaction, of which SQLite runs one at a time, so the feed has no gaps.
// AUTOINCREMENT: a number that was taken never comes again, also if rows are removed behind the gate's back. No MAC covers `seq`: a row
// that somebody moves is still in the feed. `attachments` lists those of a commit, as [sha256, media type, number of bytes], `attached` is
// their bytes in that order: in the row, so that a notice changes few pages. No trigger, no view: what keeps a commit as it is are its MAC
// and the public log, and a schema without code is the simplest to check.
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

/** 4: the MAC of a row covers which attachments there are. */
export const COMMITS_FORMAT: DatabaseFormat = { number: 4, schema: SCHEMA };

const HISTORY_LIMIT = 100;

export interface SqliteStore extends Store {
  /** While it finds a fault, nothing is read or written. */
  readonly check: DatabaseCheck;
  readonly isEmpty: boolean;
  /** See {@link HeadCache.expect}. */
  readonly expect: (ends: ReadonlyMap<string, LoggedEnd>) => void;
  /**
   * Replaces every valid MAC that the current key did not make, while nothing else writes. Returns the number replaced; may be run again.
   * `tick`: called for each.
   */
  renewMacs(tick?: () => void): Promise<number>;
}

/**
 * Opens the store in one file. Other processes may use it too; heads stay strongly consistent. Throws StoreUnavailable or CorruptStore; a
 * file with a changed schema is opened but rejects everything.
 */
export const openSqliteStore = (path: string, macs: Macs): SqliteStore => {
  const database = openDatabase(path, COMMITS_FORMAT);
  const check = new DatabaseCheck(database, path, COMMITS_FORMAT);
  const heads = new HeadCache(database, check.assertSchema, (stream, from, upTo) =>
    rows().history(stream, { after: from - 1, upTo, limit: upTo - from + 1 }),
  );
  const writer = new GroupCommit(database, check);
  let prepared: Statements | undefined;
  const rows = (): Statements => {
    prepared ??= statements(database, macs);
    return prepared;
  };
  const reading = async <T>(what: string, read: (rows: Statements) => T): Promise<T> => {
    const work = (): T => {
      heads.forgetIfChangedElsewhere();
      if (check.fault !== undefined) throw check.fault;
      return read(rows());
    };
    return guarded(what, work, database);
  };
  const readingRows = <T>(what: string, read: (rows: Statements) => T): Promise<T> =>
    reading(what, (prepared) => {
      heads.askAgain();
      return read(prepared);
    });
  const append: Store['append'] = async (records) => {
    const signed = records.map((record) => {
      assertWritable(record);
      return { record, mac: macs.make(...commitParts(record)) };
    });
    const { appended, refused } = await writer.write(() => insertInOrder(signed, heads, rows().insert));
    // Between COMMIT and this, only the same code for other writes of the transaction runs, in their order.
    for (const record of records.slice(0, appended)) {
      heads.wrote(record);
      rows().newest.wrote(record);
    }
    if (refused instanceof CorruptStore) throw refused;
    return { appended, occupant: refused };
  };
  return {
    head: (stream) => reading('head', ({ head }) => heads.head(stream, () => head(stream))),
    append,
    history: (stream, range) => readingRows('history', ({ history }) => history(stream, range)),
    feed: (...page) => readingRows('feed', ({ feed }) => feed(...page)),
    places: (...page) => readingRows('places', ({ places }) => places(...page)),
    newestAt: () => reading('newestAt', ({ newest }) => newest.at(heads.foreignCommits())),
    changed: (prefixes, since) => reading('changed', () => heads.changed(prefixes, since)),
    isUnchangedSince: (moment) => check.fault === undefined && heads.isUnchangedSince(moment),
    check,
    isEmpty: check.fault === undefined && hasNoRow(database, 'commits'),
    expect: (ends) => heads.expect(ends),
    renewMacs: (tick) => writer.write(() => renewRowMacs(database, macs, tick)),
    close: async () => {
      if (!database.isOpen) return;
      writer.close();
      database.close();
    },
  };
};

interface Signed {
  readonly record: StoredCommit;
  readonly mac: Mac;
}

/** The occupant, or CorruptStore if it cannot be read; returned, since an exception would fail the whole batch. */
type Refused = StoredCommit | CorruptStore;

const insertInOrder = (
  signed: readonly Signed[],
  heads: HeadCache,
  insert: (signed: Signed) => Refused | undefined,
): { readonly appended: number; readonly refused: Refused | undefined } => {
  for (const [appended, each] of signed.entries()) {
    // Inside the transaction: the old head must not be read after the acknowledgement.
    heads.forget(each.record.stream);
    const refused = insert(each);
    if (refused !== undefined) return { appended, refused };
  }
  return { appended: signed.length, refused: undefined };
};

type Statements = ReturnType<typeof statements>;

const statements = (database: DatabaseSync, macs: Macs) => {
  const newest = rowsBy(database, `SELECT ${READ} FROM commits WHERE stream = ? ORDER BY commits.version DESC LIMIT 1`);
  const between = rowsBy(
    database,
    `SELECT ${READ} FROM commits WHERE stream = ? AND version > ? AND version <= ? ORDER BY commits.version ${AT_MOST}`,
  );
  const exact = (stream: string, version: number) => between.get(stream, version - 1, version, 1);
  const above = rowsBy(database, `SELECT seq, ${READ} FROM commits WHERE seq > ? ORDER BY seq ${AT_MOST}`);
  const insert = database.prepare(`INSERT INTO commits (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const bySeq = rowsBy(database, `SELECT ${READ} FROM commits WHERE seq = ?`);
  const placesAbove = rowsBy(
    database,
    `SELECT seq, ${bounded('stream, version')} FROM commits WHERE seq > ? ORDER BY seq ${AT_MOST}`,
  );

  const toRecord = (row: Record<string, unknown>): StoredCommit => verifiedRecord(toRow(row), macs);

  const occupant = (record: StoredCommit): Refused | undefined => {
    try {
      const row = exact(record.stream, record.version);
      if (!row) throw new CorruptStore(`${record.stream}@${record.version} is occupied by nothing`);
      const found = toRecord(row);
      return sameCommit(found, record) ? undefined : found;
    } catch (error) {
      if (error instanceof CorruptStore) return error;
      throw error;
    }
  };

  const placeIn = ({ stream, version }: Record<string, unknown>): CommitPlace => ({
    stream: String(stream),
    version: Number(version),
  });
  const readable = (seq: bigint): readonly StoredCommit[] =>
    bySeq.all(seq).flatMap((row) =>
      readableRecord(
        placeIn(row),
        () => toRecord(row),
        () => {},
      ),
    );
  const page = (statement: StatementSync, cursor: string | undefined, limit: number) => {
    const seq = parseCursor(cursor);
    const found = statement.all(seq ?? Number.NEGATIVE_INFINITY, limit);
    return { found, next: String(found.at(-1)?.seq ?? seq ?? 0), done: found.length < limit };
  };

  return {
    head: (stream: string): StoredCommit | undefined => {
      const row = newest.get(stream);
      return row && toRecord(row);
    },
    insert: ({ record, mac: { keyId, tag } }: Signed): Refused | undefined => {
      const { stream, version, bytes, state, stateVersion, attachments } = record;
      const columns = [stream, version, bytes, state, stateVersion, keyId, tag, ...columnsOf(attachments)] as const;
      if (insert.run(...columns).changes === 0) return occupant(record);
      assertReadBack(columns, Object.values(exact(stream, version) ?? {}), `${stream}@${version}`);
      return undefined;
    },
    history: (stream: string, { after = 0, upTo = Number.MAX_SAFE_INTEGER, limit = HISTORY_LIMIT }: HistoryRange) =>
      between.all(stream, after, upTo, limit).map(toRecord),
    feed: (cursor: string | undefined, limit: number, unreadable?: (row: UnreadableRow) => void): FeedPage => {
      const { found, ...rest } = page(above, cursor, limit);
      return { items: found.flatMap((row) => readableRecord(placeIn(row), () => toRecord(row), unreadable)), ...rest };
    },
    places: (cursor: string | undefined, limit: number): PlacesPage => {
      const { found, ...rest } = page(placesAbove, cursor, limit);
      return { places: found.map(placeIn), ...rest };
    },
    newest: new NewestInstant(database, readable),
  };
};

const parseCursor = (cursor: string | undefined): bigint | undefined => {
  if (cursor === undefined) return undefined;
  const seq = /^-?\d{1,19}$/.test(cursor) ? BigInt(cursor) : undefined;
  if (seq === undefined || BigInt.asIntN(64, seq) !== seq) throw new RangeError('not a cursor of this store');
  return seq;
};

const List = z.array(z.tuple([z.string(), z.string(), z.int().min(0)])).min(1);

const encoder = new TextEncoder();

export const columnsOf = (attachments: readonly Attachment[]): readonly [string | null, Uint8Array | null] =>
  attachments.length === 0
    ? [null, null]
    : [
        JSON.stringify(attachments.map(({ sha256, mediaType, bytes }) => [sha256, mediaType, bytes.length])),
        Buffer.concat(attachments.map(({ bytes }) => bytes)),
      ];

/** The columns are attacker-controlled. Throws CorruptStore; the caller compares the digests. */
export const attachmentsIn = (place: string, list: string | null, attached: Uint8Array | null): readonly Attachment[] => {
  if (list === null && attached === null) return [];
  const parsed = list === null ? undefined : parseStrict(encoder.encode(list));
  const entries = parsed?.ok ? List.safeParse(parsed.value).data : undefined;
  if (entries === undefined || !(attached instanceof Uint8Array))
    throw new CorruptStore(`the attachments of ${place} cannot be read`);
  let end = 0;
  const attachments = entries.map(([sha256, mediaType, length]): Attachment => {
    const begin = end;
    end += length;
    return { sha256, mediaType, bytes: attached.subarray(begin, end) };
  });
  if (end !== attached.length) throw new CorruptStore(`the attachments of ${place} do not fit their list`);
  return attachments;
};

/** The columns in the order in which rows are written. */
const COLUMNS = 'stream, version, bytes, state, state_version, mac_key, mac, attachments, attached';
const READ = bounded(COLUMNS);
/** An expression, since with a bare parameter SQLite recompiles the statement at each run, which takes ten times as long as reading a row. */
const AT_MOST = 'LIMIT 0 + ?';
const RENEWED_AT_ONCE = 500;

const renewRowMacs = (database: DatabaseSync, macs: Macs, tick?: () => void): number => {
  const above = rowsBy(database, `SELECT seq, ${READ} FROM commits WHERE seq > ? ORDER BY seq ${AT_MOST}`);
  const replaceMac = database.prepare('UPDATE commits SET mac_key = ?, mac = ? WHERE seq = ?');
  let renewed = 0;
  let last: bigint | number = Number.NEGATIVE_INFINITY;
  for (let page = above.all(last, RENEWED_AT_ONCE); page.length > 0; page = above.all(last, RENEWED_AT_ONCE)) {
    for (const found of page) {
      last = found.seq as bigint;
      const fresh = renewedMac(() => toRow(found), macs);
      if (fresh === undefined) continue;
      replaceMac.run(fresh.keyId, fresh.tag, last);
      renewed += 1;
      tick?.();
    }
  }
  return renewed;
};

/** STRICT tables enforce the types of columns when rows are written; the values, and these, remain to be verified. */
export const toRow = (row: Record<string, unknown>): Row => ({
  stream: row.stream as string,
  version: Number(row.version),
  bytes: row.bytes as Uint8Array,
  state: row.state as string,
  stateVersion: Number(row.state_version),
  mac: macIn(row),
  attachments: attachmentsIn(`${row.stream}@${row.version}`, row.attachments as string | null, row.attached as Uint8Array | null),
});
