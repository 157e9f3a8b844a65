import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { HealthCheck } from '../../functions/platform/health.ts';
import { CorruptStore } from '../../functions/platform/store/errors.ts';
import { assertFormat, guarded } from '../../functions/platform/store/sqlite/database.ts';
import { RECORDS_FORMAT } from '../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { lockFolder } from './lock.ts';

const FILE = 'consumers.db';
const ASIDE = `${FILE}.aside-`;

/** Throws CorruptStore for a database of another format, or with a damaged page. Reads all of it. */
const assertWhole = (path: string): void => {
  assertFormat(path, RECORDS_FORMAT);
  guarded(path, () => {
    const database = new DatabaseSync(path);
    try {
      const found = database.prepare('PRAGMA quick_check(1)').get()?.quick_check;
      if (found !== 'ok') throw new CorruptStore(`${path} is damaged: ${found}`);
    } finally {
      database.close();
    }
  });
};

/**
 * Sets the consumers' database of a data folder aside if it is damaged or of another format: it holds nothing that cannot be made again, so
 * it must not keep the gate from starting. The file is kept under another name, a new one is made when the folder is opened. Returns what was
 * done, for the operator; undefined if nothing was. Throws FolderInUse while a server runs.
 */
export const setAsideDamaged = (data: string): string | undefined => {
  const path = join(data, FILE);
  if (!existsSync(path)) return undefined;
  const lock = lockFolder(join(data, 'server.lock'));
  try {
    assertWhole(path);
    return undefined;
  } catch (error) {
    if (!(error instanceof CorruptStore)) throw error;
    const name = `${ASIDE}${new Date().toISOString().replaceAll(/[:.]/g, '')}`;
    for (const end of ['', '-wal', '-shm'])
      if (existsSync(`${path}${end}`)) renameSync(`${path}${end}`, join(data, `${name}${end}`));
    return `${error.message}. It is kept as ${name} and made again; mails that it knew as sent may be sent again`;
  } finally {
    lock.release();
  }
};

/** Finds consumers' databases that were set aside, for as long as they lie in the data folder. */
export const asideCheck =
  (data: string): HealthCheck =>
  async () =>
    readdirSync(data)
      .filter((name) => name.startsWith(ASIDE) && !/-(?:wal|shm)$/.test(name))
      .map((name) => ({
        code: 'consumers-remade',
        detail: `consumers.db was damaged or of another format, and was made again. The old file is kept as ${name}.`,
      }));
