import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteSideStore } from '../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { dynamoSideStoreOn } from './dynamoUnderTest.ts';
import { sideStoreContract } from './sideContract.ts';

sideStoreContract('a SQLite file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'aldergate-side-'));
  const path = join(folder, 'side.sqlite');
  const [sideStore, other] = [openSqliteSideStore(path), openSqliteSideStore(path)];
  return {
    sideStore,
    other,
    close: async () => {
      await sideStore.close();
      await other.close();
      await rm(folder, { recursive: true });
    },
  };
});

sideStoreContract(
  'DynamoDB',
  dynamoSideStoreOn(() => startDynoxide()),
);
