import { projector } from '../register/consumer.ts';
import { streamConsumer } from './runtime/consumerHandler.ts';
import { readEnvironment, Tables } from './runtime/environment.ts';
import { invoked } from './runtime/log.ts';
import { feedPorts } from './runtime/ports.ts';

const ports = await feedPorts(readEnvironment(Tables));

/** The projector as a Lambda on the stream of the commits table. */
export const handler = invoked(streamConsumer(ports, projector(ports)));
