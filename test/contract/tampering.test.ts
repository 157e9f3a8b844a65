import { hash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DeleteItemCommand, type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { openDynamoStore } from '../../functions/platform/store/dynamo/dynamoStore.ts';
import { keyOf, SHARDS } from '../../functions/platform/store/dynamo/item.ts';
import { openSqliteStore } from '../../functions/platform/store/sqlite/sqliteStore.ts';
import { tamper } from '../functions/log/verify/tamper.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { macColumns, testMacs } from '../support/macs.ts';
import { COMMITS, clientAt, createTables } from './dynamoTables.ts';
import { type Rows, tamperingContract } from './tamperingContract.ts';

const sqliteRows = (path: string, stream: string): Rows => {
  const database = new DatabaseSync(path);
  const rows = database.prepare('SELECT version, bytes FROM commits WHERE stream = ?').all(stream);
  database.close();
  return new Map(rows.map(({ version, bytes }) => [Number(version), new Uint8Array(bytes as Uint8Array)] as const));
};

tamperingContract('SQLite', async (folder) => {
  const path = join(folder, 'aldergate.db');
  return {
    fresh: () => openSqliteStore(path, testMacs),
    rows: async (stream) => sqliteRows(path, stream),
    put: async (stream, rows) =>
      tamper(path, (database) => {
        database.prepare('DELETE FROM commits WHERE stream = ?').run(stream);
        const insert = database.prepare(
          "INSERT INTO commits (stream, version, bytes, state, state_version, mac_key, mac) VALUES (?, ?, ?, '{}', 1, ?, ?)",
        );
        for (const [version, bytes] of rows)
          insert.run(
            stream,
            version,
            bytes,
            ...macColumns({ stream, version, bytes, state: '{}', stateVersion: 1, attachments: [] }),
          );
      }),
    close: async () => undefined,
  };
});

const dynamoRows = async (client: DynamoDBClient, stream: string): Promise<Rows> => {
  const { Items: items = [] } = await client.send(
    new QueryCommand({
      TableName: COMMITS,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: stream } },
      ConsistentRead: true,
    }),
  );
  return new Map(items.map(({ sk, bytes }) => [Number(sk?.N), new Uint8Array(bytes?.B ?? [])] as const));
};

tamperingContract('DynamoDB', async () => {
  const engine = await startDynoxide();
  const client = clientAt(engine.endpoint);
  await createTables(client);
  return {
    fresh: () => openDynamoStore({ client, table: COMMITS, now: Date.now, macs: testMacs }),
    rows: (stream) => dynamoRows(client, stream),
    put: async (stream, rows) => {
      const there = await dynamoRows(client, stream);
      for (const version of there.keys())
        if (!rows.has(version)) await client.send(new DeleteItemCommand({ TableName: COMMITS, Key: keyOf(stream, version) }));
      for (const [version, bytes] of rows) {
        if (Buffer.compare(bytes, there.get(version) ?? new Uint8Array()) === 0) continue;
        const [macKey, mac] = macColumns({ stream, version, bytes, state: '{}', stateVersion: 1, attachments: [] });
        const item = {
          ...keyOf(stream, version),
          macKey: { S: macKey },
          mac: { B: mac },
          bytes: { B: bytes },
          state: { S: '{}' },
          stateVersion: { N: '1' },
          attachments: { L: [] },
          timeShard: { N: String(Buffer.from(hash('sha256', stream), 'hex').readUInt8(0) % SHARDS) },
          stamp: { N: String(Date.now()) },
        };
        await client.send(new PutItemCommand({ TableName: COMMITS, Item: item }));
      }
    },
    close: async () => {
      client.destroy();
      await engine.stop();
    },
  };
});
