import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openSqliteStore } from '../../../functions/platform/store/sqlite/sqliteStore.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { runEvery, skipUnlessCommitted } from '../../../infra/local/loops.ts';
import { runSequencer } from '../../../infra/local/sequencing.ts';
import { readSettings } from '../../../infra/local/settings.ts';
import { recordAfter } from '../../contract/underTest.ts';
import { folderOfTest } from '../../support/folders.ts';
import { testMacs } from '../../support/macs.ts';
import { unheard } from './revokedCity.ts';

const HOURS_MS = 3_600_000;

const openTwo = () => {
  const folder = folderOfTest('loops');
  const open = () => openSqliteStore(join(folder, 'aldergate.db'), testMacs);
  const [store, other] = [open(), open()];
  onTestFinished(async () => void (await Promise.all([store.close(), other.close()])));
  return { store, other };
};

test('a sweep is left out until any process has committed, and repeated after it failed', async () => {
  const { store, other } = openTwo();
  const first = recordAfter(undefined);
  let [runs, fails] = [0, false];
  const task = async () => {
    runs += 1;
    if (fails) throw new Error('down');
  };
  const sweep = skipUnlessCommitted(store, HOURS_MS, task);
  const runsOf = async () => {
    runs = 0;
    await sweep();
    // What another process writes is seen from the next turn on.
    await setImmediate();
    return runs;
  };
  expect([await runsOf(), await runsOf()]).toEqual([1, 0]);
  await other.append([first]);
  expect([await runsOf(), await runsOf()]).toEqual([1, 0]);
  await store.append([recordAfter(first)]);
  fails = true;
  await expect(runsOf()).rejects.toThrow('down');
  fails = false;
  expect([await runsOf(), await runsOf()]).toEqual([1, 0]);
});

test('what is committed during a sweep, and what waits for longer than a time, is swept again', async () => {
  const { store, other } = openTwo();
  let runs = 0;
  const task = async () => {
    runs += 1;
    if (runs === 1) await other.append([recordAfter(undefined)]);
  };
  const sweep = skipUnlessCommitted(store, HOURS_MS, task);
  for (let times = 0; times < 4; times += 1) {
    await sweep();
    await setImmediate();
  }
  expect(runs).toBe(2);
  const impatient = skipUnlessCommitted(store, 0, task);
  await impatient();
  await impatient();
  expect(runs).toBe(4);
});

const MODULE = new URL('../../../infra/local/loops.ts', import.meta.url);

const program = (asked: string) => `
  import { aborted, endRequested, ignoreOutputErrors } from ${JSON.stringify(MODULE.href)};
  ignoreOutputErrors();
  setInterval(() => process.stderr.write('a line\\n', (error) => console.log(error ? 'lost' : 'written')), 5);
  await aborted(${asked});
  process.exit(7);
`;
const start = (asked: string) => spawn(process.execPath, ['--input-type=module', '-e', program(asked)], { stdio: 'pipe' });

const comes = async (child: ReturnType<typeof start>, text: string) => {
  let printed = '';
  while (!printed.includes(text)) printed += String((await once(child.stdout, 'data'))[0]);
};

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s asks a process to end, which ends by its own doing', async (name) => {
  const child = start('endRequested()');
  child.stderr.resume();
  await comes(child, 'written');
  child.kill(name);
  expect(await once(child, 'exit')).toEqual([7, null]);
});

test('a process goes on when the reader of its log is gone', async () => {
  const child = start('endRequested()');
  child.stderr.destroy();
  await comes(child, 'lost');
  await comes(child, 'lost');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([7, null]);
});

test('a process that needs its reader is asked to end when it is gone', async () => {
  const child = start('endRequested(process.stdout)');
  child.stderr.resume();
  await comes(child, 'written');
  child.stdout.destroy();
  expect(await once(child, 'exit')).toEqual([7, null]);
});

test('a failure that lasts is logged once a minute, and another one at once', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const logged: unknown[] = [];
  let why = 'down';
  const loop = runEvery(
    1_000,
    ({ message }) => void logged.push(message),
    'failed',
    () => Promise.reject(new Error(why)),
  );
  await vi.advanceTimersByTimeAsync(90_500);
  expect(logged).toEqual(['down', 'down']);
  why = 'full';
  await vi.advanceTimersByTimeAsync(2_000);
  expect(logged).toEqual(['down', 'down', 'full']);
  await loop.stop();
});

test('a public log that cannot be written is said once, not at each sweep', async () => {
  const data = folderOfTest('loops');
  const installation = openInstallation(readSettings({ ALDERGATE_DATA: data }, 'no file'));
  onTestFinished(() => installation.close());
  writeFileSync(join(data, 'log'), 'a file in the place of the folder');
  const logged: string[] = [];
  const sequencing = runSequencer(installation, ({ event }) => void logged.push(event), unheard);
  for (let times = 0; times < 3; times += 1) expect(await sequencing.sweep()).toBe(false);
  await sequencing.stop();
  expect(logged).toEqual(['sequencer failed']);
});
