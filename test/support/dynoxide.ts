import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../infra/demo/city.ts';

const POLL_MS = 10;
const PORTS_TRIED_MAX = 5;

/** A running DynamoDB engine of the test's own, empty at first. Use one a test file: it slows as stream records pile up. */
export interface Dynoxide {
  /** For the AWS client's `endpoint`; any region and any credentials will do. */
  readonly endpoint: string;
  /** Ends the process and removes its files. Safe to call twice. */
  readonly stop: () => Promise<void>;
}

const binary = () => {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('@dynoxide/linux-x64/package.json')), 'dynoxide');
  } catch {
    throw new Error(
      `No DynamoDB engine on ${process.platform} ${process.arch}: @dynoxide/linux-x64 is for Linux x64 and is left out by npm ci --omit=optional`,
    );
  }
};

const answers = async (endpoint: string) => {
  try {
    return (await fetch(endpoint)).headers.has('x-dynoxide-version');
  } catch {
    return false;
  }
};

/** True once it answers; false when the process ended first, as it does when someone else took the port meanwhile. */
const isUp = async (child: ChildProcess, endpoint: string) => {
  while (child.exitCode === null && child.signalCode === null) {
    if (await answers(endpoint)) return true;
    await sleep(POLL_MS);
  }
  return false;
};

const start = async (storage: readonly string[]) => {
  for (let tries = 0; tries < PORTS_TRIED_MAX; tries += 1) {
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const child = spawn(binary(), ['--port', String(port), ...storage], { stdio: 'ignore' });
    await once(child, 'spawn');
    if (await isUp(child, endpoint)) return { child, endpoint };
  }
  throw new Error(`dynoxide ended at once, ${PORTS_TRIED_MAX} times`);
};

/** Returns what kills a process and waits for its end, which comes with that of this process at the latest. */
export const ending = (child: ChildProcess): (() => Promise<void>) => {
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  return async () => {
    process.removeListener('exit', end);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    end();
    await ended;
  };
};

/**
 * Starts a DynamoDB engine on a free port with a folder of its own and waits until it answers. `memory` keeps it without files,
 * which is faster with hundreds of tables. Throws if there is no engine for this machine.
 */
export const startDynoxide = async (storage: 'files' | 'memory' = 'files'): Promise<Dynoxide> => {
  const folder = await mkdtemp(join(tmpdir(), 'aldergate-dynoxide-'));
  const { child, endpoint } = await start(storage === 'memory' ? [] : ['--db-path', join(folder, 'dynamo.db')]);
  const end = ending(child);
  const stop = async () => {
    await end();
    await rm(folder, { recursive: true, force: true });
  };
  return { endpoint, stop };
};
