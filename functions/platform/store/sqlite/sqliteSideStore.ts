import { basename } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { CorruptStore } from '../errors.ts';
import {
  type AlteredRecord,
  assertSideStoreKey,
  encodeSideValue,
  macOfRecord,
  type RecordGuard,
  type RecordMacs,
  renewedRecordMac,
  rowProblem,
  type SideEntry,
  type SideRow,
  type SideStore,
  verifiedEntry,
} from '../sideStore.ts';
import {
  assertReadBack,
  BUSY_TIMEOUT_MS,
  bounded,
  DatabaseCheck,
  type DatabaseFormat,
  GroupCommit,
  guarded,
  hasNoRow,
  macIn,
  openDatabase,
  openFile,
  type Synchronous,
  translated,
} from './database.ts';
import { SEAL_KIND, Seal, type SideRows } from './seal.ts';

// Rows are in an ordinary table, found through the key's index: a page of a WITHOUT ROWID table would hold little of a document.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS side (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    value TEXT NOT NULL,
    mac_key TEXT,
    mac BLOB,
    PRIMARY KEY (kind, id)
  ) STRICT`;

export const RECORDS_FORMAT: DatabaseFormat = { number: 4, schema: SCHEMA };

const COLUMNS = 'kind, id, value, mac_key, mac';
const READ = bounded(COLUMNS);
/** Forces the key's index in spite of planted statistics: a walk over all records must not see rows that a search by key misses. */
const BY_KEY = 'side INDEXED BY sqlite_autoindex_side_1';

export interface SqliteSideStore extends SideStore, RecordMacs {
  /** While it finds a fault, nothing is read or written. */
  readonly check: DatabaseCheck;
  readonly sealed: SealedFile;
}

/** Checks that the records of a file are what the gate wrote: none was removed, and none is an earlier value. */
export interface SealedFile {
  readonly file: string;
  /** Reports the result that `renew` stored. One read. */
  isWhole(): boolean;
  /** Reads all records. */
  verify(): Promise<boolean>;
  /** Accepts the records as they are, as whole or as known not to be. */
  renew(isWhole: boolean): Promise<void>;
}

/**
 * Opens the side store in a file separate from the commits: it holds secrets and data that may have to be deleted, and its many small writes
 * would clear the cache of heads. `secure_delete` overwrites removed data. A file with a changed schema is opened but rejects everything.
 * `mayBeNew`: if false, a file without records has lost them.
 */
export const openSqliteSideStore = (
  path: string,
  guard: RecordGuard,
  { synchronous = 'FULL', mayBeNew = true }: { readonly synchronous?: Synchronous; readonly mayBeNew?: boolean } = {},
): SqliteSideStore => {
  const database = openDatabase(path, RECORDS_FORMAT);
  database.exec('PRAGMA secure_delete = ON');
  const check = new DatabaseCheck(database, path, RECORDS_FORMAT);
  let prepared: Statements | undefined;
  const rows = (): Statements => {
    if (check.fault !== undefined) throw check.fault;
    prepared ??= statements(database, seal);
    return prepared;
  };
  const seal = new Seal(guard, basename(path), () => rows().rows);
  const writer = new GroupCommit(database, check, seal);
  if (mayBeNew && hasNoRow(database, 'side')) {
    // Another process may be faster. If the seal cannot be written now, the file has none.
    writer.write(() => hasNoRow(database, 'side') && seal.renew(true)).catch(() => undefined);
    writer.flush();
  }
  // Not earlier: a power cut could lose a new file's seal and leave commits.
  database.exec(`PRAGMA synchronous = ${synchronous}`);
  /** Throws on a key or a value that the side store cannot store. */
  const rowOf = (kind: string, id: string, value: JsonValue): SideRow => {
    assertSideStoreKey(kind, id);
    const text = encodeSideValue(value);
    return { kind, id, value: text, mac: macOfRecord(guard, kind, id, text) };
  };
  return {
    ...upkeep(database, writer, guard, seal),
    check,
    sealed: sealedFile(path, writer, seal, () => rows().rows),
    get: async (kind, id) => {
      assertSideStoreKey(kind, id);
      const row = guarded('get', () => rows().rows.one(kind, id), database);
      return row && verifiedEntry(guard, row)?.value;
    },
    put: async (kind, id, value) => {
      const row = rowOf(kind, id, value);
      await writer.write(() => rows().put(row));
    },
    putIfAbsent: async (kind, id, value) => {
      const row = rowOf(kind, id, value);
      return writer.write(() => rows().putIfAbsent(row));
    },
    remove: async (kind, id) => {
      assertSideStoreKey(kind, id);
      await writer.write(() => rows().remove(kind, id));
    },
    list: async (kind, prefix = '', { after = '', limit = Number.POSITIVE_INFINITY } = {}) => {
      assertSideStoreKey(kind, prefix || '-');
      const first = isAbove(after, prefix) ? after : prefix;
      const read = () => {
        const entries: SideEntry[] = [];
        for (const each of rows().from.iterate(kind, first)) {
          const row = toRow(each);
          if (row.id === after) continue;
          // Ids with the same prefix are adjacent, and among them may be one that is too large to be read.
          if ((each.id !== null && !row.id.startsWith(prefix)) || entries.length >= limit) break;
          const entry = verifiedEntry(guard, row);
          if (entry !== undefined) entries.push(entry);
        }
        return entries;
      };
      return guarded('list', read, database);
    },
    close: async () => {
      if (!database.isOpen) return;
      writer.close();
      database.close();
    },
  };
};

type Statements = ReturnType<typeof statements>;

const statements = (database: DatabaseSync, seal: Seal) => {
  const rows = rowsIn(database);
  const insert = database.prepare(`INSERT INTO side (${COLUMNS}) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const remove = database.prepare('DELETE FROM side WHERE kind = ? AND id = ?');
  const assertStored = (row: SideRow): void => {
    const { kind, id } = row;
    const found = rows.one(kind, id);
    assertReadBack(columnsOf(row), found === undefined ? [] : columnsOf(found), `the record ${kind}/${id}`);
    seal.added(row);
  };
  const noteOld = (kind: string, id: string): void => {
    const old = rows.one(kind, id);
    if (old !== undefined) seal.removed(old);
  };
  return {
    rows,
    from: database.prepare(`SELECT ${READ} FROM ${BY_KEY} WHERE kind = ? AND id >= ? ORDER BY side.id`),
    put: (row: SideRow): void => {
      noteOld(row.kind, row.id);
      rows.put(row);
      assertStored(row);
    },
    putIfAbsent: (row: SideRow): boolean => {
      const isNew = insert.run(...columnsOf(row)).changes === 1;
      if (isNew) assertStored(row);
      return isNew;
    },
    remove: (kind: string, id: string): void => {
      noteOld(kind, id);
      remove.run(kind, id);
      if (rows.one(kind, id) !== undefined) throw new CorruptStore(`the record ${kind}/${id} was removed and is still there`);
    },
  };
};

