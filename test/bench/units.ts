import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { REGISTER_INDEXES, TIME_INDEX } from '../../functions/platform/store/dynamo/tables.ts';
import { COMMITS, REGISTER } from '../contract/dynamoTables.ts';

type Item = Readonly<Record<string, AttributeValue>>;

/** What calls to DynamoDB cost in its units, and how many calls there were. */
export interface Units {
  readonly calls: number;
  readonly reads: number;
  readonly writes: number;
}

/** The keys of each table's indexes, which hold keys only: an entry is one write unit, and two where its key changes. */
const INDEXES: Readonly<Record<string, readonly { readonly pk: string; readonly sk: string }[]>> = {
  [COMMITS]: [TIME_INDEX],
  [REGISTER]: Object.values(REGISTER_INDEXES),
};

const bytesOf = (value: AttributeValue): number => {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.length / 2) + 1;
  if (value.B !== undefined) return value.B.length;
  if (value.L !== undefined) return 3 + value.L.reduce((sum, each) => sum + 1 + bytesOf(each), 0);
  return value.M === undefined ? 1 : 3 + sizeOf(value.M);
};

/** Returns the size of an item as DynamoDB counts it: names and values. */
const sizeOf = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOf(value), 0);

const unitsOf = (bytes: number, unit: number): number => Math.max(1, Math.ceil(bytes / unit));

/** The parts of requests and answers that units depend on. */
interface Call {
  readonly TableName?: string;
  readonly ConsistentRead?: boolean;
  readonly Item?: Item;
  readonly RequestItems?: Readonly<Record<string, { readonly Keys?: readonly Item[]; readonly ConsistentRead?: boolean }>>;
}
interface Answer {
  readonly Item?: Item;
  readonly Items?: readonly Item[];
  readonly Responses?: Readonly<Record<string, readonly Item[]>>;
}

/** A read unit is 4 KiB strongly consistent, or 8 KiB. Each item of a batch is rounded up by itself; a key without an item costs one unit. */
const readUnits = (
  { RequestItems, ConsistentRead }: Call,
  { Item, Items = Item === undefined ? [] : [Item], Responses }: Answer,
): number => {
  const half = (consistent: boolean | undefined): number => (consistent === true ? 1 : 0.5);
  const whole = (items: readonly Item[]): number => items.reduce((sum, item) => sum + sizeOf(item), 0);
  if (RequestItems === undefined) return unitsOf(whole(Items), 4_096) * half(ConsistentRead);
  return Object.entries(RequestItems).reduce((sum, [table, { Keys = [], ConsistentRead: consistent }]) => {
    const found = Responses?.[table] ?? [];
    const units = found.reduce((each, item) => each + unitsOf(sizeOf(item), 4_096), Keys.length - found.length);
    return sum + units * half(consistent);
  }, 0);
};

/**
 * Counts the calls of a client and their units by the rules of DynamoDB's documentation; a write unit is 1 KiB. The engine's own figures are
 * not asked, as engines differ. Returns what was counted since the last call.
 */
export const countUnits = (client: DynamoDBClient): (() => Units) => {
  let [calls, reads, writes] = [0, 0, 0];
  /** The keys of an item's entries in the indexes, by table and key of the item. */
  const entries = new Map<string, readonly string[]>();
  const writeUnits = (table: string, item: Item): number => {
    const name = JSON.stringify([table, item['pk'], item['sk']]);
    const before = entries.get(name) ?? [];
    const after = (INDEXES[table] ?? []).map(({ pk, sk }) =>
      item[pk] === undefined || item[sk] === undefined ? '' : JSON.stringify([item[pk], item[sk]]),
    );
    entries.set(name, after);
    const changed = after.map((entry, n) =>
      entry === (before[n] ?? '') ? [] : [entry, before[n] ?? ''].filter((each) => each !== ''),
    );
    return unitsOf(sizeOf(item), 1_024) + changed.flat().length;
  };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const call = args.input as Call;
      const done = await next(args);
      const command = (context as { readonly commandName?: string }).commandName ?? '';
      calls += 1;
      if (command === 'PutItemCommand') writes += writeUnits(call.TableName ?? '', call.Item ?? {});
      else if (command === 'DeleteItemCommand') writes += 1;
      else reads += readUnits(call, done.output as Answer);
      return done;
    },
    { step: 'initialize', name: 'countUnits' },
  );
  return () => {
    const counted = { calls, reads, writes };
    [calls, reads, writes] = [0, 0, 0];
    return counted;
  };
};
