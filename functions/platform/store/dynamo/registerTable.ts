import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { vendorOf } from '../../../../domain/feature/keys.ts';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { type SideEntry, type SideRange, verifiedEntry } from '../sideStore.ts';
import { readItems } from './batch.ts';
import { type Item, SHARDS } from './item.ts';
import { keyRanges } from './keyRanges.ts';
import { everyItem, mergedKeys, queried, scanned } from './queries.ts';
import { documentItem, itemKey, type RegisterWriter, registerRowIn, VENDORS, vendorItem } from './registerItem.ts';
import { retrying } from './retrying.ts';
import { REGISTER_INDEXES } from './tables.ts';

/** A document as stored. `changed`: when it was written, in ms by the writer's clock. */
export interface RegisterRecord extends SideEntry {
  readonly changed: number;
}

/** The keys above `after` that begin with `prefix`, `chunk` of them read at a time. */
export interface KeyRange {
  readonly prefix?: string | undefined;
  readonly after: string;
  readonly chunk: number;
}

/**
 * The register in a table of its own: a document under its vendor and its key, with indexes that hold keys only and may lag by a moment.
 * A document has the MAC of a record of the side store; one without a valid MAC counts as absent. The indexes have none: who can write
 * into the table can hide a document, as by removing it, and show none that the gate did not write.
 */
export interface DynamoRegister {
  readonly get: (key: string) => Promise<JsonValue | undefined>;
  readonly put: (key: string, value: JsonValue) => Promise<void>;
  /** Computes the attributes of a document as of now, unless it was written again since it was read. */
  readonly renew: (record: RegisterRecord) => Promise<void>;
  readonly remove: (key: string) => Promise<void>;
  /** Lists documents as a side store lists records, strongly consistent. */
  readonly list: (prefix: string, range: SideRange) => Promise<readonly SideEntry[]>;
  /** Reads the documents at these keys, strongly consistent, in no particular order. */
  readonly read: (keys: readonly string[]) => Promise<readonly RegisterRecord[]>;
  /** Reads all documents, without strong consistency, in no particular order. */
  readonly whole: () => Promise<readonly RegisterRecord[]>;
  /** Returns the vendors that have or had a document, ascending. */
  readonly vendors: () => Promise<readonly string[]>;
  /** Returns the keys of the documents written at or after a time in ms, each with its `changed`. */
  readonly changedSince: (ms: number) => Promise<ReadonlyMap<string, number>>;
  /** Returns the keys of the documents whose moment has come, ascending. */
  readonly due: (now: string) => Promise<readonly string[]>;
  /** Yields the keys of the documents with one of these statuses, ascending. */
  readonly withStatus: (statuses: readonly string[], range: KeyRange) => AsyncGenerator<string>;
  /** Yields the keys of the documents in which something waits, ascending. */
  readonly waiting: (range: KeyRange) => AsyncGenerator<string>;
}

export interface RegisterTableOptions extends RegisterWriter {
  readonly client: DynamoDBClient;
  readonly table: string;
}

const ALL_SHARDS = Array.from({ length: SHARDS }, (_, shard) => shard);

const keysIn = (items: readonly Item[]): readonly string[] => items.map(({ sk }) => sk?.S ?? '');

/** Opens what reads the documents: by key, by vendor, and all. */
const documentsIn = ({ client, table, guard }: RegisterTableOptions) => {
  const entriesIn = (items: readonly Item[]): readonly RegisterRecord[] =>
    items.flatMap((item) => {
      if (item.pk?.S === VENDORS || item.pk?.S !== vendorOf(item.sk?.S ?? '')) return [];
      const entry = verifiedEntry(guard, registerRowIn(item));
      return entry === undefined ? [] : [{ ...entry, changed: Number(item.changedAt?.N ?? 0) }];
    });
  const vendors = async (): Promise<readonly string[]> =>
    (await everyItem(queried({ client, table }, { condition: 'pk = :pk', values: { ':pk': { S: VENDORS } }, strong: true })))
      .flatMap((item) => verifiedEntry(guard, registerRowIn(item))?.id ?? [])
      .sort();
  async function* above(prefix: string, after: string, chunk: number | undefined): AsyncGenerator<RegisterRecord> {
    if (after > prefix && !after.startsWith(prefix)) return;
    const [vendor = '', ...beneath] = prefix.split('.');
    const candidates = beneath.length > 0 ? [vendor] : (await vendors()).filter((each) => each.startsWith(prefix));
    for (const { query, start } of keyRanges(candidates, prefix, after))
      for await (const items of queried({ client, table }, { ...query, strong: true, start, chunk })) yield* entriesIn(items);
  }
  const list: DynamoRegister['list'] = async (prefix, { after = '', limit }) => {
    const found: SideEntry[] = [];
    for await (const { id, value } of above(prefix, after, limit)) {
      // The test engine compares begins_with case-insensitively; DynamoDB itself does not.
      if (id.startsWith(prefix)) found.push({ id, value });
      if (found.length === limit) break;
    }
    return found;
  };
  return {
    vendors,
    list,
    get: async (key: string) => {
      const command = new GetItemCommand({ TableName: table, Key: itemKey(key), ConsistentRead: true });
      const { Item: item } = await retrying((options) => client.send(command, options));
      return item && verifiedEntry(guard, registerRowIn(item))?.value;
    },
    read: async (keys: readonly string[]) => entriesIn(await readItems({ client, table }, [...new Set(keys)].map(itemKey))),
    whole: async () =>
      (await Promise.all(ALL_SHARDS.map((shard) => everyItem(scanned({ client, table }, shard, SHARDS))))).flatMap(entriesIn),
  };
};

