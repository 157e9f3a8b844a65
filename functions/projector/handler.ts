import { streamConsumer } from '../aws/consumerHandler.ts';
import { readEnvironment, Tables } from '../aws/environment.ts';
import { invoked } from '../aws/log.ts';
import { feedPorts } from '../aws/ports.ts';
import { projector } from './consumer.ts';

const ports = feedPorts(readEnvironment(Tables));

/** The projector as a Lambda on the stream of the commits table. */
export const handler = invoked(streamConsumer(ports, projector(ports)));
