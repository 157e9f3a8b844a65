import { DatabaseSync } from 'node:sqlite';

/** Another server holds the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/**
 * Holds a folder for one server as long as the process lives: an exclusive SQLite transaction, which the operating system ends
 * with the process however it ends, so that no stale lock has to be cleared by hand. Throws {@link FolderInUse}.
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
