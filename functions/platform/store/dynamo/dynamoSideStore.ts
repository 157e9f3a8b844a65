import { randomUUID } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { CorruptStore } from '../errors.ts';
import { assertSideStoreKey, encodeSideValue, type SideEntry, type SideRange, type SideStore } from '../sideStore.ts';
import type { Item } from './item.ts';
import { retrying } from './retrying.ts';
import { TABLE_KEYS } from './tables.ts';

/** Opens the side store in a second table with its own permissions, because only this one allows updates and deletes. */
export const openDynamoSideStore = ({
  client,
  table,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
}): SideStore => ({
  get: async (kind, id) => {
    const command = new GetItemCommand({ TableName: table, Key: keyOf(kind, id), ConsistentRead: true });
    const { Item: item } = await retrying((options) => client.send(command, options));
    return item && toEntry(item).value;
  },
  put: async (kind, id, value) => {
    const command = new PutItemCommand({ TableName: table, Item: toItem(kind, id, value, randomUUID()) });
    await retrying((options) => client.send(command, options));
  },
  putIfAbsent: async (kind, id, value) => {
    const writer = randomUUID();
    const command = new PutItemCommand({
      TableName: table,
      Item: toItem(kind, id, value, writer),
      ConditionExpression: `attribute_not_exists(${TABLE_KEYS.pk})`,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      await retrying((options) => client.send(command, options));
      return true;
    } catch (error) {
      // An earlier try whose answer was lost is recognised by its writer.
      if (error instanceof ConditionalCheckFailedException) return error.Item?.writer?.S === writer;
      throw error;
    }
  },
  remove: async (kind, id) => {
    const command = new DeleteItemCommand({ TableName: table, Key: keyOf(kind, id) });
    await retrying((options) => client.send(command, options));
  },
  list: (kind, prefix = '', range = {}) => list(client, table, { kind, prefix, ...range }),
  close: async () => {},
});

interface Listing extends SideRange {
  readonly kind: string;
  readonly prefix: string;
}

const list = async (
  client: DynamoDBClient,
  table: string,
  { kind, prefix, after, limit = Number.POSITIVE_INFINITY }: Listing,
): Promise<readonly SideEntry[]> => {
  assertSideStoreKey(kind, prefix || '-');
  const entries: SideEntry[] = [];
  const below = after === undefined || Buffer.compare(Buffer.from(after), Buffer.from(prefix)) < 0;
  if (!below && !after.startsWith(prefix)) return entries;
  // A query continues after any key within its condition, whether or not an item has that key.
  let last: Item | undefined = below || after === '' ? undefined : keyOf(kind, after);
  do {
    const command = new QueryCommand({
      TableName: table,
      // A condition on a key cannot contain an empty string.
      KeyConditionExpression: prefix
        ? `${TABLE_KEYS.pk} = :kind AND begins_with(${TABLE_KEYS.sk}, :prefix)`
        : `${TABLE_KEYS.pk} = :kind`,
      ExpressionAttributeValues: { ':kind': { S: kind }, ...(prefix && { ':prefix': { S: prefix } }) },
      ConsistentRead: true,
      ...(last && { ExclusiveStartKey: last }),
      ...(Number.isFinite(limit) && { Limit: limit - entries.length }),
    });
    const answer = await retrying((options) => client.send(command, options));
    // The test engine compares begins_with case-insensitively; DynamoDB itself does not.
    entries.push(...(answer.Items ?? []).map(toEntry).filter(({ id }) => id.startsWith(prefix)));
    last = answer.LastEvaluatedKey;
  } while (last && entries.length < limit);
  return entries;
};

const keyOf = (kind: string, id: string): Item => {
  assertSideStoreKey(kind, id);
  return { pk: { S: kind }, sk: { S: id } };
};

const toItem = (kind: string, id: string, value: JsonValue, writer: string): Item => ({
  ...keyOf(kind, id),
  value: { S: encodeSideValue(value) },
  writer: { S: writer },
});

const toEntry = (item: Item): SideEntry => {
  const id = item.sk?.S ?? '';
  try {
    return { id, value: JSON.parse(item.value?.S ?? '') as JsonValue };
  } catch (cause) {
    throw new CorruptStore(`side ${item.pk?.S}/${id} is no JSON`, { cause });
  }
};
