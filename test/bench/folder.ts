import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Inside the project, not in the folder for temporary files, which is often in memory, where an fsync costs nothing. */
const PARENT = join(import.meta.dirname, '../../node_modules/.cache/aldergate-bench');

const made: string[] = [];

/**
 * Makes a temporary folder on the project's disk. It is removed when the process ends: an ext4 file system without a journal looks at each
 * file that was removed in the minutes before whenever it makes a new one.
 */
export const makeFolder = (): string => {
  mkdirSync(PARENT, { recursive: true });
  const path = mkdtempSync(join(PARENT, 'run-'));
  if (made.length === 0)
    process.on('exit', () => {
      for (const one of made) rmSync(one, { recursive: true, force: true });
    });
  made.push(path);
  return path;
};