type Key = readonly [kind: Uint8Array, id: Uint8Array];

const rowsIn = (database: DatabaseSync): SideRows => {
  const one = database.prepare(`SELECT ${READ} FROM ${BY_KEY} WHERE kind = ? AND id = ?`);
  const upsert = database.prepare(`INSERT INTO side (${COLUMNS}) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET value = excluded.value, mac_key = excluded.mac_key, mac = excluded.mac`);
  // In index order.
  const walk = database.prepare(`SELECT *, CAST(kind AS BLOB) AS k, CAST(id AS BLOB) AS i FROM (SELECT ${READ} FROM ${BY_KEY})`);
  return {
    one: (kind, id) => {
      const found = one.get(kind, id);
      return found && toRow(found);
    },
    *all() {
      let last: Key = [new Uint8Array(), new Uint8Array()];
      for (const row of walk.iterate()) {
        yield toRow(row);
        // Keys that are not text sort last.
        if (typeof row.kind !== 'string' || typeof row.id !== 'string') continue;
        const key = [row.k, row.i] as Key;
        if ((Buffer.compare(key[0], last[0]) || Buffer.compare(key[1], last[1])) <= 0)
          throw new CorruptStore(`its index is damaged at the record ${row.kind}/${row.id}`);
        last = key;
      }
    },
    put: (row) => void upsert.run(...columnsOf(row)),
  };
};

const sealedFile = (path: string, writer: GroupCommit, seal: Seal, rows: () => SideRows): SealedFile => {
  const fits = async (): Promise<boolean> => {
    const own = rows();
    if (path === ':memory:') return seal.fits(own);
    const reader = openFile(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    try {
      reader.exec('BEGIN');
      return await seal.fits(rowsIn(reader));
    } finally {
      reader.close();
    }
  };
  // A file that cannot be read to its end takes no new seal.
  let hasFitted = true;
  return {
    file: basename(path),
    isWhole: () => hasFitted && guarded('seal', seal.hasFitted),
    verify: async () => {
      hasFitted = await fits().catch((error: unknown) => {
        const known = translated('seal', error);
        if (known instanceof CorruptStore) return false;
        throw known;
      });
      return hasFitted;
    },
    renew: async (isWhole) => {
      await writer.write(() => seal.renew(isWhole));
      hasFitted = true;
    },
  };
};

const upkeep = (database: DatabaseSync, writer: GroupCommit, guard: RecordGuard, seal: Seal): RecordMacs => {
  const all = () => rowsIn(database).all();
  return {
    altered: async () => {
      const look = () => {
        const found: AlteredRecord[] = [];
        for (const row of all()) {
          const problem = row.kind === SEAL_KIND ? undefined : rowProblem(guard, row);
          if (problem !== undefined) found.push({ kind: row.kind, id: row.id, problem });
        }
        return found;
      };
      return guarded('check', look, database);
    },
    renewMacs: (tick) => {
      // The older key is dropped next: rows that a power cut reverted would then have no valid key.
      database.exec('PRAGMA synchronous = FULL');
      return writer.write(() => {
        const replaceMac = database.prepare('UPDATE side SET mac_key = ?, mac = ? WHERE kind = ? AND id = ?');
        let renewed = 0;
        const fitted = seal.hasFitted();
        for (const row of all()) {
          const mac = row.kind === SEAL_KIND ? undefined : renewedRecordMac(guard, row);
          if (mac === undefined) continue;
          replaceMac.run(mac.keyId, mac.tag, row.kind, row.id);
          renewed += 1;
          tick?.();
        }
        seal.renew(fitted);
        return renewed;
      });
    },
  };
};

/** Compares by UTF-8 bytes, like SQLite. */
const isAbove = (id: string, other: string): boolean => Buffer.compare(Buffer.from(id), Buffer.from(other)) >= 0 && id !== '';

const columnsOf = ({ kind, id, value, mac }: SideRow) => [kind, id, value, mac?.keyId ?? null, mac?.tag ?? null] as const;

/** A key may be a BLOB if the schema was different for a while: as text it has no valid MAC. */
const toRow = (row: Record<string, unknown>): SideRow => ({
  kind: String(row.kind),
  id: String(row.id),
  value: row.value as string,
  mac: macIn(row),
});
