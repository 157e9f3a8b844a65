import { CreateTableCommand, type CreateTableCommandInput, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoClient } from '../../functions/platform/store/dynamo/retrying.ts';
import { CHANGE_INDEX, TABLE_KEYS, TIME_INDEX } from '../../functions/platform/store/dynamo/tables.ts';

export const COMMITS = 'commits';
export const SIDE = 'side';
export const REGISTER = 'register';

/** Returns a client as the functions have it, for an engine that accepts any credentials. */
export const clientAt = (endpoint: string): DynamoDBClient =>
  dynamoClient({ endpoint, region: 'us-west-2', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });

/** Returns the definition of the commits table, with stream records as nudges. */
const commitsTable = (name: string) =>
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
const sideTable = (name: string) =>
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
const registerTable = (name: string) =>
  ({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: TABLE_KEYS.pk, AttributeType: 'S' },
      { AttributeName: TABLE_KEYS.sk, AttributeType: 'S' },
      { AttributeName: CHANGE_INDEX.pk, AttributeType: 'N' },
      { AttributeName: CHANGE_INDEX.sk, AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: TABLE_KEYS.pk, KeyType: 'HASH' },
      { AttributeName: TABLE_KEYS.sk, KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: CHANGE_INDEX.name,
        KeySchema: [
          { AttributeName: CHANGE_INDEX.pk, KeyType: 'HASH' },
          { AttributeName: CHANGE_INDEX.sk, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  }) satisfies CreateTableCommandInput;

/** The names of a gate's tables. */
export interface TableNames {
  readonly commits: string;
  readonly side: string;
  readonly register: string;
}

/** Returns the definitions of a gate's tables, which a test compares with those of the stacks. */
export const tablesOf = ({ commits, side, register }: TableNames) =>
  [commitsTable(commits), sideTable(side), registerTable(register)] as const;

/** Creates the tables of a gate, empty. */
export const createTables = async (
  client: DynamoDBClient,
  names: TableNames = { commits: COMMITS, side: SIDE, register: REGISTER },
): Promise<void> => {
  await Promise.all(tablesOf(names).map((table) => client.send(new CreateTableCommand(table))));
};
