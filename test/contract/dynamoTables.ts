import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoClient } from '../../functions/platform/store/dynamo/retrying.ts';
import { commitsTable, registerTable, sideTable } from '../../functions/platform/store/dynamo/tables.ts';

export const COMMITS = 'commits';
export const SIDE = 'side';
export const REGISTER = 'register';

/** Returns a client as the functions have it, for an engine that accepts any credentials. */
export const clientAt = (endpoint: string): DynamoDBClient =>
  dynamoClient({ endpoint, region: 'us-west-2', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });

/** Creates the tables, empty. */
export const createTables = async (client: DynamoDBClient): Promise<void> => {
  await client.send(new CreateTableCommand(commitsTable(COMMITS)));
  await client.send(new CreateTableCommand(sideTable(SIDE)));
  await client.send(new CreateTableCommand(registerTable(REGISTER)));
};
