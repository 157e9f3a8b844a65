// Storage format: one item for each document of the register, under its vendor and its key.
import { createHash, randomInt, randomUUID } from 'node:crypto';
import { DeleteItemCommand, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
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
  verifiedEntry,
} from '../sideStore.ts';
import { readItems } from './batch.ts';
import { type Item, SHARDS } from './item.ts';
import { everyItem, queried, scanned } from './queries.ts';
import { retrying } from './retrying.ts';
import { CHANGE_INDEX } from './tables.ts';

/** A document as stored. `changed`: when it was written, in ms by the writer's clock. */
export interface RegisterRecord extends SideEntry {
  readonly changed: number;
}

/**
 * The register in a table of its own, with an index of what was written when, which holds keys only and may lag by a moment. A document has
 * the MAC of a record of the side store; one without a valid MAC counts as absent. The index has none: who can write into the table can
 * hide a document, as by removing it, and show none that the gate did not write.
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

const ALL_SHARDS = Array.from({ length: SHARDS }, (_, shard) => shard);

const shardOf = (key: string): number => createHash('sha256').update(key).digest().readUInt8(0) % SHARDS;

const itemKey = (key: string): Item => {
  assertSideStoreKey(REGISTER_KIND, key);
  return { pk: { S: vendorOf(key) }, sk: { S: key } };
};

/** Returns the record in an item of the register's table. An item of another shape gives a row that no MAC fits. */
export const registerRowIn = ({ sk, value, macKey, mac }: Item): SideRow => ({
  kind: REGISTER_KIND,
  id: sk?.S ?? '',
  value: value?.S ?? '',
  mac: macKey?.S === undefined || mac?.B === undefined ? undefined : { keyId: macKey.S, tag: mac.B },
});

const documentItem = (guard: RecordGuard, key: string, value: JsonValue): Item => {
  const text = encodeSideValue(value);
  const { keyId, tag } = macOfRecord(guard, REGISTER_KIND, key, text);
  return {
    ...itemKey(key),
    value: { S: text },
    writer: { S: randomUUID() },
    macKey: { S: keyId },
    mac: { B: tag },
    docShard: { N: String(shardOf(key)) },
    // The fraction, at random, distinguishes two writes in one millisecond.
    changedAt: { N: String(Date.now() + randomInt(1_000) / 1_000) },
  };
};

/** Opens the register's table. */
export const openRegisterTable = ({
  client,
  table,
  guard,
}: {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly guard: RecordGuard;
}): DynamoRegister => {
  const entriesIn = (items: readonly Item[]): readonly RegisterRecord[] =>
    items.flatMap((item) => {
      if (item.pk?.S !== vendorOf(item.sk?.S ?? '')) return [];
      const entry = verifiedEntry(guard, registerRowIn(item));
      return entry === undefined ? [] : [{ ...entry, changed: Number(item.changedAt?.N ?? 0) }];
    });
  const whole = async (): Promise<readonly RegisterRecord[]> =>
    (await Promise.all(ALL_SHARDS.map((shard) => everyItem(scanned({ client, table }, shard, SHARDS))))).flatMap(entriesIn);
  const changedIn = (shard: number, ms: number) =>
    everyItem(
      queried(
        { client, table },
        {
          index: CHANGE_INDEX.name,
          condition: 'docShard = :pk AND changedAt >= :from',
          values: { ':pk': { N: String(shard) }, ':from': { N: String(ms) } },
        },
      ),
    );
  return {
    whole,
    get: async (key) => {
      const command = new GetItemCommand({ TableName: table, Key: itemKey(key), ConsistentRead: true });
      const { Item: item } = await retrying((options) => client.send(command, options));
      return item && verifiedEntry(guard, registerRowIn(item))?.value;
    },
    put: async (key, value) => {
      const command = new PutItemCommand({ TableName: table, Item: documentItem(guard, key, value) });
      await retrying((options) => client.send(command, options));
    },
    remove: async (key) => {
      const command = new DeleteItemCommand({ TableName: table, Key: itemKey(key) });
      await retrying((options) => client.send(command, options));
    },
    list: async (prefix, { after = '', limit }) =>
      (await whole())
        .flatMap(({ id, value }) => (id.startsWith(prefix) && id > after ? [{ id, value }] : []))
        .sort((a, b) => ascending(a.id, b.id))
        .slice(0, limit),
    read: async (keys) => entriesIn(await readItems({ client, table }, [...new Set(keys)].map(itemKey))),
    changedSince: async (ms) => {
      const items = (await Promise.all(ALL_SHARDS.map((shard) => changedIn(shard, ms)))).flat();
      return new Map(items.map(({ sk, changedAt }) => [sk?.S ?? '', Number(changedAt?.N ?? 0)]));
    },
  };
};
