import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../../functions/platform/logging.ts';

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Syncs a file, or the entries of a folder; `a` creates a missing file. */
export const syncPath = (path: string, flags: 'a' | 'r' = 'r'): void => {
  const file = openSync(path, flags, 0o600);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/** Syncs the entries of a folder, unless it is writable but not readable: that cannot be synced. */
const syncedNames = (folder: string): void => {
  try {
    syncPath(folder);
  } catch (error) {
    if (codeOf(error) !== 'EACCES') throw error;
  }
};

/** Creates a folder and its parents if missing. Where that is impossible, as below /proc, node:fs's recursive mkdir never returns. */
export const makeFolder = (path: string): void => {
  if (isFolder(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
    syncedNames(dirname(path));
  } catch (error) {
    // Another process may have created it.
    if (codeOf(error) !== 'EEXIST' || !isFolder(path)) throw error;
  }
};

/**
 * Writes and syncs a draft next to a file and returns the draft's path. Replaces what is there: a draft of the same process id, as of a
 * killed container, or a link that leads elsewhere.
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

/** Replaces a file atomically and durably: no full disk, kill or power cut leaves it half written, or loses it after this returns. */
export const writeFileAtomically = (path: string, text: string, mode: number): void => {
  renameSync(fileDraft(path, text, mode), path);
  syncedNames(dirname(path));
};
