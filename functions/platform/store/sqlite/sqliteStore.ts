import type { DatabaseSync } from 'node:sqlite';
import { CorruptStore } from '../errors.ts';
import type { AppendOutcome, Attachment, FeedPage, HistoryRange, Store, StoredCommit, UnreadableRow } from '../port.ts';
import { assertWritable, type Row, readableRecord, sameCommit, verifiedRecord } from '../record.ts';
import { guarded, openDatabase } from './database.ts';
import { GroupCommit } from './groupCommit.ts';
import { HeadCache } from './headCache.ts';

// Storage format of the file. `seq` is given inside the write transaction, of which SQLite lets only one run at a time, so
// what commits later has the higher number and the feed has no gaps.
const FORMAT_VERSION = 1;
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS commits (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    state TEXT NOT NULL,
    state_version INTEGER NOT NULL,
    attachment_count INTEGER NOT NULL,
    UNIQUE (stream, version)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS attachments (
    commit_seq INTEGER NOT NULL,
    position INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (commit_seq, position)
  ) STRICT, WITHOUT ROWID;
  ${['commits', 'attachments']
    .flatMap((table) =>
      ['UPDATE', 'DELETE'].map(
        (verb) =>
          `CREATE TRIGGER IF NOT EXISTS ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} BEGIN SELECT RAISE(ABORT, 'commits are immutable'); END;`,
      ),
    )
    .join('\n')}`;

const COLUMNS = 'seq, stream, version, bytes, state, state_version, attachment_count';
const HISTORY_LIMIT = 100;

/**
 * The store in one SQLite file, for a town on one machine. Also beside other processes on the same file: heads stay strongly
 * consistent. `':memory:'` keeps nothing. Throws StoreUnavailable or CorruptStore when the file cannot be used.
 */
export const openSqliteStore = (path: string): Store => {
  const database = openDatabase(path, FORMAT_VERSION, SCHEMA);
  const heads = new HeadCache(database);
  const writer = new GroupCommit(database);
  const rows = statements(database);
  return {
    head: async (stream) => guarded('head', () => heads.head(stream, () => rows.head(stream))),
    append: async (record, acknowledged) => {
      assertWritable(record);
      const outcome = await writer.write(() => {
        // What is known ends with the transaction, not a turn later: nobody may read the old head after the acknowledgement.
        heads.forget(record.stream);
        return rows.insert(record);
      }, acknowledged);
      if (outcome.outcome === 'appended') heads.wrote(record);
      return outcome;
    },
    history: async (stream, range) => guarded('history', () => rows.history(stream, range)),
    feed: async (cursor, limit, unreadable) => guarded('feed', () => rows.feed(cursor, limit, unreadable)),
    close: async () => {
      if (!database.isOpen) return;
      writer.close();
      database.close();
    },
  };
};

const statements = (database: DatabaseSync) => {
  const newest = database.prepare(`SELECT ${COLUMNS} FROM commits WHERE stream = ? ORDER BY version DESC LIMIT 1`);
  const exact = database.prepare(`SELECT ${COLUMNS} FROM commits WHERE stream = ? AND version = ?`);
  const between = database.prepare(
    `SELECT ${COLUMNS} FROM commits WHERE stream = ? AND version > ? AND version <= ? ORDER BY version LIMIT ?`,
  );
  const above = database.prepare(`SELECT ${COLUMNS} FROM commits WHERE seq > ? ORDER BY seq LIMIT ?`);
  const attached = database.prepare('SELECT sha256, media_type, bytes FROM attachments WHERE commit_seq = ? ORDER BY position');
  const insert = database.prepare(
    'INSERT INTO commits (stream, version, bytes, state, state_version, attachment_count) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const attach = database.prepare(
    'INSERT INTO attachments (commit_seq, position, sha256, media_type, bytes) VALUES (?, ?, ?, ?, ?)',
  );

  const toRecord = (row: Record<string, unknown>): StoredCommit =>
    verifiedRecord(toRow(row, Number(row.attachment_count) === 0 ? [] : attached.all(Number(row.seq))));

  return {
    head: (stream: string): StoredCommit | undefined => optional(newest.get(stream), toRecord),
    insert: (record: StoredCommit): AppendOutcome => {
      const { stream, version, bytes, state, stateVersion, attachments } = record;
      const { changes, lastInsertRowid } = insert.run(stream, version, bytes, state, stateVersion, attachments.length);
      if (changes === 0) {
        const occupant = optional(exact.get(stream, version), toRecord);
        if (!occupant) throw new CorruptStore(`${stream}@${version} is occupied by nothing`);
        return sameCommit(occupant, record) ? { outcome: 'appended' } : { outcome: 'occupied', occupant };
      }
      for (const [position, attachment] of attachments.entries()) {
        attach.run(lastInsertRowid, position, attachment.sha256, attachment.mediaType, attachment.bytes);
      }
      return { outcome: 'appended' };
    },
    history: (stream: string, { after = 0, upTo = Number.MAX_SAFE_INTEGER, limit = HISTORY_LIMIT }: HistoryRange) =>
      between.all(stream, after, upTo, limit).map(toRecord),
    feed: (cursor: string | undefined, limit: number, unreadable?: (row: UnreadableRow) => void): FeedPage => {
      const found = above.all(parseCursor(cursor), limit);
      const items = found.flatMap((row) =>
        readableRecord({ stream: row.stream as string, version: row.version as number }, () => toRecord(row), unreadable),
      );
      return { items, next: String(found.at(-1)?.seq ?? cursor ?? 0), done: found.length < limit };
    },
  };
};

/** STRICT tables hold to their types, so only the values remain to be verified. */
const toRow = (row: Record<string, unknown>, attachments: readonly Record<string, unknown>[]): Row => ({
  stream: row.stream as string,
  version: row.version as number,
  bytes: row.bytes as Uint8Array,
  state: row.state as string,
  stateVersion: row.state_version as number,
  attachments: attachments.map(
    ({ sha256, media_type, bytes }): Attachment => ({
      sha256: sha256 as string,
      mediaType: media_type as string,
      bytes: bytes as Uint8Array,
    }),
  ),
});

const optional = <A, B>(value: A | undefined, map: (value: A) => B): B | undefined =>
  value === undefined ? undefined : map(value);

const parseCursor = (cursor: string | undefined): number => {
  const seq = Number(cursor ?? 0);
  if (!Number.isSafeInteger(seq) || seq < 0) throw new RangeError('not a cursor of this store');
  return seq;
};
