// Storage format: attribute names, keys and the index of both tables. Everything that creates the tables (deployment, tests)
// uses these.
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/** Keys of both tables. Commits: pk = stream, sk = version. Side: pk = kind, sk = id. */
export const TABLE_KEYS = { pk: 'pk', sk: 'sk' } as const;

/**
 * The index of commits by the time of writing. It holds keys only, and the rest is read from the table, so that a write costs
 * little more.
 */
export const TIME_INDEX = { name: 'by-time', pk: 'timeShard', sk: 'stamp' } as const;

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
