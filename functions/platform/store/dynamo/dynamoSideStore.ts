// Storage format: one item per record, and one for each document of the register, under its vendor and its key.
import { randomInt, randomUUID } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { vendorOf } from '../../../../domain/feature/keys.ts';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { ascending } from '../../../../domain/kernel/order.ts';
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
import { everyItem, type Item, pages, readItems, retrying, type Table } from './calls.ts';
import { CHANGE_INDEX, macItem, macOfItem, SHARDS, shardOf, TABLE_KEYS } from './tables.ts';

interface SideTable extends Table {
  readonly guard: RecordGuard;
}

/**
 * Opens the side store in a second table, because only this one allows updates and deletes. `register`: the documents of the register.
 */
export const openDynamoSideStore = ({
  register,
  ...table
}: SideTable & { readonly register?: DynamoRegister | undefined }): SideStore => {
  const { guard } = table;
  const documents = (): DynamoRegister => {
    if (register === undefined) throw new Error('this program opened no table of the register');
    return register;
  };
  return {
    get: async (kind, id) =>
      kind === REGISTER_KIND ? documents().get(id) : get(table, keyOf(kind, id), (item) => verifiedEntry(guard, sideRowIn(item))),
    put: async (kind, id, value) =>
      kind === REGISTER_KIND
        ? documents().put(id, value)
        : put(table, { ...keyOf(kind, id), ...valueItem(guard, kind, id, value) }),
    putIfAbsent: async (kind, id, value) => {
      const item = { ...keyOf(kind, id), ...valueItem(guard, kind, id, value) };
      try {
        await put(table, item, {
          ConditionExpression: `attribute_not_exists(${TABLE_KEYS.pk})`,
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        });
        return true;
      } catch (error) {
        // The writer identifies an earlier try whose answer was lost.
        if (error instanceof ConditionalCheckFailedException) return error.Item?.writer?.S === item.writer?.S;
        throw error;
      }
    },
    remove: async (kind, id) => (kind === REGISTER_KIND ? documents().remove(id) : remove(table, keyOf(kind, id))),
    list: (kind, prefix = '', range = {}) =>
      kind === REGISTER_KIND ? documents().list(prefix, range) : list(table, kind, prefix, range),
    close: async () => {},
  };
};

const get = async ({ client, table }: Table, key: Item, entryIn: (item: Item) => SideEntry | undefined) => {
  const command = new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true });
  const { Item: item } = await retrying(() => client.send(command));
  return item && entryIn(item)?.value;
};

const put = async (
  { client, table }: Table,
  item: Item,
  condition: Pick<PutItemCommand['input'], 'ConditionExpression' | 'ReturnValuesOnConditionCheckFailure'> = {},
): Promise<void> => {
  const command = new PutItemCommand({ TableName: table, Item: item, ...condition });
  await retrying(() => client.send(command));
};

const remove = async ({ client, table }: Table, key: Item): Promise<void> => {
  const command = new DeleteItemCommand({ TableName: table, Key: key });
  await retrying(() => client.send(command));
};

const list = async (
  { client, table, guard }: SideTable,
  kind: string,
  prefix: string,
  { after, limit = Number.POSITIVE_INFINITY }: SideRange,
): Promise<readonly SideEntry[]> => {
  assertSideStoreKey(kind, prefix || '-');
  const entries: SideEntry[] = [];
  const below = after === undefined || Buffer.compare(Buffer.from(after), Buffer.from(prefix)) < 0;
  if (!below && !after.startsWith(prefix)) return entries;
  // A query can continue after any key within its condition, even if no item has that key.
  const start = below || after === '' ? {} : { ExclusiveStartKey: keyOf(kind, after) };
  const ask = (from: object) =>
    new QueryCommand({
      TableName: table,
      // A condition on a key cannot contain an empty string.
      KeyConditionExpression: `${TABLE_KEYS.pk} = :kind${prefix && ` AND begins_with(${TABLE_KEYS.sk}, :prefix)`}`,
      ExpressionAttributeValues: { ':kind': { S: kind }, ...(prefix && { ':prefix': { S: prefix } }) },
      ConsistentRead: true,
      ...start,
      ...from,
      ...(Number.isFinite(limit) && { Limit: limit - entries.length }),
    });
  for await (const page of pages(client, ask)) {
    // The test engine compares begins_with case-insensitively; DynamoDB itself does not.
    const rows = page.map(sideRowIn).filter(({ id }) => id.startsWith(prefix));
    entries.push(...rows.flatMap((row) => verifiedEntry(guard, row) ?? []));
    if (entries.length >= limit) break;
  }
  return entries;
};

const keyOf = (kind: string, id: string): Item => {
  assertSideStoreKey(kind, id);
  return { pk: { S: kind }, sk: { S: id } };
};

