import { DatabaseSync } from 'node:sqlite';

/** The folder is locked by another server. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/**
 * Locks a folder for one server while the process lives, by an exclusive SQLite transaction. The operating system ends it with the process,
 * so no stale lock remains after a crash. Throws {@link FolderInUse}.
 */
export const lockFolder = (path: string): { release: () => void } => {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE;');
  } catch {
    database.close();
    throw new FolderInUse(`another server is running on this folder (${path} is held)`);
  }
  return { release: () => database.close() };
};
