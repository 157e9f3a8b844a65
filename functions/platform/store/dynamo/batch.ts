import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Item } from './item.ts';
import { retrying } from './retrying.ts';

const BATCH_MAX = 100;

interface Table {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** Reads the items at `keys` that exist, strongly consistent, in no particular order. No key may occur twice. */
export const readItems = async (table: Table, keys: readonly Item[]): Promise<readonly Item[]> => {
  const found: Item[] = [];
  let left = [...keys];
  while (left.length > 0) {
    const { items, unprocessed } = await readBatch(table, left.slice(0, BATCH_MAX));
    found.push(...items);
    left = [...unprocessed, ...left.slice(BATCH_MAX)];
  }
  return found;
};

const readBatch = ({ client, table }: Table, keys: Item[]): Promise<{ items: Item[]; unprocessed: Item[] }> =>
  retrying(async (options) => {
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
      options,
    );
    const unprocessed = UnprocessedKeys?.[table]?.Keys ?? [];
    // An answer to no key is throttling without an error: retry after a pause. Keys that were processed may have no item.
    if (unprocessed.length >= keys.length) throw new Error('nothing processed');
    return { items: Responses?.[table] ?? [], unprocessed };
  });
