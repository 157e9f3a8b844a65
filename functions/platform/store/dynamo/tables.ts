// Storage format: attribute names, keys and the indexes of the tables. Everything that creates the tables (deployment, tests)
// uses these.
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/** Keys of all tables. Commits: pk = stream, sk = version. Side: pk = kind, sk = id. Register: pk = vendor, sk = key of the feature. */
export const TABLE_KEYS = { pk: 'pk', sk: 'sk' } as const;

/**
 * The index of commits by the time of writing. It holds keys only, and the rest is read from the table, so that a write costs
 * little more.
 */
export const TIME_INDEX = { name: 'by-time', pk: 'timeShard', sk: 'stamp' } as const;

/**
 * The time by which each sweep overlaps the one before: it begins this long before that one began. It must exceed the
 * difference between two writers' clocks plus the retries of a put plus the lag of the index: then a commit that one sweep
 * could not see yet lies within the next one.
 */
export const OVERLAP_MS = 10 * 60_000;

/**
 * The indexes of the register, keys only: by when a document was written, by the next moment at which time changes something in it, by
 * status, and of what waits. Each is spread over the shards of its features; `nextMoment` and `waitingShard` are absent from most documents.
 */
export const REGISTER_INDEXES = {
  change: { name: 'by-change', pk: 'docShard', pkType: 'N', sk: 'changedAt', skType: 'N' },
  moment: { name: 'by-moment', pk: 'docShard', pkType: 'N', sk: 'nextMoment', skType: 'S' },
  status: { name: 'by-status', pk: 'statusShard', pkType: 'S', sk: TABLE_KEYS.sk, skType: 'S' },
  waiting: { name: 'by-waiting', pk: 'waitingShard', pkType: 'N', sk: TABLE_KEYS.sk, skType: 'S' },
} as const;

/** Returns the definition of the commits table, with stream records as nudges. */
export const commitsTable = (name: string) =>
  ({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: TABLE_KEYS.pk, AttributeType: 'S' },
      { AttributeName: TABLE_KEYS.sk, AttributeType: 'N' },
      { AttributeName: TIME_INDEX.pk, AttributeType: 'N' },
      { AttributeName: TIME_INDEX.sk, AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: TABLE_KEYS.pk, KeyType: 'HASH' },
      { AttributeName: TABLE_KEYS.sk, KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: TIME_INDEX.name,
        KeySchema: [
          { AttributeName: TIME_INDEX.pk, KeyType: 'HASH' },
          { AttributeName: TIME_INDEX.sk, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  }) satisfies CreateTableCommandInput;

/** Returns the definition of the side table: mutable, without stream and index. */
export const sideTable = (name: string) =>
  ({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: TABLE_KEYS.pk, AttributeType: 'S' },
      { AttributeName: TABLE_KEYS.sk, AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: TABLE_KEYS.pk, KeyType: 'HASH' },
      { AttributeName: TABLE_KEYS.sk, KeyType: 'RANGE' },
    ],
  }) satisfies CreateTableCommandInput;

/** Returns the definition of the register's table. */
export const registerTable = (name: string) => {
  const indexes = Object.values(REGISTER_INDEXES);
  const types = new Map<string, 'S' | 'N'>([
    [TABLE_KEYS.pk, 'S'],
    [TABLE_KEYS.sk, 'S'],
    ...indexes.flatMap(({ pk, pkType, sk, skType }) => [[pk, pkType] as const, [sk, skType] as const]),
  ]);
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: [
      { AttributeName: TABLE_KEYS.pk, KeyType: 'HASH' },
      { AttributeName: TABLE_KEYS.sk, KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: indexes.map((index) => ({
      IndexName: index.name,
      KeySchema: [
        { AttributeName: index.pk, KeyType: 'HASH' as const },
        { AttributeName: index.sk, KeyType: 'RANGE' as const },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' as const },
    })),
  } satisfies CreateTableCommandInput;
};
