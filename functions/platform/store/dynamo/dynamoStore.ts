// Storage format: one item per commit.
import { type AttributeValue, ConditionalCheckFailedException, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { strictObject } from '../../../../domain/kernel/zodTypes.ts';
import { CorruptStore, StoreUnavailable } from '../errors.ts';
import { commitParts, type Mac, type Macs } from '../mac.ts';
import {
  ANY_CHANGED,
  type Attachment,
  type CommitPlace,
  type HistoryRange,
  type Store,
  type StoredCommit,
  type UnreadableRow,
} from '../port.ts';
import { assertWritable, type Row, readableRecord, renewedMac, sameCommit, verifiedRecord } from '../record.ts';
import { type Item, pages, readItems, retrying, type Table } from './calls.ts';
import { macItem, macOfItem, OVERLAP_MS, SHARDS, shardOf, TABLE_KEYS, TIME_INDEX } from './tables.ts';

interface DynamoStoreOptions extends Table {
  /** The wall clock in ms. The feed finds commits by it, so no writer's clock may be wrong by more than a few minutes. */
  readonly now: () => number;
  readonly macs: Macs;
}

const HISTORY_LIMIT = 100;

/** Opens the store in a DynamoDB table. A command is one Query and one PutItem, even on a conflict: the refusal returns the occupant. */
export const openDynamoStore = (options: DynamoStoreOptions): Store => {
  const { client, table, now, macs } = options;
  /** Returns the occupant if the version has another commit. */
  const put = async (record: StoredCommit): Promise<StoredCommit | undefined> => {
    assertWritable(record);
    const command = new PutItemCommand({
      TableName: table,
      Item: toItem(record, now(), macs),
      ConditionExpression: `attribute_not_exists(${TABLE_KEYS.pk})`,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      await retrying(() => client.send(command));
      return undefined;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return otherThan(record, error, macs);
      throw error;
    }
  };
  return {
    head: async (stream) => {
      const command = new QueryCommand({
        TableName: table,
        KeyConditionExpression: `${TABLE_KEYS.pk} = :stream`,
        ExpressionAttributeValues: { ':stream': { S: stream } },
        ScanIndexForward: false,
        Limit: 1,
        ConsistentRead: true,
      });
      const answer = await retrying(() => client.send(command));
      return answer.Items?.map((item) => fromItem(item, macs)).at(0);
    },
    append: async (records) => {
      for (const [appended, record] of records.entries()) {
        const occupant = await put(record);
        if (occupant !== undefined) return { appended, occupant };
      }
      return { appended: records.length, occupant: undefined };
    },
    history: (stream, range) => history(options, stream, range),
    feed: async (cursor, limit, unreadable) => {
      const { keys, ...page } = await walkTimeIndex(options, cursor, limit);
      return { items: await readAll(options, keys, unreadable), ...page };
    },
    places: async (cursor, limit) => {
      const { keys, ...page } = await walkTimeIndex(options, cursor, limit);
      return { places: keys.map(placeIn), ...page };
    },
    newestAt: async () => undefined,
    changed: async () => ANY_CHANGED,
    isUnchangedSince: () => false,
    close: async () => {},
  };
};

/** Returns the occupant unless it is this commit, from an earlier try whose answer was lost. */
const otherThan = (
  record: StoredCommit,
  { Item: item }: ConditionalCheckFailedException,
  macs: Macs,
): StoredCommit | undefined => {
  if (!item) throw new StoreUnavailable('DynamoDB refused a put without saying what stands there');
  const occupant = fromItem(item, macs);
  return sameCommit(occupant, record) ? undefined : occupant;
};

const history = async (
  { client, table, macs }: DynamoStoreOptions,
  stream: string,
  { after = 0, upTo = Number.MAX_SAFE_INTEGER, limit = HISTORY_LIMIT }: HistoryRange,
): Promise<readonly StoredCommit[]> => {
  const found: StoredCommit[] = [];
  if (after >= upTo) return found;
  const values = { ':stream': { S: stream }, ':first': { N: String(after + 1) }, ':last': { N: String(upTo) } };
  const ask = (from: object) =>
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: `${TABLE_KEYS.pk} = :stream AND ${TABLE_KEYS.sk} BETWEEN :first AND :last`,
      ExpressionAttributeValues: values,
      Limit: limit - found.length,
      ConsistentRead: true,
      ...from,
    });
  for await (const page of pages(client, ask)) {
    found.push(...page.map((item) => fromItem(item, macs)));
    if (found.length >= limit) break;
  }
  return found;
};

