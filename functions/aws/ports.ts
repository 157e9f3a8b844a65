import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import type { FeedPorts } from '../feed/consumer.ts';
import type { GatePorts } from '../gate/ports.ts';
import { openDynamoSide } from '../store/dynamo/dynamoSide.ts';
import { openDynamoStore } from '../store/dynamo/dynamoStore.ts';
import { dynamoClient } from '../store/dynamo/retrying.ts';
import { StreamQueue } from '../store/queue.ts';
import { systemClock } from './clock.ts';
import type { City, Tables } from './environment.ts';
import { log } from './log.ts';

/** What a consumer stands on: both tables through one client, which keeps its connections between invocations. */
export const feedPorts = (env: z.infer<typeof Tables>): FeedPorts => {
  const client = dynamoClient({});
  return {
    store: openDynamoStore({ client, table: env.ALDERGATE_COMMITS_TABLE, now: Date.now }),
    side: openDynamoSide({ client, table: env.ALDERGATE_SIDE_TABLE }),
    clock: systemClock,
    log,
  };
};

/** What takes commands. Lists may lag: the projector is another function. */
export const gatePorts = (env: z.infer<typeof Tables> & z.infer<typeof City>): GatePorts & FeedPorts => ({
  ...feedPorts(env),
  newId: randomUUID,
  queue: new StreamQueue(),
  zone: env.ALDERGATE_TIME_ZONE,
  url: env.ALDERGATE_URL,
});
