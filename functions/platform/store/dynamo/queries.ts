import { type DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from './item.ts';
import { retrying } from './retrying.ts';

interface Table {
  readonly client: DynamoDBClient;
  readonly table: string;
}

interface Query {
  readonly index: string;
  readonly condition: string;
  readonly values: Item;
}

/** Yields the items of a query, ascending, a request at a time. */
export async function* queried({ client, table }: Table, { index, condition, values }: Query): AsyncGenerator<readonly Item[]> {
  let last: Item | undefined;
  do {
    const command = new QueryCommand({
      TableName: table,
      IndexName: index,
      KeyConditionExpression: condition,
      ExpressionAttributeValues: values,
      ...(last && { ExclusiveStartKey: last }),
    });
    const answer = await retrying((options) => client.send(command, options));
    yield answer.Items ?? [];
    last = answer.LastEvaluatedKey;
  } while (last);
}

/** Yields the items of one of so many segments of a table, a request at a time. */
export async function* scanned({ client, table }: Table, segment: number, segments: number): AsyncGenerator<readonly Item[]> {
  let last: Item | undefined;
  do {
    const command = new ScanCommand({
      TableName: table,
      Segment: segment,
      TotalSegments: segments,
      ...(last && { ExclusiveStartKey: last }),
    });
    const answer = await retrying((options) => client.send(command, options));
    yield answer.Items ?? [];
    last = answer.LastEvaluatedKey;
  } while (last);
}

/** Returns all items. */
export const everyItem = async (pages: AsyncIterable<readonly Item[]>): Promise<readonly Item[]> => {
  const items: Item[] = [];
  for await (const page of pages) items.push(...page);
  return items;
};
