import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, test } from 'vitest';
import { load } from '../../../../../functions/platform/store/load.ts';
import { openSqliteStore } from '../../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { submit } from '../../../../../functions/platform/store/submit.ts';
import { enter, ledger, portsOn, recordAfter } from '../../../../contract/underTest.ts';
import { folderOfTest } from '../../../../support/folders.ts';
import { testMacs } from '../../../../support/macs.ts';

const APPENDING = new URL('appendingProcess.ts', import.meta.url).pathname;
const MAKING = new URL('makingProcess.ts', import.meta.url).pathname;

let folder: string;
let path: string;
beforeEach(() => {
  folder = folderOfTest('processes');
  path = join(folder, 'commits.sqlite');
});

test('two processes write one stream: a cached head is never older than what the other one has acknowledged, nothing is lost, nothing twice', async () => {
  const [store, stream, each] = [openSqliteStore(path, testMacs), 'shared', 120];
  const child = spawn(process.execPath, [APPENDING, path, stream, String(each)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [version, entry = ''] = line.split(' ');
    // Acknowledged over there before this read begins: it has to be seen here.
    expect((await store.head(stream))?.version).toBeGreaterThanOrEqual(Number(version));
    const own = `own after ${entry}`;
    const answer = await submit(portsOn(store), ledger, enter(stream, [own]));
    expect(answer.ok && ((await store.head(stream))?.version ?? 0) >= answer.version).toBe(true);
    acknowledged.push(entry, own);
  }
  expect(await ended).toStrictEqual([0, null]);
  const { state, version } = await load(store, ledger, stream);
  expect([version, acknowledged.length]).toEqual([2 * each, 2 * each]);
  expect(state.entries.toSorted()).toEqual(acknowledged.toSorted());
  await store.close();
});

test('a head is not older than a commit that was read before it, whatever another thread commits within the turn', async () => {
  const [writer, stream] = [openSqliteStore(path, testMacs), 'feature/flock'];
  const first = recordAfter(undefined);
  for (const record of [first, recordAfter(first)]) await writer.append([record]);
  const other = new DatabaseSync(path);
  const second = other.prepare('SELECT * FROM commits WHERE version = 2').get() ?? expect.fail();
  for (const read of ['history', 'feed', 'places'] as const) {
    other.exec('DELETE FROM commits WHERE version = 2');
    const reader = openSqliteStore(path, testMacs);
    expect((await reader.head(stream))?.version).toBe(1);
    other.prepare(`INSERT INTO commits VALUES (${Object.keys(second).map(() => '?')})`).run(...Object.values(second));
    await (read === 'history' ? reader.history(stream, {}) : reader[read](undefined, 10));
    expect((await reader.head(stream))?.version, read).toBe(2);
    await reader.close();
  }
  other.close();
  await writer.close();
});

test('several processes may make a file at once', async () => {
  const paths = Array.from({ length: 40 }, (_, index) => join(folder, `born${index}`));
  const children = Array.from({ length: 2 }, () =>
    spawn(process.execPath, [MAKING, ...paths], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const ended = children.map((child) => once(child, 'exit'));
  await Promise.all(children.map(({ stdout }) => once(stdout, 'data')));
  for (const { stdin } of children) stdin.write('now');
  expect(await Promise.all(ended)).toStrictEqual(children.map(() => [0, null]));
  for (const each of paths) expect(existsSync(each)).toBe(true);
});