// Items

/** `stamp`: the time of sending, in ms by the writer's clock; only the feed uses it. */
export const toItem = (record: StoredCommit, stamp: number, macs: Macs): Item => ({
  ...keyOf(record.stream, record.version),
  ...macItem(macs.make(...commitParts(record))),
  bytes: { B: record.bytes },
  state: { S: record.state },
  stateVersion: { N: String(record.stateVersion) },
  attachments: {
    L: record.attachments.map(({ sha256, mediaType, bytes }) => ({
      M: { sha256: { S: sha256 }, mediaType: { S: mediaType }, bytes: { B: bytes } },
    })),
  },
  timeShard: { N: String(shardOf(record.stream)) },
  stamp: { N: String(stamp) },
});

/** Throws CorruptStore on any shape that toItem() does not make, including an item that is missing in the time index. */
const rowIn = (item: Item): Row => ({
  stream: indexed(item, text(item, 'pk')),
  version: number(item, 'sk'),
  bytes: item.bytes?.B ?? malformed(item, 'bytes'),
  state: text(item, 'state'),
  stateVersion: number(item, 'stateVersion'),
  attachments: (item.attachments?.L ?? malformed(item, 'attachments')).map((each) => attachmentIn(item, each)),
  mac: macOfItem(item),
});

const fromItem = (item: Item, macs: Macs): StoredCommit => verifiedRecord(rowIn(item), macs);

/** Returns a new MAC for an item whose valid MAC was made by an older key. */
export const renewedItemMac = (item: Item, macs: Macs): Mac | undefined => renewedMac(() => rowIn(item), macs);

export const keyOf = (stream: string, version: number): Item => ({ pk: { S: stream }, sk: { N: String(version) } });

const attachmentIn = (item: Item, { M }: AttributeValue): Attachment => ({
  sha256: M?.sha256?.S ?? malformed(item, 'attachments'),
  mediaType: M?.mediaType?.S ?? malformed(item, 'attachments'),
  bytes: M?.bytes?.B ?? malformed(item, 'attachments'),
});

const indexed = (item: Item, stream: string): string =>
  number(item, 'timeShard') === shardOf(stream) && number(item, 'stamp') >= 0 ? stream : malformed(item, 'place in the index');

const text = (item: Item, name: string): string => item[name]?.S ?? malformed(item, name);
const number = (item: Item, name: string): number => {
  const found = Number(item[name]?.N ?? malformed(item, name));
  return Number.isSafeInteger(found) ? found : malformed(item, name);
};

const malformed = (item: Item, what: string): never => {
  throw new CorruptStore(`${placeOf(item)} is without a proper ${what}`);
};

// The feed

/** The key after which a shard continues, unparsed: a planted row can have numbers that JavaScript cannot represent. */
const ShardPlace = strictObject(() => ({
  after: z.strictObject({ stream: z.string(), version: z.string(), stamp: z.string() }).optional(),
}));
type ShardPlace = z.infer<typeof ShardPlace>;

/** `began`: the time when this sweep began; `shards`: null for an exhausted one. Both are absent between two sweeps. */
const Cursor = strictObject(() => ({
  from: z.number(),
  began: z.number().optional(),
  shards: z.array(ShardPlace.nullable()).length(SHARDS).optional(),
}));
type Cursor = z.infer<typeof Cursor>;

type Index = Omit<DynamoStoreOptions, 'macs'>;

const stampOf = ({ stamp }: Item): number => Number(stamp?.N);

/**
 * Returns one page of the index keys, ordered by time across the shards: otherwise commits that enter the log in different checkpoints would
 * be late. At the end of the last shard the sweep is done, and `next` begins another.
 */
