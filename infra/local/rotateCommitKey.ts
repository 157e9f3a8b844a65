import { join } from 'node:path';
import { macsUnder } from '../../functions/platform/store/mac.ts';
import { openSqliteStore } from '../../functions/platform/store/sqlite/sqliteStore.ts';
import { beginCommitKeyRotation, endCommitKeyRotation, openSecrets } from './secrets.ts';
import type { Settings } from './settings.ts';

/**
 * Gives every commit a MAC by a new key, while no server runs on the folder. The old key is accepted until all of them have one, so
 * that after a crash the folder can be served and the same call goes on. A row without a valid MAC stays unreadable. Returns how
 * many rows got a new MAC.
 */
export const rotateCommitKey = async ({ data }: Settings): Promise<number> => {
  const keys = join(data, 'keys.json');
  beginCommitKeyRotation(keys);
  const store = openSqliteStore(join(data, 'aldergate.db'), macsUnder(openSecrets(keys).commitKeys));
  try {
    const renewed = await store.renewMacs();
    endCommitKeyRotation(keys);
    return renewed;
  } finally {
    await store.close();
  }
};
