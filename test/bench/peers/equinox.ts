import { CreateTableCommand, DynamoDB, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Counting, EVENT, expectCount, load } from './peer.ts';

type Create = (...inputs: readonly unknown[]) => unknown;

interface Core {
  readonly Codec: { readonly json: Create; readonly compress: Create };
  readonly CachingStrategy: { readonly NoCache: Create };
  readonly Decider: {
    readonly forStream: (...inputs: readonly unknown[]) => {
      readonly transact: (interpret: (count: number) => readonly object[]) => Promise<void>;
    };
  };
}
interface Adapter {
  readonly AccessStrategy: { readonly Snapshot: Create };
  readonly DynamoStoreCategory: { readonly create: Create };
  readonly DynamoStoreClient: new (client: DynamoDB) => object;
  readonly DynamoStoreContext: new (options: object) => object;
  readonly QueryOptions: { readonly create: Create };
  readonly TipOptions: { readonly create: Create };
}

/** An event of a counter, or the snapshot that Equinox keeps beside the newest ones. */
type Event = typeof EVENT | { readonly type: 'Snapshot'; readonly data: { readonly count: number } };

const TABLE = 'equinox';
/** Events that are appended at once to fill a stream. */
const AT_ONCE = 10;

/** Equinox on DynamoDB, as it is fastest without a cache: with its state as a snapshot in the tip, which is all that a command reads. */
export const equinox = async (client: DynamoDBClient, endpoint: string): Promise<Counting | undefined> => {
  const [core, adapter] = [await load('@equinox-js/core'), await load('@equinox-js/dynamo-store')];
  if (core === undefined || adapter === undefined) return undefined;
  const { AccessStrategy, DynamoStoreCategory, DynamoStoreClient, DynamoStoreContext, QueryOptions, TipOptions } =
    adapter as Adapter;
  const { CachingStrategy, Codec, Decider } = core as Core;
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'p', KeyType: 'HASH' },
        { AttributeName: 'i', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'p', AttributeType: 'S' },
        { AttributeName: 'i', AttributeType: 'N' },
      ],
    }),
  );
  const { region, credentials } = client.config;
  const own = new DynamoDB({ endpoint, region, credentials });
  const context = new DynamoStoreContext({
    client: new DynamoStoreClient(own),
    tableName: TABLE,
    tip: TipOptions.create({}),
    query: QueryOptions.create({}),
  });
  const fold = (count: number, events: readonly Event[]): number =>
    events.reduce((sum, event) => (event.type === 'Snapshot' ? event.data.count : sum + 1), count);
  const isSnapshot = ({ type }: Event): boolean => type === 'Snapshot';
  const snapshot = (count: number): Event => ({ type: 'Snapshot', data: { count } });
  const category = DynamoStoreCategory.create(
    context,
    'Counter',
    Codec.compress(Codec.json()),
    fold,
    0,
    CachingStrategy.NoCache(),
    AccessStrategy.Snapshot(isSnapshot, snapshot),
  );
  const append = (stream: string, expected: number, count: number) =>
    Decider.forStream(category, stream, undefined).transact((found) => {
      expectCount(found, expected);
      return Array.from({ length: count }, () => EVENT);
    });
  return {
    fill: async (stream, count) => {
      for (let n = 0; n < count; n += AT_ONCE) await append(stream, n, Math.min(AT_ONCE, count - n));
    },
    command: (stream, expected) => append(stream, expected, 1),
    close: async () => own.destroy(),
  };
};
