import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Inside the project, not in the folder for temporary files, which is often in memory, where an fsync costs nothing. */
const PARENT = join(import.meta.dirname, '../../node_modules/.cache/aldergate-bench');

/** Makes a temporary folder on the project's disk. */
export const makeFolder = (): { readonly path: string; readonly remove: () => void } => {
  mkdirSync(PARENT, { recursive: true });
  const path = mkdtempSync(join(PARENT, 'run-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};
