import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteSide } from '../../functions/platform/store/sqlite/sqliteSide.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { dynamoSideOn } from './dynamoUnderTest.ts';
import { sideContract } from './sideContract.ts';

sideContract('a SQLite file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'aldergate-side-'));
  const path = join(folder, 'side.sqlite');
  const [side, other] = [openSqliteSide(path), openSqliteSide(path)];
  return {
    side,
    other,
    close: async () => {
      await side.close();
      await other.close();
      await rm(folder, { recursive: true });
    },
  };
});

sideContract(
  'DynamoDB',
  dynamoSideOn(() => startDynoxide()),
);
