import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { compareWithLog, type EntryJudge } from '../../../../functions/log/verify/fsck.ts';
import { LogFault } from '../../../../functions/log/verify/readLog.ts';
import { CorruptStore } from '../../../../functions/platform/store/errors.ts';
import { openSqliteStore } from '../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { testMacs } from '../../../support/macs.ts';
import { type Bench, bench } from '../sequencer/ports.ts';
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
const verdict = async (): Promise<number | string | undefined> => {
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

test('what was not touched is clean', async () => {
  expect(await verdict()).toBe('clean at 310');
  await ports.write('observation/a');
  expect(await verdict()).toBe('clean at 310');
});

describe('behind the gateway’s back, the first bad index is named', () => {
  test('a commit is overwritten', async () => {
    overwrite(ports.database, 'feature/a', 6, (commit) => ({ ...commit, actor: 'someone' }));
    expect(await verdict()).toBe(5);
  });

  test('the newest commit of a stream is overwritten: no later commit shows it', async () => {
    overwrite(ports.database, 'observation/a', 10, (commit) => ({ ...commit, actor: 'someone' }));
    expect(await verdict()).toBe(309);
  });

  test('a commit is overwritten with other bytes than a commit’s', async () => {
    tamper(ports.database, (database) =>
      database.exec("UPDATE commits SET bytes = x'7b7d' WHERE stream = 'observation/a' AND version = 3"),
    );
    expect(await verdict()).toBe(302);
  });

  test('a commit is deleted', async () => {
    tamper(ports.database, (database) => database.exec("DELETE FROM commits WHERE stream = 'feature/a' AND version = 201"));
    expect(await verdict()).toBe(200);
  });

  test('the last commits are deleted', async () => {
    tamper(ports.database, (database) => database.exec("DELETE FROM commits WHERE stream = 'observation/a' AND version > 8"));
    expect(await verdict()).toBe(308);
  });

  test('two commits change places', async () => {
    tamper(ports.database, (database) =>
      database.exec(
        "UPDATE commits SET version = 999 WHERE stream = 'observation/a' AND version = 2; UPDATE commits SET version = 2 WHERE stream = 'observation/a' AND version = 4; UPDATE commits SET version = 4 WHERE stream = 'observation/a' AND version = 999;",
      ),
    );
    expect(await verdict()).toBe(301);
  });

  test('the log is put back to an earlier state', async () => {
    tamper(ports.database, (database) => database.exec("DELETE FROM commits WHERE stream = 'log' AND version = 3"));
    expect(await verdict()).toBe(305);
  });

  test("one of the log's own commits is overwritten", async () => {
    overwrite(ports.database, 'log', 2, (commit) => ({ ...commit, actor: 'someone' }));
    expect(await verdict()).toBe('corrupt');
  });
});

test('the sequencer signs nothing over a commit that does not continue its chain, and continues with the other streams', async () => {
  await ports.write('feature/a', 2);
  overwrite(ports.database, 'feature/a', 302, (commit) => ({ ...commit, prev: `sha256:${'0'.repeat(64)}` }));
  await ports.write('observation/a', 2);
  expect((await sequence(ports))?.size).toBe(313);
  expect(ports.logged.map(({ event }) => event)).toEqual(['stream is kept out of the public log']);
  expect((await sequence(ports))?.size).toBe(313);
  expect(ports.logged.length).toBe(1);
});

test('a row that gives no commit is kept out by name; everything else is published, and it too once it is mended', async () => {
  await ports.write('feature/a', 3);
  let bytes: unknown;
  tamper(ports.database, (database) => {
    bytes = database.prepare("SELECT bytes FROM commits WHERE stream = 'feature/a' AND version = 302").get()?.bytes;
    database.exec("UPDATE commits SET bytes = x'7b7d' WHERE stream = 'feature/a' AND version = 302");
  });
  await ports.write('observation/a', 2);
  const store = openSqliteStore(ports.database, testMacs);
  expect((await sequence({ ...ports, store }))?.size).toBe(313);
  expect(ports.logged).toMatchObject([
    { event: 'stream is kept out of the public log', stream: 'feature/a', version: 302, level: 'error' },
  ]);
  expect((await sequence({ ...ports, store }))?.size).toBe(313);
  expect(ports.logged.length).toBe(1);
  tamper(ports.database, (database) =>
    database
      .prepare("UPDATE commits SET bytes = ? WHERE stream = 'feature/a' AND version = 302")
      .run(bytes as Uint8Array<ArrayBuffer>),
  );
  expect((await sequence({ ...ports, store }))?.size).toBe(315);
  await store.close();
});

test('a store that was put back to an earlier state is not signed over', async () => {
  tamper(ports.database, (database) => database.exec("DELETE FROM commits WHERE stream = 'log' AND version = 3"));
  const store = openSqliteStore(ports.database, testMacs);
  await expect(sequence({ ...ports, store })).rejects.toMatchObject({ code: 'log-conflict' });
  await store.close();
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
