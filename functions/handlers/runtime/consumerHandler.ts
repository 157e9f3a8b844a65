import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { Consumer, FeedPorts } from '../../platform/feed/consumer.ts';
import { runConsumers } from '../../platform/feed/consumers.ts';
import { replayDeadLetters } from '../../platform/feed/deadLetters.ts';
import { errorFields } from '../../platform/logging.ts';
import { eachStream, type Nudge, nudgeOf } from './streamRecords.ts';

/** What the schedule asks for, or an operator: `sweep` heals what nudges lost, `replay` tries parked commits once more. */
export interface Chore {
  readonly task: 'sweep' | 'replay';
}

/** What a chore found; `failed`: commits that stay parked, as `stream@version`. */
export interface ChoreDone {
  readonly handled: number;
  readonly failed: readonly string[];
}

/** Does a chore. Throws when the store cannot be reached, so that it counts as an error of the function. */
export const chores =
  (ports: FeedPorts, consumer: Consumer) =>
  async ({ task }: Chore): Promise<ChoreDone> => {
    if (task === 'replay') {
      const { handled, failed } = await replayDeadLetters(ports, consumer);
      return { handled, failed: failed.map(({ stream, version }) => `${stream}@${version}`) };
    }
    await runConsumers(ports, [consumer]).sweep();
    return { handled: 0, failed: [] };
  };

/**
 * A consumer on the stream of the commits table. A record is a nudge: what lies above the consumer's mark is read from the table,
 * so duplicates, a wrong order and losses do no harm. What a record that is no INSERT means is `tampered`'s to say.
 */
export const streamConsumer = (
  ports: FeedPorts,
  consumer: Consumer,
  tampered: (nudge: Nudge) => Promise<void> = async () => {},
): ((event: DynamoDBStreamEvent | Chore) => Promise<DynamoDBBatchResponse | ChoreDone>) => {
  const running = runConsumers(ports, [consumer]);
  const chore = chores(ports, consumer);
  const look = async (stream: string, nudges: readonly Nudge[]): Promise<void> => {
    for (const nudge of nudges) if (nudge.change === 'MODIFY' || nudge.change === 'REMOVE') await tampered(nudge);
    await running.look(stream);
  };
  return async (event) =>
    'Records' in event
      ? eachStream(event.Records.map(nudgeOf), look, (stream, error) =>
          ports.log({
            level: 'error',
            event: 'stream record not handled',
            consumer: consumer.name,
            stream,
            ...errorFields(error),
          }),
        )
      : chore(event);
};
