import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../../../functions/platform/store/sqlite/sqliteStore.ts';
import { type SubmitPorts, submit } from '../../../functions/platform/store/submit.ts';
import { testMacs } from '../../support/macs.ts';
import { makeFolder } from '../folder.ts';
import { counter, portsOf } from '../peers/gate.ts';
import { EVENT } from '../peers/peer.ts';
import { compare } from '../rounds.ts';
import type { Result } from './result.ts';

const ROUNDS = 5;
const ROUND_MS_MAX = 1_000;
const WRITERS = [
  { writers: 1, count: 200 },
  { writers: 32, count: 1_000 },
] as const;

/**
 * Writes with `writers` at once, each as soon as it may again, until `count` commits are written or the time is over; returns commits a
 * second.
 */
const writeAll = async (writers: number, count: number, write: (index: number) => Promise<void>): Promise<number> => {
  let next = 0;
  const started = performance.now();
  const writer = async (): Promise<void> => {
    while (next < count && performance.now() - started < ROUND_MS_MAX) {
      next += 1;
      await write(next);
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  return (next * 1_000) / (performance.now() - started);
};

const ours =
  (ports: SubmitPorts, writers: number, count: number) =>
  (round: number): Promise<number> =>
    writeAll(writers, count, async (index) => {
      // A few streams a writer, so that some commits begin a stream and most go on with one.
      const stream = `counter/${writers}-${round}-${index % (writers * 4)}`;
      await submit(ports, counter, { stream, commandId: randomUUID(), actor: 'bench', command: () => null });
    });

const rawCommits = (path: string) => {
  const database = new DatabaseSync(path);
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE row (id INTEGER PRIMARY KEY, bytes BLOB) STRICT',
  );
  const insert = database.prepare('INSERT INTO row (bytes) VALUES (?)');
  const bytes = Buffer.from(JSON.stringify(EVENT));
  return { write: async () => void insert.run(bytes), close: () => database.close() };
};

/** Measure 4: commands a second through the append protocol, against rows that are committed one by one. */
export const appends = async (): Promise<readonly Result[]> => {
  const path = makeFolder();
  const store = openSqliteStore(join(path, 'commits.db'), testMacs);
  const ports = portsOf(store);
  const raw = rawCommits(join(path, 'raw.db'));
  const results: Result[] = [];
  for (const { writers, count } of WRITERS) {
    results.push({
      name: `commands appended, ${writers} writer${writers === 1 ? '' : 's'}`,
      peerName: 'SQLite, one-row commits',
      unit: 'commits/s',
      aim: null,
      ...(await compare(ROUNDS, ours(ports, writers, count), () => writeAll(writers, count, raw.write))),
    });
  }
  raw.close();
  await store.close();
  return results;
};
