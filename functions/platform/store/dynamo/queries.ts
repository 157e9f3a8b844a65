import { type DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from './item.ts';
import { retrying } from './retrying.ts';

interface Table {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** A query. `start`: continues after this key; `chunk`: items of one request; `strong`: strongly consistent, which no index offers. */
export interface Query {
  readonly index?: string;
  readonly condition: string;
  readonly values: Item;
  readonly start?: Item | undefined;
  readonly chunk?: number | undefined;
  readonly strong?: boolean;
}

/** Yields the items of a query, ascending, a request at a time. */
export async function* queried(
  { client, table }: Table,
  { index, condition, values, start, chunk, strong }: Query,
): AsyncGenerator<readonly Item[]> {
  let last = start;
  do {
    const command = new QueryCommand({
      TableName: table,
      ...(index !== undefined && { IndexName: index }),
      KeyConditionExpression: condition,
      ExpressionAttributeValues: values,
      ...(strong === true && { ConsistentRead: true }),
      ...(last && { ExclusiveStartKey: last }),
      ...(chunk !== undefined && { Limit: chunk }),
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

async function* sortKeys(pages: AsyncIterable<readonly Item[]>): AsyncGenerator<string> {
  for await (const page of pages) for (const { sk } of page) yield sk?.S ?? '';
}

/** Merges the sort keys of queries, each ascending, to one ascending list without repeats. Reads little more than what is taken. */
export async function* mergedKeys(queries: readonly AsyncIterable<readonly Item[]>[]): AsyncGenerator<string> {
  const keys = queries.map(sortKeys);
  const heads = await Promise.all(keys.map((each) => each.next()));
  for (let yielded: string | undefined; ; ) {
    let least: number | undefined;
    for (const [at, head] of heads.entries())
      if (!head.done && (least === undefined || head.value < (heads[least]?.value ?? ''))) least = at;
    const [head, rest] = least === undefined ? [] : [heads[least], keys[least]];
    if (least === undefined || head === undefined || head.done || rest === undefined) return;
    if (head.value !== yielded) yield head.value;
    yielded = head.value;
    heads[least] = await rest.next();
  }
}