const valueItem = (guard: RecordGuard, kind: string, id: string, value: JsonValue): Item => {
  const text = encodeSideValue(value);
  return { value: { S: text }, writer: { S: randomUUID() }, ...macItem(macOfRecord(guard, kind, id, text)) };
};

/** Converts an item to a row. An item of another shape gives a row without a valid MAC. */
export const sideRowIn = (item: Item): SideRow => ({
  kind: item.pk?.S ?? '',
  id: item.sk?.S ?? '',
  value: item.value?.S ?? '',
  mac: macOfItem(item),
});

export const registerRowIn = (item: Item): SideRow => ({ ...sideRowIn(item), kind: REGISTER_KIND });

/** A document as stored. `changed`: when it was written, in ms by the writer's clock. */
interface RegisterRecord extends SideEntry {
  readonly changed: number;
}

/**
 * The register in its own table, with an index by time of writing that holds only keys and may lag by a moment. A document has the MAC of a
 * side store record; without a valid one it counts as absent. The index has no MAC: an attacker who can write to the table can hide a
 * document, as by removing it, but cannot show one that the gate did not write.
 */
export interface DynamoRegister {
  readonly get: (key: string) => Promise<JsonValue | undefined>;
  readonly put: (key: string, value: JsonValue) => Promise<void>;
  readonly remove: (key: string) => Promise<void>;
  /** Lists documents as a side store lists records. Reads the whole table. */
  readonly list: (prefix: string, range: SideRange) => Promise<readonly SideEntry[]>;
  /** Reads the documents at these keys, strongly consistent, in no particular order. */
  readonly read: (keys: readonly string[]) => Promise<readonly RegisterRecord[]>;
  /** Reads all documents, without strong consistency, in no particular order. */
  readonly whole: () => Promise<readonly RegisterRecord[]>;
  /** Returns the keys of the documents written at or after a time in ms, each with its `changed`. */
  readonly changedSince: (ms: number) => Promise<ReadonlyMap<string, number>>;
}

const documentKey = (key: string): Item => {
  assertSideStoreKey(REGISTER_KIND, key);
  return { pk: { S: vendorOf(key) }, sk: { S: key } };
};

/** Reports whether a document is under its own key. One elsewhere was planted, and its key may not be queryable. */
const isInPlace = ({ pk, sk }: Item): boolean => pk?.S === vendorOf(sk?.S ?? '');

const ofShards = async (client: Table['client'], ask: (shard: number, from: object) => QueryCommand | ScanCommand) => {
  const shards = Array.from({ length: SHARDS }, (_, shard) => everyItem(pages(client, (from) => ask(shard, from))));
  return (await Promise.all(shards)).flat();
};

export const openRegisterTable = ({ client, table, guard }: SideTable): DynamoRegister => {
  const entryIn = (item: Item): RegisterRecord | undefined => {
    if (!isInPlace(item)) return undefined;
    const entry = verifiedEntry(guard, registerRowIn(item));
    return entry && { ...entry, changed: Number(item.changedAt?.N ?? 0) };
  };
  const entriesIn = (items: readonly Item[]): readonly RegisterRecord[] => items.flatMap((item) => entryIn(item) ?? []);
  const whole = async (): Promise<readonly RegisterRecord[]> =>
    entriesIn(
      await ofShards(client, (Segment, from) => new ScanCommand({ TableName: table, Segment, TotalSegments: SHARDS, ...from })),
    );
  return {
    whole,
    get: async (key) => get({ client, table }, documentKey(key), entryIn),
    put: async (key, value) =>
      put(
        { client, table },
        {
          ...documentKey(key),
          ...valueItem(guard, REGISTER_KIND, key, value),
          docShard: { N: String(shardOf(key)) },
          // The random fraction distinguishes two writes in one millisecond.
          changedAt: { N: String(Date.now() + randomInt(1_000) / 1_000) },
        },
      ),
    remove: async (key) => remove({ client, table }, documentKey(key)),
    list: async (prefix, { after = '', limit }) =>
      (await whole())
        .flatMap(({ id, value }) => (id.startsWith(prefix) && id > after ? [{ id, value }] : []))
        .sort((a, b) => ascending(a.id, b.id))
        .slice(0, limit),
    read: async (keys) => entriesIn(await readItems({ client, table }, [...new Set(keys)].map(documentKey))),
    changedSince: async (ms) => {
      const ask = (shard: number, from: object) =>
        new QueryCommand({
          TableName: table,
          IndexName: CHANGE_INDEX.name,
          KeyConditionExpression: `${CHANGE_INDEX.pk} = :pk AND ${CHANGE_INDEX.sk} >= :from`,
          ExpressionAttributeValues: { ':pk': { N: String(shard) }, ':from': { N: String(ms) } },
          ...from,
        });
      const items = await ofShards(client, ask);
      return new Map(items.filter(isInPlace).map(({ sk, changedAt }) => [sk?.S ?? '', Number(changedAt?.N ?? 0)]));
    },
  };
};
