import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RUN_MARK, SHARED } from './sharedFolder.ts';

/** Names of entries in the temporary folder that programs make for themselves: Node's cache, and what Chromium has until it is killed. */
const OF_PROGRAMS = /^(?:node-compile-cache$|\.org\.chromium\.Chromium\.|playwright)/u;

/** A disk in memory, as most Linux machines have it. */
const IN_MEMORY = '/dev/shm';
const IN_MEMORY_BYTES_MIN = 8 * 1_073_741_824;

/** In memory where there is plenty: thousands of databases wait for a disk at each commit. Tests that need a disk of its own make one. */
export const place = (): string => {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return bavail * bsize < IN_MEMORY_BYTES_MIN ? tmpdir() : IN_MEMORY;
  } catch {
    return tmpdir();
  }
};

/**
 * Gives a run of the tests a temporary folder of its own, which the workers and their child processes inherit, and removes it at
 * the end. Throws if a test left anything in it, because leftovers of many runs fill a disk.
 */
export const setup = (): (() => void) | undefined => {
  // Each project of the configuration calls this in the same process; the first makes the folder for all.
  if (process.env[RUN_MARK] !== undefined) return undefined;
  const folder = mkdtempSync(join(place(), 'aldergate-tests-'));
  // The command line and the servers are started hundreds of times; each start compiles half as long with what the one before compiled.
  Object.assign(process.env, { TMPDIR: folder, NODE_COMPILE_CACHE: join(folder, 'node-compile-cache'), [RUN_MARK]: folder });
  return () => {
    const left = readdirSync(folder).filter((name) => !OF_PROGRAMS.test(name) && !name.startsWith(SHARED));
    for (const name of left) rmSync(join(folder, name), { recursive: true, force: true });
    // A worker stores what it compiled when it exits, and workers exit beside this: the folder goes once they have all ended.
    process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    if (left.length > 0) throw new Error(`tests left in the temporary folder: ${left.join(', ')}`);
  };
};
