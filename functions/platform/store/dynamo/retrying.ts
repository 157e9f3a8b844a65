import { ConditionalCheckFailedException, DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { backoff } from '../backoff.ts';
import { StoreUnavailable } from '../errors.ts';

const TRIES_MAX = 6;
/** DynamoDB answers within some 10 ms: a call that takes this long is lost. */
const TRY_MS_MAX = 1_500;
/** The time after which no new try starts, because the request behind it needs an answer. */
const TRYING_MS_MAX = 4_500;
const JITTER = { baseMs: 25, capMs: 800 };

/** Returns a client for {@link retrying}, without the SDK's own retries, whose budget is not shared with this module. */
export const dynamoClient = (config: DynamoDBClientConfig): DynamoDBClient =>
  new DynamoDBClient({ ...config, maxAttempts: 1, requestHandler: { connectionTimeout: 1_000 } });

/**
 * Runs one call until it is answered, at most {@link TRIES_MAX} times; every call here may be repeated. Then throws StoreUnavailable. A
 * failed condition is an answer.
 */
export const retrying = async <T>(call: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> => {
  const started = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return await call({ abortSignal: AbortSignal.timeout(TRY_MS_MAX) });
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) throw error;
      const last = tries >= TRIES_MAX || performance.now() - started > TRYING_MS_MAX;
      if (last || isRefused(error))
        throw new StoreUnavailable(`DynamoDB: ${nameOf(error)} after ${tries} tries`, { cause: error });
    }
    await backoff(tries, JITTER);
  }
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html: the retryable ones that come as a 400. */
const THROTTLED = new Set(['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded']);

const isRefused = (error: unknown): boolean => {
  const status = statusOf(error);
  return status !== undefined && status >= 400 && status < 500 && !THROTTLED.has(nameOf(error));
};

const statusOf = (error: unknown): number | undefined => {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  return (error.$metadata as { readonly httpStatusCode?: number } | undefined)?.httpStatusCode;
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));
