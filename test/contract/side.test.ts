import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteSideStore } from '../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { testGuard } from '../support/macs.ts';
import { dynamoSideStoreOn } from './dynamoTables.ts';
import { sideStoreContract } from './sideContract.ts';

sideStoreContract('a SQLite file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'aldergate-side-'));
  const path = join(folder, 'side.sqlite');
  const [sideStore, other] = [openSqliteSideStore(path, testGuard), openSqliteSideStore(path, testGuard)];
  const under: (typeof sideStore)[] = [];
  const database = new DatabaseSync(path);
  return {
    sideStore,
    other,
    under: (guard) => {
      const store = openSqliteSideStore(path, guard);
      under.push(store);
      return store;
    },
    raw: {
      get: async (kind, id) => {
        const row = database.prepare('SELECT value, mac_key, mac FROM side WHERE kind = ? AND id = ?').get(kind, id);
        return row && { value: String(row.value), macKey: row.mac_key as string | null, mac: row.mac as Uint8Array | null };
      },
      put: async (kind, id, { value, macKey, mac }) =>
        void database.prepare('INSERT OR REPLACE INTO side VALUES (?, ?, ?, ?, ?)').run(kind, id, value, macKey, mac),
    },
    close: async () => {
      await sideStore.close();
      await other.close();
      for (const store of under) await store.close();
      database.close();
      await rm(folder, { recursive: true });
    },
  };
});

sideStoreContract(
  'DynamoDB',
  dynamoSideStoreOn(() => startDynoxide()),
);
