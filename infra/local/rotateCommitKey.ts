import { join } from 'node:path';
import { macsUnder } from '../../functions/platform/store/mac.ts';
import { openSqliteStore } from '../../functions/platform/store/sqlite/sqliteStore.ts';
import { COMMITS_FILE } from './databases.ts';
import { beginCommitKeyRotation, endCommitKeyRotation, openSecrets } from './secrets.ts';
import { judgeMemory } from './sequencing.ts';
import type { Settings } from './settings.ts';
import { openSideStores } from './sideStores.ts';

export interface RenewedMacs {
  readonly commits: number;
  readonly records: number;
}

/**
 * Gives every commit and every record of the side store a MAC by a new key, while no server runs on the folder. The old key is
 * accepted until all of them have one, so that after a crash the folder can be served and the same call continues. A row or record
 * without a valid MAC keeps what it has: the first stays unreadable, the second absent.
 */
export const rotateCommitKey = async (settings: Settings): Promise<RenewedMacs> => {
  const { data } = settings;
  const keys = join(data, 'keys.json');
  beginCommitKeyRotation(keys);
  const secrets = openSecrets(keys);
  const { commitKeys } = secrets;
  const store = openSqliteStore(join(data, COMMITS_FILE), macsUnder(commitKeys, 'commits'));
  const guard = { macs: macsUnder(commitKeys, 'records'), altered: () => undefined };
  const sideStore = openSideStores(data, guard);
  try {
    const memory = judgeMemory({ secrets, settings });
    const learned = await memory.load();
    if (learned !== undefined) await memory.save(learned);
    const renewed = { commits: await store.renewMacs(), records: await sideStore.renewMacs() };
    endCommitKeyRotation(keys);
    return renewed;
  } finally {
    await store.close();
    await sideStore.close();
  }
};
