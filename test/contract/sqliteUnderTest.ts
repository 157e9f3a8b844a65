import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { columnsOf, openSqliteStore } from '../../functions/platform/store/sqlite/sqliteStore.ts';
import { forgedMacs, remac, testMacs } from '../support/macs.ts';
import type { StoreUnderTest, Tampering } from './underTest.ts';

const tamper = (path: string, stream: string, version: number, changes: Tampering) => {
  const { bytes, state, attachmentBytes, attachments, mac } = changes;
  const database = new DatabaseSync(path, { timeout: 3_000 });
  const row = database.prepare('SELECT seq FROM commits WHERE stream = ? AND version = ?').get(stream, version);
  const seq = Number(row?.seq);
  if (bytes) database.prepare('UPDATE commits SET bytes = ? WHERE seq = ?').run(bytes, seq);
  if (state) database.prepare('UPDATE commits SET state = ? WHERE seq = ?').run(state, seq);
  if (attachmentBytes) database.prepare('UPDATE commits SET attached = ? WHERE seq = ?').run(attachmentBytes, seq);
  if (attachments)
    database.prepare('UPDATE commits SET attachments = ?, attached = ? WHERE seq = ?').run(...columnsOf(attachments), seq);
  if (mac === 'none') database.prepare('UPDATE commits SET mac_key = NULL, mac = NULL WHERE seq = ?').run(seq);
  if (mac === 'of a stranger') remac(database, stream, version, forgedMacs);
  if (mac === 'valid') remac(database, stream, version);
  database.close();
};

/** Makes appends fail: another process writes for longer than they wait. */
const failAppends = async (path: string) => {
  const database = new DatabaseSync(path, { timeout: 3_000 });
  database.exec('BEGIN IMMEDIATE');
  return async () => database.close();
};

export const sqliteStoreUnderTest = async (): Promise<StoreUnderTest> => {
  const folder = await mkdtemp(join(tmpdir(), 'aldergate-store-'));
  const path = join(folder, 'commits.sqlite');
  const [store, other, forger] = [
    openSqliteStore(path, testMacs),
    openSqliteStore(path, testMacs),
    openSqliteStore(path, forgedMacs),
  ];
  return {
    store,
    other,
    forger,
    tamper: async (stream, version, changes) => {
      tamper(path, stream, version, changes);
      // Another process cannot act within a turn of this one.
      await setImmediate();
    },
    failAppends: () => failAppends(path),
    close: async () => {
      for (const each of [store, other, forger]) await each.close();
      await rm(folder, { recursive: true });
    },
  };
};
