import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Counting, EVENT, expectCount, load } from './peer.ts';

interface Aggregate {
  readonly aggregateId: string;
  readonly version: number;
}

interface Core {
  readonly EventStore: new (
    options: object,
  ) => {
    readonly getAggregate: (id: string) => Promise<{ readonly aggregate: Aggregate | undefined }>;
    readonly pushEvent: (event: object, options: object) => Promise<unknown>;
  };
  readonly EventType: new (options: object) => object;
}
interface Adapter {
  readonly DynamoDBSingleTableEventStorageAdapter: new (options: object) => object;
}

const TABLE = 'castore';

/** Castore on DynamoDB: an item an event, and a command reads all of its stream. */
export const castore = async (client: DynamoDBClient): Promise<Counting | undefined> => {
  const [core, adapter] = [await load('@castore/core'), await load('@castore/event-storage-adapter-dynamodb')];
  if (core === undefined || adapter === undefined) return undefined;
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'aggregateId', KeyType: 'HASH' },
        { AttributeName: 'version', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'aggregateId', AttributeType: 'S' },
        { AttributeName: 'version', AttributeType: 'N' },
      ],
    }),
  );
  const { EventStore, EventType } = core as Core;
  const store = new EventStore({
    eventStoreId: 'COUNTER',
    eventTypes: [new EventType({ type: EVENT.type })],
    reducer: (_: Aggregate | undefined, { aggregateId, version }: Aggregate): Aggregate => ({ aggregateId, version }),
    eventStorageAdapter: new (adapter as Adapter).DynamoDBSingleTableEventStorageAdapter({
      tableName: TABLE,
      dynamoDBClient: client,
    }),
  });
  const push = (stream: string, version: number) =>
    store.pushEvent({ aggregateId: stream, version, type: EVENT.type, payload: EVENT.data }, {});
  return {
    fill: async (stream, count) => {
      for (let version = 1; version <= count; version += 1) await push(stream, version);
    },
    command: async (stream, expected) => {
      const { aggregate } = await store.getAggregate(stream);
      expectCount(aggregate?.version ?? 0, expected);
      await push(stream, expected + 1);
    },
    close: async () => undefined,
  };
};
