import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import * as z from 'zod';
import { eventBridgeBus } from '../platform/bus/eventBridgeBus.ts';
import { Unavailable } from '../platform/feed/consumer.ts';
import { relay } from '../reactions/relay/relay.ts';
import { storeTampered } from '../reactions/relay/tampered.ts';
import { BOUNDED } from './runtime/clients.ts';
import { type Nudge, streamConsumer } from './runtime/consumers.ts';
import { BusName, readEnvironment, Tables } from './runtime/environment.ts';
import { feedPorts, NO_REGISTER } from './runtime/feedPorts.ts';
import { invoked } from './runtime/invocation.ts';
import { countingBus, measure } from './runtime/metrics.ts';

const env = readEnvironment(z.object({ ...Tables.shape, ...BusName.shape }));
const ports = await feedPorts(env, NO_REGISTER);
const bus = countingBus(eventBridgeBus(new EventBridgeClient({ ...BOUNDED, maxAttempts: 1 }), env.ALDERGATE_BUS), measure);

/** Reports a commit that was overwritten or deleted. Throws until the bus has taken the report, so that the record is delivered again. */
const tampered = async ({ id, at, stream, version, change }: Nudge): Promise<void> => {
  if (change === 'INSERT' || change === 'RENEWED') return;
  ports.logger({ level: 'error', event: 'store tampered', stream, version, change });
  const [failure] = await bus.publish([storeTampered(id, at, { stream, version, change })]);
  if (failure !== undefined) throw new Unavailable(`${failure.code} ${failure.message}`);
};

/** Publishes every event to the bus, from the stream of the commits table. */
export const handler = invoked(streamConsumer(ports, relay(bus), tampered));
