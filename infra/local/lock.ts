import { DatabaseSync } from 'node:sqlite';
import { StoreUnavailable } from '../../functions/platform/store/errors.ts';
import { guarded } from '../../functions/platform/store/sqlite/database.ts';

export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

const SQLITE_BUSY = 5;
const isLocked = (error: unknown): boolean =>
  error instanceof StoreUnavailable && (error.cause as { readonly errcode?: number } | undefined)?.errcode === SQLITE_BUSY;

/**
 * Locks a folder for one server while the process lives, by an exclusive SQLite transaction. The operating system ends it with the process,
 * so no stale lock remains after a crash. Throws {@link FolderInUse}, and
 * StoreUnavailable if the file cannot be used.
 */
export const lockFolder = (path: string): { release: () => void } => {
  const database = guarded(path, () => new DatabaseSync(path, { timeout: 0 }));
  try {
    guarded(path, () => database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE;'));
  } catch (error) {
    database.close();
    if (!isLocked(error)) throw error;
    throw new FolderInUse(`another server is running on this folder (${path} is held)`);
  }
  return { release: () => database.close() };
};
