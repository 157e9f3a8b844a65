import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDynamoSide } from '../../functions/store/dynamo/dynamoSide.ts';
import { openSqliteSide } from '../../functions/store/sqlite/sqliteSide.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { clientAt, createTables, SIDE } from './dynamoTables.ts';
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

sideContract('DynamoDB', async () => {
  const engine = await startDynoxide();
  const clients = [clientAt(engine.endpoint), clientAt(engine.endpoint)] as const;
  await createTables(clients[0]);
  return {
    side: openDynamoSide({ client: clients[0], table: SIDE }),
    other: openDynamoSide({ client: clients[1], table: SIDE }),
    close: async () => {
      for (const client of clients) client.destroy();
      await engine.stop();
    },
  };
});
