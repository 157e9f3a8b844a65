import type { EventBridgeEvent } from 'aws-lambda';
import type { CloudEvent } from '../../platform/bus/port.ts';
import type { Consumer, FeedPorts } from '../../platform/feed/consumer.ts';
import { runConsumers } from '../../platform/feed/consumers.ts';
import { streamOf } from '../../reactions/relay/streamOf.ts';
import { type Chore, type ChoreDone, chores } from './consumerHandler.ts';

type BusEvent = EventBridgeEvent<string, CloudEvent>;

/**
 * A consumer behind a rule of the bus: a stream of DynamoDB bears two readers well, and the relay and the projector are those. An
 * event is a nudge like a stream record, so that its words are never believed and an event that was put on the bus by somebody
 * else makes the consumer look, and find nothing new.
 */
export const busConsumer = (
  ports: FeedPorts,
  consumer: Consumer,
): ((event: BusEvent | Chore) => Promise<ChoreDone | undefined>) => {
  const running = runConsumers(ports, [consumer]);
  const chore = chores(ports, consumer);
  return async (event) => {
    if ('task' in event) return chore(event);
    const stream = streamOf(event.detail);
    if (stream !== undefined) await running.look(stream);
    return undefined;
  };
};
