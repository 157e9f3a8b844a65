import { isDeepStrictEqual } from 'node:util';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent, EventBridgeEvent } from 'aws-lambda';
import * as z from 'zod';
import { object } from '../../../domain/kernel/zodTypes.ts';
import type { Consumer, FeedPorts } from '../../platform/feed/consumer.ts';
import { runConsumers, sweptCheck } from '../../platform/feed/consumers.ts';
import { replayDeadLetters } from '../../platform/feed/deadLetters.ts';
import { type HealthCheck, report } from '../../platform/health.ts';
import { underLease } from '../../platform/lease.ts';
import { errorFields, type Logger } from '../../platform/logging.ts';
import { streamOf } from '../../reactions/relay/cloudEvents.ts';
import { type DerivedConsumer, followDerived, replayFollowed } from '../../register/derived/followers.ts';

// A consumer is invoked by the stream of the commits table or a bus rule, and by a schedule. Each is a nudge: the consumer reads
// everything above its mark from the table, so duplicate, reordered, lost and forged events do no harm.

/**
 * `sweep` handles what lost nudges left, `replay` retries parked commits. `scheduled`: the instant for which EventBridge Scheduler
 * started it, up to a minute before it runs; absent if a person invokes it.
 */
export interface Chore {
  readonly task: 'sweep' | 'replay';
  readonly scheduled?: string;
}

/** Reports whether a chore is the first in an interval of `minutes` within an hour. */
export const isFirstInInterval = (minutes: number, { scheduled }: Pick<Chore, 'scheduled'>): boolean =>
  scheduled !== undefined && new Date(scheduled).getUTCMinutes() % minutes === 0;

/** `failed`: the commits that stay parked, as `stream@version`, and derived events, by their id in the queue. */
export interface ChoreDone {
  readonly handled: number;
  readonly failed: readonly string[];
}

export const mergeChores = (each: readonly (ChoreDone | undefined)[]): ChoreDone => {
  const done = each.filter((one) => one !== undefined);
  return { handled: done.reduce((sum, { handled }) => sum + handled, 0), failed: done.flatMap(({ failed }) => failed) };
};

/**
 * A sweep also reports what the consumer could not handle, and what `more` finds, for `/readyz` and the alarms. Rejects if the store
 * is unreachable, which Lambda counts as an error.
 */
export const chores =
  (ports: FeedPorts, consumer: Consumer, more: readonly HealthCheck[] = []) =>
  async ({ task }: Chore): Promise<ChoreDone> => {
    if (task === 'replay') {
      const { handled, failed } = await replayDeadLetters(ports, consumer);
      return { handled, failed: failed.map(({ stream, version }) => `${stream}@${version}`) };
    }
    await runConsumers(ports, [consumer]).sweep();
    const found = (await Promise.all([sweptCheck(ports, consumer), ...more].map((check) => check()))).flat();
    for (const { detail } of found)
      ports.logger({ level: 'error', event: 'consumer is behind', consumer: consumer.name, detail });
    await report(ports, consumer.name, found);
    return { handled: 0, failed: [] };
  };

/** A consumer of the queue of derived events: one run at a time, since many events nudge it at once. */
export const followChores =
  (ports: FeedPorts, { name, handle }: DerivedConsumer) =>
  async ({ task }: Chore): Promise<ChoreDone> => {
    if (task === 'replay') {
      const { handled, failed } = await replayFollowed(ports, { name, handle });
      return { handled, failed: failed.map(({ entry }) => entry) };
    }
    await underLease(ports, name, () => followDerived(ports, name, handle));
    return { handled: 0, failed: [] };
  };

/** The fields read from an event, which anything in the account may have put on the bus. */
const Detail = object(() => ({ type: z.string(), subject: z.string() }));
export type BusEvent = EventBridgeEvent<string, z.infer<typeof Detail>>;

/** Drops an event whose detail is unreadable: Lambda would deliver it again, and then set it aside as lost. */
export const readable =
  <R>(logger: Logger, handle: (event: BusEvent | Chore) => Promise<R>) =>
  async (event: BusEvent | Chore): Promise<R | undefined> => {
    if ('task' in event || Detail.safeParse(event.detail).success) return handle(event);
    logger({ level: 'warn', event: 'event of the bus dropped', id: event.id, why: 'its detail has no type or no subject' });
    return undefined;
  };

