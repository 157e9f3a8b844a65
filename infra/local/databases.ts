import { join } from 'node:path';
import { Alterations } from '../../functions/platform/alterations.ts';
import type { CorruptStore } from '../../functions/platform/store/errors.ts';
import { type MacKeys, macsUnder } from '../../functions/platform/store/mac.ts';
import type { Store } from '../../functions/platform/store/port.ts';
import { assertFormat } from '../../functions/platform/store/sqlite/database.ts';
import { RECORDS_FORMAT } from '../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { COMMITS_FORMAT, openSqliteStore } from '../../functions/platform/store/sqlite/sqliteStore.ts';
import { openSideStores, SIDE_FILES, type SideStores } from './sideStores.ts';

export const COMMITS_FILE = 'aldergate.db';

/** How often the databases are checked as a whole, apart from each write: 0.1 ms on the thread that answers. */
const LOOK_EVERY_MS = 500;

export interface Databases {
  readonly store: Store;
  readonly records: SideStores;
  readonly alterations: Alterations;
  /** Returns what is wrong with a database as a whole, as it was found within half a second; then everything is refused. */
  readonly fault: () => CorruptStore | undefined;
  readonly assertFiles: () => void;
  readonly lookForFault: () => CorruptStore | undefined;
  readonly close: () => Promise<void>;
}

/**
 * Throws CorruptStore (`unknown-format`) unless the databases that must not be lost are of the formats that this code reads. Called before
 * anything else of a folder is believed: another format is not taken for other keys, or for damage.
 */
export const assertFormats = (data: string): void => {
  assertFormat(join(data, COMMITS_FILE), COMMITS_FORMAT);
  assertFormat(join(data, SIDE_FILES.records), RECORDS_FORMAT);
};

export const openDatabases = (data: string, keys: MacKeys): Databases => {
  const alterations = new Alterations();
  const commits = openSqliteStore(join(data, COMMITS_FILE), macsUnder(keys, 'commits'));
  const records = openSideStores(data, { macs: macsUnder(keys, 'records'), altered: alterations.record });
  const checks = [commits.check, ...records.checks];
  const fault = (): CorruptStore | undefined => checks.find((each) => each.fault !== undefined)?.fault;
  const assertFiles = (): void => {
    for (const each of checks) each.assertFiles();
  };
  const lookForFault = (): CorruptStore | undefined => {
    for (const each of checks) each.look();
    return fault();
  };
  const looking = setInterval(lookForFault, LOOK_EVERY_MS).unref();
  return {
    store: commits,
    records,
    alterations,
    fault,
    assertFiles,
    lookForFault,
    close: async () => {
      clearInterval(looking);
      await commits.close();
      await records.close();
    },
  };
};
