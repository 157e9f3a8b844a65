import { projector } from '../register/project.ts';
import { openRegister } from '../register/registerAttributes.ts';
import { streamConsumer } from './runtime/consumers.ts';
import { readEnvironment, Tables } from './runtime/environment.ts';
import { feedPorts } from './runtime/feedPorts.ts';
import { invoked } from './runtime/invocation.ts';

const ports = await feedPorts(readEnvironment(Tables), openRegister);

/** Keeps the register up to date from the stream of the commits table. The relay reports every record that is not an INSERT. */
export const handler = invoked(streamConsumer(ports, projector(ports), async () => {}));