/**
 * A consumer behind a bus rule, because a DynamoDB stream supports only two readers, the projector and the sequencer. The rule starts
 * a run for each event of a commit, and the schedule another: one of them handles it, and the others find that it is done.
 */
export const busConsumer = (
  ports: FeedPorts,
  consumer: Consumer,
  more: readonly HealthCheck[] = [],
): ((event: BusEvent | Chore) => Promise<ChoreDone | undefined>) => {
  const one: Consumer = { ...consumer, isShared: true };
  const running = runConsumers(ports, [one]);
  const chore = chores(ports, one, more);
  return async (event) => {
    if ('task' in event) return chore(event);
    const stream = streamOf(event.detail);
    if (stream !== undefined) await running.look(stream);
    return undefined;
  };
};

/** A stream record without its image: the commit is always read from the table. */
export interface Nudge {
  /** The same at each delivery. */
  readonly id: string;
  readonly sequenceNumber: string;
  /** `RENEWED`: only the MAC was replaced, as in a rotation of its key. */
  readonly change: 'INSERT' | 'RENEWED' | 'MODIFY' | 'REMOVE';
  readonly stream: string;
  readonly version: number;
  /** To the second. */
  readonly at: string;
}

type Image = NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['NewImage']>;
const withoutMac = ({ mac: _mac, macKey: _macKey, ...rest }: Image) => rest;

const changeOf = ({ eventName = 'MODIFY', dynamodb: { OldImage: old, NewImage: now } = {} }: DynamoDBRecord): Nudge['change'] =>
  eventName === 'MODIFY' && old !== undefined && now !== undefined && isDeepStrictEqual(withoutMac(old), withoutMac(now))
    ? 'RENEWED'
    : eventName;

export const nudgeOf = (record: DynamoDBRecord): Nudge => {
  const { SequenceNumber: sequenceNumber = '', Keys: keys, ApproximateCreationDateTime: seconds = 0 } = record.dynamodb ?? {};
  return {
    id: record.eventID ?? '',
    sequenceNumber,
    change: changeOf(record),
    stream: keys?.pk?.S ?? '',
    version: Number(keys?.sk?.N ?? 0),
    at: new Date(seconds * 1000).toISOString(),
  };
};

/** Lambda redelivers the records whose work rejects. */
interface Batch {
  readonly logger: Logger;
  readonly reader: string;
  readonly nudges: readonly Nudge[];
  readonly work: (stream: string, nudges: readonly Nudge[]) => Promise<unknown>;
}

/** Works on streams in parallel. Returns which failed; Lambda redelivers from the first of these. */
const eachStream = async ({ logger, reader, nudges, work }: Batch): Promise<DynamoDBBatchResponse> => {
  const streams = Map.groupBy(nudges, ({ stream }) => stream);
  const again = await Promise.all(
    [...streams].map(async ([stream, records]): Promise<readonly Nudge[]> => {
      try {
        await work(stream, records);
        return [];
      } catch (error) {
        logger({ level: 'error', event: 'stream record not handled', consumer: reader, stream, ...errorFields(error) });
        return records;
      }
    }),
  );
  return { batchItemFailures: again.flat().map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })) };
};

export const streamConsumer = (
  ports: FeedPorts,
  consumer: Consumer,
): ((event: DynamoDBStreamEvent | Chore) => Promise<DynamoDBBatchResponse | ChoreDone>) => {
  const running = runConsumers(ports, [consumer]);
  const chore = chores(ports, consumer);
  return async (event) =>
    'Records' in event
      ? eachStream({
          logger: ports.logger,
          reader: consumer.name,
          nudges: event.Records.map(nudgeOf),
          work: (stream) => running.look(stream),
        })
      : chore(event);
};

/** Calls `tampered` for each commit that was changed or removed. Returns which reports failed. */
export const tamperingWatch =
  (logger: Logger, reader: string, tampered: (nudge: Nudge) => Promise<void>) =>
  (nudges: readonly Nudge[]): Promise<DynamoDBBatchResponse> =>
    eachStream({
      logger,
      reader,
      nudges: nudges.filter(({ change }) => change === 'MODIFY' || change === 'REMOVE'),
      work: async (_, records) => {
        for (const nudge of records) await tampered(nudge);
      },
    });
