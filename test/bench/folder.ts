import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Beside the project, not in the folder for temporary files: that one is often in memory, where an fsync costs nothing. */
const PARENT = join(import.meta.dirname, '../../node_modules/.cache/aldergate-bench');

/** A throw-away folder on the disk that the project lies on. */
export const makeFolder = (): { readonly path: string; readonly remove: () => void } => {
  mkdirSync(PARENT, { recursive: true });
  const path = mkdtempSync(join(PARENT, 'run-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};
