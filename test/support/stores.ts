import type { SideStore } from '../../functions/platform/store/sideStore.ts';
import { openSqliteSideStore } from '../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { openSqliteStore, type SqliteStore } from '../../functions/platform/store/sqlite/sqliteStore.ts';
import { testGuard, testMacs } from './macs.ts';
import { atEndOfTest } from './shared.ts';

/** Opens a store of commits in memory, which is closed when the test is over. */
export const storeOfTest = (): SqliteStore => {
  const store = openSqliteStore(':memory:', testMacs);
  atEndOfTest(() => store.close());
  return store;
};

/** Opens a side store in memory, which is closed when the test is over. */
export const sideStoreOfTest = (): SideStore => {
  const sideStore = openSqliteSideStore(':memory:', testGuard);
  atEndOfTest(() => sideStore.close());
  return sideStore;
};
