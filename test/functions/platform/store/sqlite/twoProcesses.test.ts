import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { load } from '../../../../../functions/platform/store/load.ts';
import { openSqliteStore } from '../../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { submit } from '../../../../../functions/platform/store/submit.ts';
import { enter, ledger, portsOn } from '../../../../contract/ledger.ts';
import { recordAfter } from '../../../../contract/records.ts';
import { testMacs } from '../../../../support/macs.ts';

const CHILD = new URL('appendingProcess.ts', import.meta.url).pathname;

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aldergate-processes-'));
  path = join(folder, 'commits.sqlite');
});
afterEach(() => rm(folder, { recursive: true }));

test('a cached head is never older than what another process has acknowledged', async () => {
  const store = openSqliteStore(path, testMacs);
  const child = spawn(process.execPath, [CHILD, path, 'theirs/', '1', '150'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let checked = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [stream = '', version] = line.split(' ');
    // Acknowledged over there before this read begins: it has to be seen here.
    const head = await store.head(stream);
    expect(head?.version).toBeGreaterThanOrEqual(Number(version));
    // Our own writes in between must not make theirs forgotten, nor the other way round.
    await submit(portsOn(store), ledger, enter('ours', [`o${checked}`]));
    expect((await store.head('ours'))?.version).toBe(checked + 1);
    checked += 1;
  }
  expect(checked).toBe(150);
  expect((await store.head('theirs/0/0'))?.version).toBe(150);
  await store.close();
});

test('two processes write the same stream: contiguous, nothing lost, nothing twice', async () => {
  const store = openSqliteStore(path, testMacs);
  const children = [1, 2].map(() =>
    spawn(process.execPath, [CHILD, path, 'shared/', '1', '90'], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const acknowledged: string[] = [];
  await Promise.all(
    children.map(async (child) => {
      for await (const line of createInterface({ input: child.stdout })) acknowledged.push(line.split(' ')[2] ?? '');
      if (child.exitCode === null) await once(child, 'exit');
      expect(child.exitCode).toBe(0);
    }),
  );
  const { state, version } = await load(store, ledger, 'shared/0/0');
  expect(version).toBe(180);
  expect(new Set(state.entries)).toEqual(new Set(acknowledged));
  expect(state.entries).toHaveLength(180);
  await store.close();
});

test('heads of one connection, read between any two steps of another, are always the newest', async () => {
  const [one, two] = [openSqliteStore(path, testMacs), openSqliteStore(path, testMacs)];
  const stores = [one, two];
  for (let step = 0; step < 40; step += 1) {
    const writer = stores[step % 3 === 0 ? 1 : 0];
    const head = await writer?.head('feature/flock');
    await writer?.append(recordAfter(head));
    for (const reader of stores) expect((await reader.head('feature/flock'))?.version).toBe(step + 1);
    if (step % 5 === 0) await setImmediate();
  }
  await one.close();
  await two.close();
});
