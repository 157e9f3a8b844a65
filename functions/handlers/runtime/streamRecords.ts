import { isDeepStrictEqual } from 'node:util';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';

/** What a record of the table's stream says: a nudge, never data. */
export interface Nudge {
  /** AWS's own id of the record, the same each time it is delivered. */
  readonly id: string;
  readonly sequenceNumber: string;
  /** RENEWED: nothing but the MAC was replaced, as a rotation of its key does. Every other change of a commit is an incident. */
  readonly change: 'INSERT' | 'RENEWED' | 'MODIFY' | 'REMOVE';
  readonly stream: string;
  readonly version: number;
  /** When DynamoDB wrote it, to the second. */
  readonly at: string;
}

type Image = NonNullable<DynamoDBRecord['dynamodb']>['NewImage'];
const withoutMac = ({ mac: _, macKey: __, ...rest }: NonNullable<Image>) => rest;

const changeOf = ({ eventName = 'MODIFY', dynamodb: { OldImage: old, NewImage: now } = {} }: DynamoDBRecord): Nudge['change'] =>
  eventName === 'MODIFY' && old !== undefined && now !== undefined && isDeepStrictEqual(withoutMac(old), withoutMac(now))
    ? 'RENEWED'
    : eventName;

/** Reads a record's keys. A commit is never taken from its image but read from the table, strongly consistent. */
export const nudgeOf = (record: DynamoDBRecord): Nudge => nudgeIn(record, record.dynamodb ?? {});

const nudgeIn = (record: DynamoDBRecord, dynamodb: NonNullable<DynamoDBRecord['dynamodb']>): Nudge => ({
  id: record.eventID ?? '',
  sequenceNumber: dynamodb.SequenceNumber ?? '',
  change: changeOf(record),
  stream: dynamodb.Keys?.pk?.S ?? '',
  version: Number(dynamodb.Keys?.sk?.N ?? 0),
  at: new Date((dynamodb.ApproximateCreationDateTime ?? 0) * 1000).toISOString(),
});

/**
 * Handles a batch stream by stream, side by side, and says which records have to come again. Lambda repeats from the first of
 * them on, and a repeat is harmless.
 */
export const eachStream = async (
  nudges: readonly Nudge[],
  look: (stream: string, nudges: readonly Nudge[]) => Promise<unknown>,
  failed: (stream: string, error: unknown) => void,
): Promise<DynamoDBBatchResponse> => {
  const streams = Map.groupBy(nudges, ({ stream }) => stream);
  const again = await Promise.all(
    [...streams].map(async ([stream, records]): Promise<readonly Nudge[]> => {
      try {
        await look(stream, records);
        return [];
      } catch (error) {
        failed(stream, error);
        return records;
      }
    }),
  );
  return { batchItemFailures: again.flat().map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })) };
};
