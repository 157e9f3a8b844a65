import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  type DynamoDBClientConfig,
  type QueryCommand,
  type ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { backoff } from '../../turns.ts';
import { StoreUnavailable } from '../errors.ts';

export type Item = Record<string, AttributeValue>;

export interface Table {
  readonly client: DynamoDBClient;
  readonly table: string;
}

const TRIES_MAX = 6;
/** DynamoDB answers within some 10 ms: a call without a first byte for this long is lost. A whole answer, up to 16 MB, may take longer. */
const SILENT_MS_MAX = 1_500;
/** The time after which no new try starts, because the request that caused the call needs an answer. */
const TRYING_MS_MAX = 4_500;
const JITTER = { baseMs: 25, capMs: 800 };

/** The SDK's number of connections. */
const CALLS_MAX = 50;
let underWay = 0;
const waiting: (() => void)[] = [];

/** Queues calls: thousands at once would use up their time waiting for a connection. */
const inTurn = async <T>(call: () => Promise<T>): Promise<T> => {
  if (underWay < CALLS_MAX) underWay += 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await call();
  } finally {
    const next = waiting.shift();
    if (next === undefined) underWay -= 1;
    else next();
  }
};

/** Returns a client for {@link retrying}, without the SDK's own retries, whose budget is not shared with this module. */
export const dynamoClient = (config: DynamoDBClientConfig): DynamoDBClient =>
  new DynamoDBClient({
    ...config,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 1_000, socketTimeout: SILENT_MS_MAX },
  });

/**
 * Runs one call until it is answered, at most {@link TRIES_MAX} times; every call here may be repeated. Then throws StoreUnavailable. A
 * failed condition is an answer.
 */
export const retrying = <T>(call: () => Promise<T>): Promise<T> => inTurn(() => retried(call));

const retried = async <T>(call: () => Promise<T>): Promise<T> => {
  const started = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) throw error;
      const last = tries >= TRIES_MAX || performance.now() - started > TRYING_MS_MAX;
      if (last || isRefused(error))
        throw new StoreUnavailable(`DynamoDB: ${nameOf(error)} after ${tries} tries`, { cause: error });
    }
    await backoff(tries, JITTER);
  }
};

/** Retryable errors with status 400: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html. */
const THROTTLED = new Set(['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded']);

const isRefused = (error: unknown): boolean => {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return false;
  const { httpStatusCode: status = 0 } = (error.$metadata ?? {}) as { readonly httpStatusCode?: number };
  return status >= 400 && status < 500 && !THROTTLED.has(nameOf(error));
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));

/** Yields the pages of a query; `ask` makes one request. */
export async function* pages(
  client: DynamoDBClient,
  ask: (from: { readonly ExclusiveStartKey?: Item }) => QueryCommand | ScanCommand,
): AsyncGenerator<readonly Item[]> {
  let last: Item | undefined;
  do {
    const command = ask(last === undefined ? {} : { ExclusiveStartKey: last });
    const answer = await retrying(() => client.send(command));
    yield answer.Items ?? [];
    last = answer.LastEvaluatedKey;
  } while (last);
}

export const everyItem = async (found: AsyncIterable<readonly Item[]>): Promise<readonly Item[]> => {
  const items: Item[] = [];
  for await (const page of found) items.push(...page);
  return items;
};

const BATCH_MAX = 100;

/** Returns the existing items, strongly consistent, in no particular order. No key may occur twice. */
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
  retrying(async () => {
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
    );
    const unprocessed = UnprocessedKeys?.[table]?.Keys ?? [];
    // If no key was processed, that is throttling without an error: retry after a pause. Processed keys may have no item.
    if (unprocessed.length >= keys.length) throw new Error('nothing processed');
    return { items: Responses?.[table] ?? [], unprocessed };
  });
