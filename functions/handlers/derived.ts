import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { object } from '../../domain/kernel/lazyObject.ts';
import { eventBridgeBus } from '../platform/bus/eventBridgeBus.ts';
import { report } from '../platform/health.ts';
import { alone } from '../platform/lease.ts';
import { driftLines } from '../reactions/relay/driftLines.ts';
import { derivedRelay } from '../reactions/relay/relay.ts';
import { followDerived, followedCheck, replayFollowed } from '../register/derived/followers.ts';
import type { BusEvent, Chore } from './runtime/consumers.ts';
import { BOUNDED, BusName, CitySettings, readEnvironment, Tables } from './runtime/environment.ts';
import { feedPorts, NO_REGISTER } from './runtime/feedPorts.ts';
import { invoked } from './runtime/invocation.ts';
import { LEASE_MS } from './runtime/leases.ts';

const env = readEnvironment(object(() => ({ ...Tables.shape, ...CitySettings.shape, ...BusName.shape })));
const ports = await feedPorts(env, NO_REGISTER);

const consumers = [driftLines(ports.logger), derivedRelay(eventBridgeBus(new EventBridgeClient(BOUNDED), env.ALDERGATE_BUS))];

const NAME = 'derived';

const follow = async (): Promise<void> => {
  for (const { name, handle } of consumers) await followDerived(ports, name, handle);
  const found = await Promise.all(consumers.map(({ name }) => followedCheck(ports, name)()));
  await report(ports, NAME, found.flat());
};

const replay = async () => {
  const replayed = await Promise.all(consumers.map((consumer) => replayFollowed(ports, consumer)));
  return {
    handled: replayed.reduce((sum, { handled }) => sum + handled, 0),
    failed: replayed.flatMap(({ failed }) => failed.map(({ consumer, entry }) => `${consumer} ${entry}`)),
  };
};

/**
 * Behind a rule of the bus and on a schedule: folds what follows from the log and publishes it. Of two runs at once one does nothing. Only an
 * operator who invokes it directly can ask for `replay` of what the bus did not take.
 */
export const handler = invoked(async (event: Chore | BusEvent) => {
  if ('task' in event && event.task === 'replay') return replay();
  await alone(ports, { name: NAME, ms: LEASE_MS.derived }, follow);
  return undefined;
});
