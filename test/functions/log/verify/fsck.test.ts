import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, test } from 'vitest';
import { canonical } from '../../../../domain/kernel/canonical.ts';
import { hashOf } from '../../../../domain/kernel/commit.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { checkStore, compareWithLog, type EntryJudge, fsck } from '../../../../functions/log/verify/fsck.ts';
import { LogFault } from '../../../../functions/log/verify/readLog.ts';
import { CorruptStore } from '../../../../functions/platform/store/errors.ts';
import { newRecord } from '../../../../functions/platform/store/record.ts';
import { openSqliteStore } from '../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { day, notify } from '../../../domain/feature/support.ts';
import { city } from '../../../domain/judge/log.ts';
import { macColumns, testMacs } from '../../../support/macs.ts';
import { type Bench, bench, nextCommit } from '../sequencer/ports.ts';
import { overwrite, tamper } from './tamper.ts';

/** The events of these tests are of no importance. */
const acceptAll: EntryJudge = { next: () => ({ ok: true }), notices: { signed: 0, bySecret: 0, enteredByCity: 0 } };

let ports: Bench;

/** 300 commits of one stream, ten of another, in three checkpoints: index 5 is feature/a@6, 302 is policy@3. */
beforeEach(async () => {
  ports = bench();
  await ports.write('feature/a', 200);
  await sequence(ports);
  await ports.write('feature/a', 100);
  await ports.write('observation/a', 5);
  await sequence(ports);
  await ports.write('observation/a', 5);
  await sequence(ports);
});

/** What fsck says, by a store that was opened after the deed. */
const verdict = async () => {
  const store = openSqliteStore(ports.database, testMacs);
  try {
    return `clean at ${(await compareWithLog({ ...ports, store }, acceptAll)).size}`;
  } catch (error) {
    if (error instanceof LogFault) return error.index;
    if (error instanceof CorruptStore) return 'corrupt';
    throw error;
  } finally {
    await store.close();
  }
};

type Rows = ReadonlyMap<number, Uint8Array>;

const rowsOf = (path: string, stream: string): Rows => {
  const database = new DatabaseSync(path);
  const rows = database.prepare('SELECT version, bytes FROM commits WHERE stream = ?').all(stream);
  database.close();
  return new Map(rows.map(({ version, bytes }) => [Number(version), new Uint8Array(bytes as Uint8Array)] as const));
};

/** Writes these commits in place of a stream's, with valid MACs: the operator has the key. */
const put = (path: string, stream: string, rows: Rows) =>
  tamper(path, (database) => {
    database.prepare('DELETE FROM commits WHERE stream = ?').run(stream);
    const insert = database.prepare(
      "INSERT INTO commits (stream, version, bytes, state, state_version, mac_key, mac) VALUES (?, ?, ?, '{}', 1, ?, ?)",
    );
    for (const [version, bytes] of rows)
      insert.run(
        stream,
        version,
        bytes,
        ...macColumns({ stream, version, bytes, state: '{}', stateVersion: 1, attachments: [] }),
      );
  });

const edited = (bytes: Uint8Array | undefined, change: JsonObject): Uint8Array =>
  new Uint8Array(Buffer.from(canonical({ ...(JSON.parse(Buffer.from(bytes ?? []).toString()) as JsonObject), ...change })));

const chained = (stream: string, commits: readonly Uint8Array[]): Rows => {
  let prev: string | null = null;
  return new Map(
    commits.map((bytes, i) => {
      const own = edited(bytes, { stream, version: i + 1, prev });
      prev = hashOf(own);
      return [i + 1, own] as const;
    }),
  );
};

const A = 'feature/a';
const O = 'observation/a';
const listed = (rows: Rows) => [...rows.entries()].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
const stranger = () => nextCommit(A, undefined).bytes;

