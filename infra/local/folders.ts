import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../../functions/platform/logging.ts';

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Syncs a file, or the names in a folder; with `a` makes the file if it is missing. */
export const synced = (path: string, flags: 'a' | 'r' = 'r'): void => {
  const file = openSync(path, flags, 0o600);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/** Syncs the names in a folder. One that may be written but not read is left as it is: it cannot be synced. */
const syncedNames = (folder: string): void => {
  try {
    synced(folder);
  } catch (error) {
    if (codeOf(error) !== 'EACCES') throw error;
  }
};

/** Makes a folder, and those above it, unless it is there. Where none can be made, as below /proc, mkdir of node:fs never ends by itself. */
export const makeFolder = (path: string): void => {
  if (isFolder(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
    syncedNames(dirname(path));
  } catch (error) {
    // Another process may have made it.
    if (codeOf(error) !== 'EEXIST' || !isFolder(path)) throw error;
  }
};

/**
 * Writes and syncs a draft of a file beside it, and returns its path. What is there of the same process id, as of a container that was
 * killed, or a link that leads elsewhere, is replaced.
 */
export const fileDraft = (path: string, text: string, mode: number): string => {
  const draft = `${path}.${process.pid}.new`;
  try {
    rmSync(draft, { recursive: true, force: true });
    writeFileSync(draft, text, { flag: 'wx', mode, flush: true });
    return draft;
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
};

/** Gives a file its content in one step: no full disk, kill or power cut leaves it half written, or takes it once this returns. */
export const placeFile = (path: string, text: string, mode: number): void => {
  renameSync(fileDraft(path, text, mode), path);
  syncedNames(dirname(path));
};
