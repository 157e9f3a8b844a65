import { existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Prefix of the folders that test files of a run share and do not remove: they go with the run's temporary folder. */
export const SHARED = 'aldergate-shared-';

/** Set in every process of a run of the tests, which has a temporary folder of its own. */
export const RUN_MARK = 'ALDERGATE_TESTS_TMPDIR';

/** Makes a folder for something slow to make that several files of a process use. */
export const sharedFolder = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `${SHARED}${name}-`));
  if (process.env[RUN_MARK] === undefined) process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const [LONGEST_MS, PAUSE_MS] = [300_000, 50];

const pause = (): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);

const fill = (name: string, make: (folder: string) => void) => {
  const folder = sharedFolder(name);
  make(folder);
  return folder;
};

/** Returns a folder that `make` fills once for all processes of a run, which must leave it as it is. Blocks while another one fills it. */
export const filledFolder = (name: string, make: (folder: string) => void): string => {
  if (process.env[RUN_MARK] === undefined) return fill(name, make);
  const folder = join(tmpdir(), `${SHARED}${name}`);
  const claim = `${folder}-claimed`;
  for (const end = performance.now() + LONGEST_MS; !existsSync(folder); ) {
    if (performance.now() > end) throw new Error(`another process did not fill ${folder}`);
    try {
      mkdirSync(claim);
    } catch {
      pause();
      continue;
    }
    try {
      if (!existsSync(folder)) renameSync(fill(name, make), folder);
    } finally {
      rmdirSync(claim);
    }
  }
  return folder;
};
