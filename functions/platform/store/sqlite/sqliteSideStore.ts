import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { CorruptStore } from '../errors.ts';
import { assertSideStoreKey, encodeSideValue, type SideEntry, type SideStore } from '../sideStore.ts';
import { guarded, openDatabase } from './database.ts';
import { GroupCommit } from './groupCommit.ts';

const FORMAT_VERSION = 1;
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS side (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID`;

/**
 * Opens the side store in a SQLite file of its own, apart from the commits. It holds data that may have to be forgotten (mail
 * addresses, redacted words) and secrets, so the commits' file can be copied, kept and shown without it; and its many small
 * writes (marks) would clear the cache of heads each time. `secure_delete` overwrites removed data.
 */
export const openSqliteSideStore = (path: string): SideStore => {
  const database = openDatabase(path, FORMAT_VERSION, SCHEMA);
  database.exec('PRAGMA secure_delete = ON');
  const writer = new GroupCommit(database);
  const one = database.prepare('SELECT id, value FROM side WHERE kind = ? AND id = ?');
  const from = database.prepare('SELECT id, value FROM side WHERE kind = ? AND id >= ? ORDER BY id');
  const above = database.prepare('SELECT id, value FROM side WHERE kind = ? AND id > ? ORDER BY id');
  const insert = database.prepare('INSERT INTO side (kind, id, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const upsert = database.prepare(
    'INSERT INTO side (kind, id, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  const remove = database.prepare('DELETE FROM side WHERE kind = ? AND id = ?');
  return {
    get: async (kind, id) => {
      assertSideStoreKey(kind, id);
      const row = guarded('side', () => one.get(kind, id));
      return row && toEntry(kind, row).value;
    },
    put: async (kind, id, value) => {
      assertSideStoreKey(kind, id);
      const text = encodeSideValue(value);
      await writer.write(() => upsert.run(kind, id, text));
    },
    putIfAbsent: async (kind, id, value) => {
      assertSideStoreKey(kind, id);
      const text = encodeSideValue(value);
      const { changes } = await writer.write(() => insert.run(kind, id, text));
      return changes === 1;
    },
    remove: async (kind, id) => {
      assertSideStoreKey(kind, id);
      await writer.write(() => remove.run(kind, id));
    },
    list: async (kind, prefix = '', { after = '', limit = Number.POSITIVE_INFINITY } = {}) => {
      assertSideStoreKey(kind, prefix || '-');
      return guarded('side', () => {
        const entries: SideEntry[] = [];
        const rows = isAbove(after, prefix) ? above.iterate(kind, after) : from.iterate(kind, prefix);
        for (const row of rows) {
          const entry = toEntry(kind, row);
          // Ids with the same prefix are adjacent in the order of the key.
          if (!entry.id.startsWith(prefix) || entries.length >= limit) break;
          entries.push(entry);
        }
        return entries;
      });
    },
    close: async () => {
      if (!database.isOpen) return;
      writer.close();
      database.close();
    },
  };
};

/** Reports whether one id sorts at or above another, by UTF-8 bytes as SQLite compares. */
const isAbove = (id: string, other: string): boolean => Buffer.compare(Buffer.from(id), Buffer.from(other)) >= 0 && id !== '';

const toEntry = (kind: string, row: Record<string, unknown>): SideEntry => {
  const id = row.id as string;
  try {
    return { id, value: JSON.parse(row.value as string) as JsonValue };
  } catch (cause) {
    throw new CorruptStore(`side ${kind}/${id} is no JSON`, { cause });
  }
};
