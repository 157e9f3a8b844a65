import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings, type Settings } from '../../infra/local/settings.ts';

/** The settings of a data folder: those of `npm start`, on any port. */
export const settingsOf = (data: string): Settings =>
  readSettings({ ALDERGATE_DATA: data, ALDERGATE_URL: 'http://127.0.0.1', PORT: '0' });

/** Inside the project, not in the folder for temporary files, which is often in memory, where an fsync costs nothing. */
const PARENT = join(import.meta.dirname, '../../node_modules/.cache/aldergate-bench');

const made: string[] = [];
process.once('exit', () => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

/**
 * Makes a temporary folder on the project's disk. It is removed when the process ends: an ext4 file system without a journal looks at each
 * file that was removed in the minutes before whenever it makes a new one.
 */
export const makeFolder = (): string => {
  mkdirSync(PARENT, { recursive: true });
  const path = mkdtempSync(join(PARENT, 'run-'));
  made.push(path);
  return path;
};
