import { closeSync, existsSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../../functions/platform/store/port.ts';
import { UnusableFolder } from './errors.ts';

/** The file that a folder has while an import, a backup or a restoring writes it, until all of it is done. */
const markOf = (data: string): string => join(data, 'importing');

const synced = (path: string, flags: 'a' | 'r'): void => {
  const file = openSync(path, flags, 0o600);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/**
 * Wraps the store of a data folder for an import: before the first commit is written, the folder is durably marked as one that lacks
 * commits. A part of an archive is the past: what was switched off since would be on again.
 */
export const marking = (store: Store, data: string): Store => {
  let isMarked = false;
  return {
    ...store,
    append: async (record) => {
      if (!isMarked) {
        beginImport(data);
        isMarked = true;
      }
      return store.append(record);
    },
  };
};

export const isImporting = (data: string): boolean => existsSync(markOf(data));

/** Marks a folder durably as one that lacks commits. */
export const beginImport = (data: string): void => {
  synced(markOf(data), 'a');
  synced(data, 'r');
};

/** Ends an import: the folder may be opened again by everything else. */
export const endImport = (data: string): void => {
  if (!existsSync(markOf(data))) return;
  rmSync(markOf(data));
  synced(data, 'r');
};

/** Throws UnusableFolder if an import into a data folder did not end. */
export const assertImported = (data: string): void => {
  if (existsSync(markOf(data)))
    throw new UnusableFolder(
      `an import or a restoring into ${data} did not end, so it may lack commits: run the same command again, or take an empty folder`,
    );
};