/** Opens what finds keys by the indexes. */
const indexesOf = ({ client, table }: RegisterTableOptions) => {
  const inShard = (index: 'change' | 'moment', condition: string, shard: number, bound: Item) =>
    queried(
      { client, table },
      {
        index: REGISTER_INDEXES[index].name,
        condition: `docShard = :pk AND ${condition}`,
        values: { ':pk': { N: String(shard) }, ...bound },
      },
    );
  const everyShard = async (index: 'change' | 'moment', condition: string, bound: Item): Promise<readonly Item[]> =>
    (await Promise.all(ALL_SHARDS.map((shard) => everyItem(inShard(index, condition, shard, bound))))).flat();
  const above = (index: 'status' | 'waiting', partition: Item[string], { prefix = '', after, chunk }: KeyRange) => {
    const { name, pk } = REGISTER_INDEXES[index];
    // A condition on a key cannot contain an empty string; '!' sorts before every key.
    const first = after >= prefix ? after : prefix;
    const values = { ':pk': partition, ':first': { S: first === '' ? '!' : first } };
    return queried({ client, table }, { index: name, condition: `${pk} = :pk AND sk >= :first`, values, chunk });
  };
  const merged = async function* (pages: readonly AsyncGenerator<readonly Item[]>[], { prefix = '', after }: KeyRange) {
    for await (const key of mergedKeys(pages)) {
      if (!key.startsWith(prefix) && key > prefix) return;
      if (key > after && key.startsWith(prefix)) yield key;
    }
  };
  return {
    changedSince: async (ms: number) => {
      const items = await everyShard('change', 'changedAt >= :from', { ':from': { N: String(ms) } });
      return new Map(items.map(({ sk, changedAt }) => [sk?.S ?? '', Number(changedAt?.N ?? 0)]));
    },
    due: async (now: string) => [...keysIn(await everyShard('moment', 'nextMoment <= :now', { ':now': { S: now } }))].sort(),
    withStatus: (statuses: readonly string[], range: KeyRange) =>
      merged(
        statuses.flatMap((status) => ALL_SHARDS.map((shard) => above('status', { S: `${shard}/${status}` }, range))),
        range,
      ),
    waiting: (range: KeyRange) =>
      merged(
        ALL_SHARDS.map((shard) => above('waiting', { N: String(shard) }, range)),
        range,
      ),
  };
};

/** Opens the register's table. */
export const openRegisterTable = (options: RegisterTableOptions): DynamoRegister => {
  const { client, table, guard } = options;
  /** The vendors that are known to stand in the table. */
  const known = new Set<string>();
  const put = async (Item: Item, condition: Partial<PutItemCommandInput> = {}): Promise<void> => {
    const command = new PutItemCommand({ TableName: table, Item, ...condition });
    await retrying((aborting) => client.send(command, aborting));
  };
  return {
    ...documentsIn(options),
    ...indexesOf(options),
    put: async (key, value) => {
      const item = documentItem(options, key, value);
      const vendor = vendorOf(key);
      // The vendor first: a document of a vendor that is not listed would be found by its key alone.
      if (!known.has(vendor)) {
        await put(vendorItem(guard, vendor));
        known.add(vendor);
      }
      await put(item);
    },
    renew: async ({ id, value, changed }) => {
      const item = documentItem(options, id, value);
      try {
        await put(item, {
          ConditionExpression: 'changedAt = :read',
          ExpressionAttributeValues: { ':read': { N: String(changed) } },
        });
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
    remove: async (key) => {
      const command = new DeleteItemCommand({ TableName: table, Key: itemKey(key) });
      await retrying((aborting) => client.send(command, aborting));
    },
  };
};
