import { allDone } from '../platform/turns.ts';
import { isDerivedType } from '../reactions/relay/cloudEvents.ts';
import { listSubscriptions, type Subscription, webhookOf } from '../reactions/webhooks/deliver.ts';
import {
  type BusEvent,
  busConsumer,
  type Chore,
  type ChoreDone,
  followChores,
  mergeChores,
  readable,
} from './runtime/consumers.ts';
import { readEnvironment, Tables } from './runtime/environment.ts';
import { invoked } from './runtime/invocation.ts';
import { feedPorts, NO_REGISTER } from './runtime/ports.ts';
import { whenOpen } from './runtime/stage.ts';

const ports = await feedPorts(readEnvironment(Tables), NO_REGISTER);

type Handled = (event: BusEvent | Chore) => Promise<ChoreDone | undefined>;

const handledBy = (subscription: Subscription): Handled => {
  const { commits, derived } = webhookOf(subscription, Date.now);
  const consume = busConsumer(ports, commits);
  const follow = followChores(ports, derived);
  return async (event) => {
    if (!('task' in event)) return isDerivedType(event.detail.type) ? follow({ task: 'sweep' }) : consume(event);
    return mergeChores([await follow(event), await consume(event)]);
  };
};

/** Lets an environment remember which subscribers did not answer. */
const consumers = new Map<string, Handled>();

const consumerOf = (subscription: Subscription): Handled => {
  const consumer = consumers.get(subscription.id) ?? handledBy(subscription);
  consumers.set(subscription.id, consumer);
  return consumer;
};

const deliver = async (event: BusEvent | Chore) => {
  const subscriptions = await listSubscriptions(ports.sideStore);
  return mergeChores(await allDone(subscriptions.map((subscription) => consumerOf(subscription)(event))));
};

/** Runs one consumer per subscriber, so that an unresponsive one does not delay others. A new one counts from the next event. */
export const handler = invoked(whenOpen(ports, async () => readable(ports.logger, deliver)));
