import { RELEASED_AT_ONCE } from '../platform/feed/consumer.ts';
import { openRegisterTable } from '../platform/store/dynamo/dynamoSideStore.ts';
import { projector } from '../register/project.ts';
import { streamConsumer } from './runtime/consumers.ts';
import { readEnvironment, Tables } from './runtime/environment.ts';
import { invoked } from './runtime/invocation.ts';
import { feedPorts } from './runtime/ports.ts';
import { whenOpen } from './runtime/stage.ts';

const ports = { ...(await feedPorts(readEnvironment(Tables), openRegisterTable)), isReleased: RELEASED_AT_ONCE };

/** Follows the stream of the commits table, not the log: every `true` in the register is confirmed on the commits. */
export const handler = invoked(whenOpen(ports, async () => streamConsumer(ports, projector(ports))));
