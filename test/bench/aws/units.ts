import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { REGISTER_INDEXES, TIME_INDEX } from '../../../functions/platform/store/dynamo/tables.ts';
import { COMMITS, REGISTER } from '../../contract/dynamoTables.ts';

type Item = Readonly<Record<string, AttributeValue>>;

/** What calls to DynamoDB cost in its units, and how many calls there were. */
export interface Units {
  readonly calls: number;
  readonly reads: number;
  readonly writes: number;
}

const READ_BYTES = 4_096;
const WRITE_BYTES = 1_024;

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
  if (value.M !== undefined) return 3 + sizeOf(value.M);
  return 1;
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

const strength = (consistent: boolean | undefined): number => (consistent === true ? 1 : 0.5);

/** Each item that a batch finds is rounded up by itself; a key without an item costs one unit. */
const batchReads = ({ RequestItems = {} }: Call, { Responses = {} }: Answer): number =>
  Object.entries(RequestItems).reduce((sum, [table, { Keys = [], ConsistentRead }]) => {
    const items = Responses[table] ?? [];
    const units = items.reduce((each, item) => each + unitsOf(sizeOf(item), READ_BYTES), Keys.length - items.length);
    return sum + units * strength(ConsistentRead);
  }, 0);

/**
 * Counts the calls of a client and their units by the rules of DynamoDB's documentation: a read unit is 4 KiB strongly consistent or 8 KiB
 * otherwise, a write unit 1 KiB. The engine's own figures are not asked, as engines differ.
 */
export const countUnits = (client: DynamoDBClient): (() => Units) => {
  let [calls, reads, writes] = [0, 0, 0];
  /** The keys of an item's entries in the indexes, by table and key of the item. */
  const entries = new Map<string, readonly string[]>();
  const putUnits = (table: string, item: Item): number => {
    const name = JSON.stringify([table, item['pk'], item['sk']]);
    const before = entries.get(name) ?? [];
    const after = (INDEXES[table] ?? []).map(({ pk, sk }) =>
      item[pk] === undefined || item[sk] === undefined ? '' : JSON.stringify([item[pk], item[sk]]),
    );
    entries.set(name, after);
    const inIndexes = after.reduce((sum, entry, n) => {
      const former = before[n] ?? '';
      return entry === former ? sum : sum + (entry === '' ? 0 : 1) + (former === '' ? 0 : 1);
    }, 0);
    return unitsOf(sizeOf(item), WRITE_BYTES) + inIndexes;
  };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const call = args.input as Call;
      const done = await next(args);
      const answer = done.output as Answer;
      const command = (context as { readonly commandName?: string }).commandName ?? '';
      calls += 1;
      if (command === 'PutItemCommand') writes += putUnits(call.TableName ?? '', call.Item ?? {});
      else if (command === 'DeleteItemCommand') writes += 1;
      else if (command === 'BatchGetItemCommand') reads += batchReads(call, answer);
      else {
        const items = answer.Items ?? (answer.Item === undefined ? [] : [answer.Item]);
        const bytes = items.reduce((sum, item) => sum + sizeOf(item), 0);
        reads += unitsOf(bytes, READ_BYTES) * strength(call.ConsistentRead);
      }
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
