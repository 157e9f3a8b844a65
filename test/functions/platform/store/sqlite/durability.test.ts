import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { load } from '../../../../../functions/platform/store/load.ts';
import { openSqliteStore } from '../../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { ledger, ledgerOf } from '../../../../contract/ledger.ts';
import { readFeed } from '../../../../contract/readFeed.ts';
import { testMacs } from '../../../../support/macs.ts';

const CHILD = new URL('appendingProcess.ts', import.meta.url).pathname;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aldergate-durability-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Lets the process run until it has acknowledged so many, kills it in the middle of its work, and returns what it acknowledged. */
const appendAndKill = async (path: string, prefix: string, acknowledgedMin: number): Promise<string[]> => {
  const child = spawn(process.execPath, [CHILD, path, prefix], { stdio: ['ignore', 'pipe', 'inherit'] });
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
  const path = join(folder, 'killed.sqlite');
  for (const [round, acknowledgedMin] of [30, 150, 400, 1].entries()) {
    const acknowledged = await appendAndKill(path, `round${round}/`, acknowledgedMin);
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
