import { type AttributeValue, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { openDynamoStore } from '../../functions/store/dynamo/dynamoStore.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { COMMITS, clientAt, createTables } from './dynamoTables.ts';
import type { Tampering } from './store/underTest.ts';
import { storeContract } from './storeContract.ts';

storeContract('DynamoDB', async () => {
  const engine = await startDynoxide('memory');
  const clients = [clientAt(engine.endpoint), clientAt(engine.endpoint)] as const;
  await createTables(clients[0]);
  return {
    store: openDynamoStore({ client: clients[0], table: COMMITS, now: Date.now }),
    other: openDynamoStore({ client: clients[1], table: COMMITS, now: Date.now }),
    tamper: (stream, version, changes) => tamper(clients[0], stream, version, changes),
    close: async () => {
      for (const client of clients) client.destroy();
      await engine.stop();
    },
  };
});

const tamper = async (
  client: DynamoDBClient,
  stream: string,
  version: number,
  { bytes, state, attachmentBytes }: Tampering,
): Promise<void> => {
  const key = { pk: { S: stream }, sk: { N: String(version) } };
  const { Item: item } = await client.send(new GetItemCommand({ TableName: COMMITS, Key: key, ConsistentRead: true }));
  const altered: Record<string, AttributeValue> = {
    ...item,
    ...(bytes && { bytes: { B: bytes } }),
    ...(state && { state: { S: state } }),
    ...(attachmentBytes && {
      attachments: { L: (item?.attachments?.L ?? []).map(({ M }) => ({ M: { ...M, bytes: { B: attachmentBytes } } })) },
    }),
  };
  await client.send(new PutItemCommand({ TableName: COMMITS, Item: altered }));
};
