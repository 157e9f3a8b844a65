import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient({});
export const handler = async (): Promise<object> => {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: 'CommitsTable', Key: { pk: { S: 'log' }, sk: { N: '1' } } }),
  );
  return { found: Item !== undefined };
};
