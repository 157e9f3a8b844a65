import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { StoreUnavailable } from '../errors.ts';
import type { Macs } from '../mac.ts';
import { ANY_CHANGED, type AppendOutcome, type HistoryRange, oneByOne, type Store, type StoredCommit } from '../port.ts';
import { assertWritable, sameCommit } from '../record.ts';
import { fromItem, type Item, toItem } from './item.ts';
import { retrying } from './retrying.ts';
import { endOfTimeIndex, placesInTimeIndex, sweepTimeIndex } from './sweep.ts';
import { TABLE_KEYS } from './tables.ts';

export interface DynamoStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** The wall clock in ms. The feed finds a commit by it, so no writer's clock may be wrong by more than a few minutes. */
  readonly now: () => number;
  readonly macs: Macs;
}

const HISTORY_LIMIT = 100;

/**
 * Opens the store in a DynamoDB table. A command is exactly one Query and one PutItem, even on a conflict: the refusal returns the
 * occupant.
 */
export const openDynamoStore = (options: DynamoStoreOptions): Store => {
  const { client, table, now, macs } = options;
  const append: Store['append'] = async (record) => {
    assertWritable(record);
    const command = new PutItemCommand({
      TableName: table,
      Item: toItem(record, now(), macs),
      ConditionExpression: `attribute_not_exists(${TABLE_KEYS.pk})`,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      await retrying((request) => client.send(command, request));
      return { outcome: 'appended' };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return lost(record, error, macs);
      throw error;
    }
  };
  return {
    head: async (stream) => {
      const answer = await retrying((options) =>
        client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: `${TABLE_KEYS.pk} = :stream`,
            ExpressionAttributeValues: { ':stream': { S: stream } },
            ScanIndexForward: false,
            Limit: 1,
            ConsistentRead: true,
          }),
          options,
        ),
      );
      return answer.Items?.map((item) => fromItem(item, macs)).at(0);
    },
    append,
    appendInOrder: oneByOne(append),
    history: (stream, range) => history({ client, table, macs }, stream, range),
    feed: (cursor, limit, unreadable) => sweepTimeIndex({ client, table, now, macs, unreadable }, cursor, limit),
    places: (cursor, limit) => placesInTimeIndex({ client, table, now }, cursor, limit),
    feedEnd: async () => endOfTimeIndex(now()),
    newestAt: async () => undefined,
    changed: async () => ANY_CHANGED,
    isUnchangedSince: () => false,
    close: async () => {},
  };
};

/** Appended if by this very commit, from an earlier try whose answer was lost. */
const lost = (record: StoredCommit, { Item: item }: ConditionalCheckFailedException, macs: Macs): AppendOutcome => {
  if (!item) throw new StoreUnavailable('DynamoDB refused a put without saying what stands there');
  const occupant = fromItem(item, macs);
  return sameCommit(occupant, record) ? { outcome: 'appended' } : { outcome: 'occupied', occupant };
};

const history = async (
  { client, table, macs }: Omit<DynamoStoreOptions, 'now'>,
  stream: string,
  { after = 0, upTo = Number.MAX_SAFE_INTEGER, limit = HISTORY_LIMIT }: HistoryRange,
): Promise<readonly StoredCommit[]> => {
  const found: StoredCommit[] = [];
  if (after >= upTo) return found;
  let last: Item | undefined;
  do {
    const answer = await retrying((options) =>
      client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: `${TABLE_KEYS.pk} = :stream AND ${TABLE_KEYS.sk} BETWEEN :first AND :last`,
          ExpressionAttributeValues: {
            ':stream': { S: stream },
            ':first': { N: String(after + 1) },
            ':last': { N: String(upTo) },
          },
          Limit: limit - found.length,
          ConsistentRead: true,
          ...(last && { ExclusiveStartKey: last }),
        }),
        options,
      ),
    );
    found.push(...(answer.Items ?? []).map((item) => fromItem(item, macs)));
    last = answer.LastEvaluatedKey;
  } while (last && found.length < limit);
  return found;
};