/** Manipulations of a stream, each with the first index of the log that differs from what was signed. */
const DEEDS: readonly (readonly [name: string, stream: string, deed: (rows: Rows) => Rows, found: number | 'corrupt'])[] = [
  ['a commit is overwritten', A, (rows) => new Map([...rows, [6, edited(rows.get(6), { actor: 'someone' })]]), 5],
  ['the newest commit is overwritten', O, (rows) => new Map([...rows, [10, edited(rows.get(10), { actor: 'someone' })]]), 309],
  ['a commit is overwritten with what is none', O, (rows) => new Map([...rows, [3, Buffer.from('{}')]]), 302],
  ['a commit is overwritten with nothing', O, (rows) => new Map([...rows, [1, new Uint8Array([0])]]), 300],
  ['a commit is deleted', A, (rows) => new Map([...rows].filter(([version]) => version !== 201)), 200],
  ['the first one is deleted', A, (rows) => new Map([...rows].filter(([version]) => version !== 1)), 0],
  ['one is deleted, and the rest moves up', A, (rows) => chained(A, listed(rows).toSpliced(20, 1)), 20],
  ['one is inserted, and the rest moves down', A, (rows) => chained(A, listed(rows).toSpliced(7, 0, stranger())), 7],
  ['one is inserted before all others', O, (rows) => chained(O, [stranger(), ...listed(rows)]), 300],
  ['two change places', O, (rows) => new Map([...rows, [2, rows.get(4) ?? stranger()], [4, rows.get(2) ?? stranger()]]), 301],
  ['all are put in another order, chained anew', A, (rows) => chained(A, listed(rows).toReversed()), 0],
  ['the end is cut off', O, (rows) => new Map([...rows].filter(([version]) => version <= 8)), 308],
  ['a stream is gone', O, () => new Map(), 300],
  ['the log itself is put back to an earlier state', 'log', (rows) => new Map([...rows].filter(([version]) => version < 3)), 305],
  ['a commit of the log is another', 'log', (rows) => new Map([...rows, [2, edited(rows.get(2), { actor: 'x' })]]), 'corrupt'],
];

test('behind the gateway’s back, the first bad index is named', async () => {
  expect(await verdict()).toBe('clean at 310');
  await ports.write(O);
  expect(await verdict()).toBe('clean at 310');
  for (const [name, stream, deed, found] of DEEDS) {
    const before = rowsOf(ports.database, stream);
    put(ports.database, stream, deed(before));
    expect(await verdict(), name).toBe(found);
    put(ports.database, stream, before);
  }
  expect(await verdict()).toBe('clean at 310');
});

test('the sequencer signs nothing over a commit that does not continue its chain, and continues with the other streams, and with it once it is mended', async () => {
  await ports.write('feature/a', 2);
  const before = rowsOf(ports.database, A);
  overwrite(ports.database, 'feature/a', 302, (commit) => ({ ...commit, prev: `sha256:${'0'.repeat(64)}` }));
  await ports.write('observation/a', 2);
  expect((await sequence(ports))?.size).toBe(313);
  expect(ports.logged.map(({ event }) => event)).toEqual(['stream is kept out of the public log']);
  expect((await sequence(ports))?.size).toBe(313);
  expect(ports.logged.length).toBe(1);
  put(ports.database, A, before);
  expect((await sequence(ports))?.size).toBe(314);
});

test('files that were exchanged are found also while a signed checkpoint is not published yet', async () => {
  await ports.write('observation/a');
  await sequence({ ...ports, cosigned: async () => undefined });
  expect(await verdict()).toBe('clean at 310');
  const file = join(ports.folder, 'tile/1/000.p/1');
  const bytes = readFileSync(file);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  expect(await verdict()).toBe(0);
});

test('a commit with a valid MAC that may not stand is named, outside the log and in it', async () => {
  const own = bench();
  const everything = { ...own, recordMacs: { altered: async () => [] } };
  const { commits } = city().feat(notify(day(0), 1));
  const append = async (inFeature: boolean) => {
    for (const commit of commits.filter(({ stream }) => stream.startsWith('feature/') === inFeature))
      await own.store.append([newRecord(commit, { state: '{}', stateVersion: 0, attachments: [] })]);
  };
  await append(false);
  await sequence(own);
  expect(await checkStore(own.store)).toStrictEqual({ rows: commits.length, problems: [] });
  expect(await fsck(everything)).toMatchObject({ rows: commits.length, checkpoints: 1 });

  // Nobody signed it.
  await append(true);
  const named = { rows: commits.length + 1, problems: [{ stream: 'feature/acme', version: 1 }] };
  expect(await checkStore(own.store)).toMatchObject(named);
  await expect(fsck(everything)).rejects.toThrow('feature/acme@1 may not stand');
  await sequence(own);
  expect(await checkStore(own.store)).toMatchObject({ ...named, rows: commits.length + 2 });
  await expect(fsck(everything)).rejects.toThrow('feature/acme@1 may not stand');
});
