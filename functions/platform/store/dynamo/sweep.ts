import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { strictObject } from '../../../../domain/kernel/zodTypes.ts';
import { CorruptStore } from '../errors.ts';
import type { Macs } from '../mac.ts';
import type { CommitPlace, FeedPage, PlacesPage, StoredCommit, UnreadableRow } from '../port.ts';
import { readableRecord } from '../record.ts';
import { readItems } from './batch.ts';
import { fromItem, type Item, keyOf, SHARDS } from './item.ts';
import { retrying } from './retrying.ts';
import { OVERLAP_MS, TIME_INDEX } from './tables.ts';

const Cursor = strictObject(() => ({
  from: z.number(),
  /** The time when this sweep began; absent between two sweeps. */
  began: z.number().optional(),
  shard: z.int().min(0).max(SHARDS),
  after: z.strictObject({ stream: z.string(), version: z.int(), stamp: z.number() }).optional(),
}));
type Cursor = z.infer<typeof Cursor>;

interface Index {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly now: () => number;
}

interface Table extends Index {
  readonly macs: Macs;
  readonly unreadable: ((row: UnreadableRow) => void) | undefined;
}

/** Returns one page of the feed; see {@link walkTimeIndex}. */
export const sweepTimeIndex = async (table: Table, cursor: string | undefined, limit: number): Promise<FeedPage> => {
  const { keys, next, done } = await walkTimeIndex(table, cursor, limit);
  return { items: await readAll(table, keys), next, done };
};

/** Returns the places of one page of the feed, from the index alone. */
export const placesInTimeIndex = async (table: Index, cursor: string | undefined, limit: number): Promise<PlacesPage> => {
  const { keys, next, done } = await walkTimeIndex(table, cursor, limit);
  return { places: keys.map(placeIn), next, done };
};

/**
 * Returns one page of the keys in the index, shard after shard by time. At the end of the last shard the sweep is done, and `next` begins
 * another.
 */
const walkTimeIndex = async (
  table: Index,
  cursor: string | undefined,
  limit: number,
): Promise<{ readonly keys: readonly Item[]; readonly next: string; readonly done: boolean }> => {
  const start: Cursor = cursor === undefined ? { from: 0, shard: 0 } : parseCursor(cursor);
  const began = start.began ?? table.now();
  let place: Cursor = { ...start, began };
  const found: Item[] = [];
  while (found.length < limit && place.shard < SHARDS) {
    const page = await queryShard(table, place, limit - found.length);
    found.push(...page.keys);
    place = page.place;
  }
  const done = place.shard === SHARDS;
  return { keys: found, next: done ? endOfTimeIndex(began) : JSON.stringify(place), done };
};

/** Returns the cursor behind everything written before `began`, except the last {@link OVERLAP_MS}, which come again. */
export const endOfTimeIndex = (began: number): string => {
  const next: Cursor = { from: began - OVERLAP_MS, shard: 0 };
  return JSON.stringify(next);
};

const queryShard = async ({ client, table }: Index, place: Cursor, limit: number): Promise<{ keys: Item[]; place: Cursor }> => {
  const { from, began, shard, after } = place;
  const answer = await retrying((options) =>
    client.send(
      new QueryCommand({
        TableName: table,
        IndexName: TIME_INDEX.name,
        KeyConditionExpression: `${TIME_INDEX.pk} = :shard AND ${TIME_INDEX.sk} >= :from`,
        ExpressionAttributeValues: { ':shard': { N: String(shard) }, ':from': { N: String(from) } },
        Limit: limit,
        ...(after && {
          ExclusiveStartKey: {
            ...keyOf(after.stream, after.version),
            timeShard: { N: String(shard) },
            stamp: { N: String(after.stamp) },
          },
        }),
      }),
      options,
    ),
  );
  const keys = (answer.Items ?? []).map(({ pk, sk }) => keyOf(pk?.S ?? '', Number(sk?.N)));
  const last = answer.LastEvaluatedKey;
  return {
    keys,
    place: last
      ? { from, began, shard, after: { stream: last.pk?.S ?? '', version: Number(last.sk?.N), stamp: Number(last.stamp?.N) } }
      : { from, began, shard: shard + 1 },
  };
};

/** Returns the commits at `keys`, in their order, strongly consistent. */
const readAll = async (table: Table, keys: readonly Item[]): Promise<StoredCommit[]> => {
  const found = new Map((await readItems(table, keys)).map((item) => [placeOf(item), item]));
  return keys.flatMap((key) => {
    const item = found.get(placeOf(key));
    const read = (): StoredCommit => {
      if (item === undefined) throw new CorruptStore(`${placeOf(key)} stands in the index but not in the table`);
      return fromItem(item, table.macs);
    };
    return readableRecord(placeIn(key), read, table.unreadable);
  });
};

const placeIn = ({ pk, sk }: Item): CommitPlace => ({ stream: pk?.S ?? '', version: Number(sk?.N) });

const placeOf = ({ pk, sk }: Item): string => `${pk?.S}@${sk?.N}`;

const parseCursor = (cursor: string): Cursor => {
  try {
    return Cursor.parse(JSON.parse(cursor));
  } catch (cause) {
    throw new RangeError('not a cursor of this store', { cause });
  }
};
