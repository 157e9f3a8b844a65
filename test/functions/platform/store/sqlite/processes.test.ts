import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { load } from '../../../../../functions/platform/store/load.ts';
import { openSqliteStore } from '../../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { submit } from '../../../../../functions/platform/store/submit.ts';
import { enter, ledger, ledgerOf, portsOn, readFeed, recordAfter } from '../../../../contract/underTest.ts';
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

const appending = (...args: readonly string[]): ChildProcessByStdio<null, Readable, null> =>
  spawn(process.execPath, [APPENDING, path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });

/** Lets the process run until it has acknowledged so many, kills it in the middle of its work, and returns what it acknowledged. */
const appendAndKill = async (prefix: string, acknowledgedMin: number): Promise<string[]> => {
  const child = appending(prefix);
  let output = '';
  for await (const chunk of child.stdout) {
    output += String(chunk);
    if (output.split('\n').length > acknowledgedMin) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  // A line that was cut off by the kill says nothing.
  return output.split('\n').slice(0, -1);
};

test('kill -9 in the middle of appending: everything acknowledged is there, once, and the chain holds', async () => {
  for (const [round, acknowledgedMin] of [1, 200].entries()) {
    const acknowledged = await appendAndKill(`round${round}/`, acknowledgedMin);
    expect(acknowledged.length).toBeGreaterThanOrEqual(acknowledgedMin);
    const store = openSqliteStore(path, testMacs);
    const there = new Map<string, string>();
    const streams = new Map<string, number>();
    for (const { stream, version, commandId } of (await readFeed(store, undefined, 500)).items) {
      there.set(`${stream} ${version}`, commandId);
      expect(version).toBe((streams.get(stream) ?? 0) + 1);
      streams.set(stream, version);
    }
    expect(acknowledged.filter((line) => there.get(line.split(' ', 2).join(' ')) !== `enter ${line.split(' ')[2]}`)).toEqual([]);
    for (const [stream, version] of streams) {
      const folded = await load(store, ledgerOf(2), stream);
      expect(folded.state).toEqual((await load(store, ledger, stream)).state);
      expect(new Set(folded.state.entries).size).toBe(version);
    }
    await store.close();
  }
});

test('a cached head is never older than what another process has acknowledged', async () => {
  const store = openSqliteStore(path, testMacs);
  let checked = 0;
  for await (const line of createInterface({ input: appending('theirs/', '1', '150').stdout })) {
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
  const acknowledged: string[] = [];
  const child = appending('shared/', '1', '90');
  const ended = once(child, 'exit');
  let own = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line.split(' ')[2] ?? '');
    if (own < 90 && (await submit(portsOn(store), ledger, enter('shared/0/0', [`own ${own}`]))).ok) {
      acknowledged.push(`own ${own}`);
      own += 1;
    }
  }
  for (; own < 90; own += 1) {
    await submit(portsOn(store), ledger, enter('shared/0/0', [`own ${own}`]));
    acknowledged.push(`own ${own}`);
  }
  expect(await ended).toStrictEqual([0, null]);
  const { state, version } = await load(store, ledger, 'shared/0/0');
  expect(version).toBe(180);
  expect(new Set(state.entries)).toEqual(new Set(acknowledged));
  expect(state.entries).toHaveLength(180);
  await store.close();
});

test('heads of one connection, read between any two steps of another, are always the newest', async () => {
  const [one, two] = [openSqliteStore(path, testMacs), openSqliteStore(path, testMacs)];
  for (let step = 0; step < 40; step += 1) {
    const writer = step % 3 === 0 ? two : one;
    await writer.append(recordAfter(await writer.head('feature/flock')));
    for (const reader of [one, two]) expect((await reader.head('feature/flock'))?.version).toBe(step + 1);
    if (step % 5 === 0) await setImmediate();
  }
  await one.close();
  await two.close();
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
