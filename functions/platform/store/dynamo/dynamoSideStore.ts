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
import {
  assertSideStoreKey,
  encodeSideValue,
  macOfRecord,
  REGISTER_KIND,
  type RecordGuard,
  type SideEntry,
  type SideRange,
  type SideRow,
  type SideStore,
  verifiedEntry,
} from '../sideStore.ts';
import type { Item } from './item.ts';
import type { DynamoRegister } from './registerTable.ts';
import { retrying } from './retrying.ts';
import { TABLE_KEYS } from './tables.ts';

interface SideTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly guard: RecordGuard;
}

/**
 * Opens the side store in a second table, because only this one allows updates and deletes. `register`: the documents of the register.
 */
export const openDynamoSideStore = ({
  register,
  ...options
}: SideTable & { readonly register?: DynamoRegister | undefined }): SideStore => {
  const records = recordsIn(options);
  const documents = (): DynamoRegister => {
    if (register === undefined) throw new Error('this program opened no table of the register');
    return register;
  };
  return {
    ...records,
    get: (kind, id) => (kind === REGISTER_KIND ? documents().get(id) : records.get(kind, id)),
    put: (kind, id, value) => (kind === REGISTER_KIND ? documents().put(id, value) : records.put(kind, id, value)),
    remove: (kind, id) => (kind === REGISTER_KIND ? documents().remove(id) : records.remove(kind, id)),
    list: (kind, prefix = '', range = {}) =>
      kind === REGISTER_KIND ? documents().list(prefix, range) : records.list(kind, prefix, range),
  };
};

const recordsIn = ({ client, table, guard }: SideTable): SideStore => ({
  get: async (kind, id) => {
    const command = new GetItemCommand({ TableName: table, Key: keyOf(kind, id), ConsistentRead: true });
    const { Item: item } = await retrying((options) => client.send(command, options));
    return item && verifiedEntry(guard, sideRowIn(item))?.value;
  },
  put: async (kind, id, value) => {
    const command = new PutItemCommand({ TableName: table, Item: toItem(guard, { kind, id, value, writer: randomUUID() }) });
    await retrying((options) => client.send(command, options));
  },
  putIfAbsent: async (kind, id, value) => {
    const writer = randomUUID();
    const command = new PutItemCommand({
      TableName: table,
      Item: toItem(guard, { kind, id, value, writer }),
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
  remove: (kind, id) => removed({ client, table }, kind, id),
  list: (kind, prefix = '', range = {}) => list({ client, table, guard }, { kind, prefix, ...range }),
  close: async () => {},
});

const removed = async ({ client, table }: Omit<SideTable, 'guard'>, kind: string, id: string): Promise<void> => {
  const command = new DeleteItemCommand({ TableName: table, Key: keyOf(kind, id) });
  await retrying((options) => client.send(command, options));
};

interface Listing extends SideRange {
  readonly kind: string;
  readonly prefix: string;
}

const list = async (
  { client, table, guard }: SideTable,
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
    const rows = (answer.Items ?? []).map(sideRowIn).filter(({ id }) => id.startsWith(prefix));
    entries.push(...rows.flatMap((row) => verifiedEntry(guard, row) ?? []));
    last = answer.LastEvaluatedKey;
  } while (last && entries.length < limit);
  return entries;
};

const keyOf = (kind: string, id: string): Item => {
  assertSideStoreKey(kind, id);
  return { pk: { S: kind }, sk: { S: id } };
};

const toItem = (
  guard: RecordGuard,
  { kind, id, value, writer }: { readonly kind: string; readonly id: string; readonly value: JsonValue; readonly writer: string },
): Item => {
  const text = encodeSideValue(value);
  const { keyId, tag } = macOfRecord(guard, kind, id, text);
  return { ...keyOf(kind, id), value: { S: text }, writer: { S: writer }, macKey: { S: keyId }, mac: { B: tag } };
};

/** Returns the row in an item. An item of another shape gives a row that no MAC fits. */
export const sideRowIn = ({ pk, sk, value, macKey, mac }: Item): SideRow => ({
  kind: pk?.S ?? '',
  id: sk?.S ?? '',
  value: value?.S ?? '',
  mac: macKey?.S === undefined || mac?.B === undefined ? undefined : { keyId: macKey.S, tag: mac.B },
});