const walkTimeIndex = async (
  table: Index,
  cursor: string | undefined,
  limit: number,
): Promise<{ readonly keys: readonly Item[]; readonly next: string; readonly done: boolean }> => {
  const { from, began = table.now(), shards = Array.from({ length: SHARDS }, () => ({})) } = parseCursor(cursor);
  const pages = await Promise.all(
    shards.map(async (place, shard) => place && queryShard(table, { from, shard, place }, Math.ceil(limit / SHARDS))),
  );
  // A shard with a next page may have more keys after the last one of this page.
  const ends = pages.map((page) => (page?.last === undefined ? Number.POSITIVE_INFINITY : stampOf(page.last)));
  const keys = pages
    .flatMap((page) => page?.keys ?? [])
    .filter((key) => stampOf(key) <= Math.min(...ends))
    .toSorted((one, other) => stampOf(one) - stampOf(other))
    .slice(0, limit);
  const taken = new Set(keys);
  const next = pages.map((page, shard): ShardPlace | null => {
    const some = page?.keys.filter((key) => taken.has(key)) ?? [];
    if (page === null || some.length === page.keys.length) return page?.last === undefined ? null : placeBehind(page.last);
    const end = some.at(-1);
    return end === undefined ? (shards[shard] ?? null) : placeBehind(end);
  });
  const done = next.every((place) => place === null);
  return { keys, next: done ? endOfTimeIndex(began) : JSON.stringify({ from, began, shards: next } satisfies Cursor), done };
};

/** Returns the cursor after everything written before `began`, except the last {@link OVERLAP_MS}, which repeat. */
const endOfTimeIndex = (began: number): string => JSON.stringify({ from: began - OVERLAP_MS } satisfies Cursor);

/** `last`: the key after which the shard has more. */
const queryShard = async (
  { client, table }: Index,
  { from, shard, place: { after } }: { readonly from: number; readonly shard: number; readonly place: ShardPlace },
  limit: number,
): Promise<{ readonly keys: readonly Item[]; readonly last: Item | undefined }> => {
  const timeShard = { N: String(shard) };
  const command = new QueryCommand({
    TableName: table,
    IndexName: TIME_INDEX.name,
    KeyConditionExpression: `${TIME_INDEX.pk} = :shard AND ${TIME_INDEX.sk} >= :from`,
    ExpressionAttributeValues: { ':shard': timeShard, ':from': { N: String(from) } },
    Limit: limit,
    ...(after && {
      ExclusiveStartKey: { pk: { S: after.stream }, sk: { N: after.version }, timeShard, stamp: { N: after.stamp } },
    }),
  });
  const { Items: keys = [], LastEvaluatedKey: last } = await retrying(() => client.send(command));
  return { keys, last };
};

const placeBehind = ({ pk, sk, stamp }: Item): ShardPlace => ({
  after: { stream: pk?.S ?? '', version: sk?.N ?? '', stamp: stamp?.N ?? '' },
});

/** Returns the commits at `keys`, in their order, strongly consistent. */
const readAll = async (
  table: DynamoStoreOptions,
  keys: readonly Item[],
  unreadable: ((row: UnreadableRow) => void) | undefined,
): Promise<StoredCommit[]> => {
  const found = new Map((await readItems(table, keys.map(keyIn))).map((item) => [placeOf(item), item]));
  return keys.flatMap((key) => {
    const item = found.get(placeOf(key));
    const read = (): StoredCommit => {
      if (item === undefined) throw new CorruptStore(`${placeOf(key)} stands in the index but not in the table`);
      return fromItem(item, table.macs);
    };
    return readableRecord(placeIn(key), read, unreadable);
  });
};

const keyIn = ({ pk = { S: '' }, sk = { N: '' } }: Item): Item => ({ pk, sk });

const placeIn = ({ pk, sk }: Item): CommitPlace => ({ stream: pk?.S ?? '', version: Number(sk?.N) });

const placeOf = ({ pk, sk }: Item): string => `${pk?.S}@${sk?.N}`;

const parseCursor = (cursor: string | undefined): Cursor => {
  if (cursor === undefined) return { from: 0 };
  try {
    return Cursor.parse(JSON.parse(cursor));
  } catch (cause) {
    throw new RangeError('not a cursor of this store', { cause });
  }
};
