import { webhookConsumer } from '../reactions/webhooks/deliver.ts';
import { listSubscriptions, type Subscription } from '../reactions/webhooks/subscriptions.ts';
import { busConsumer } from './runtime/busConsumer.ts';
import { readEnvironment, Tables } from './runtime/environment.ts';
import { invoked } from './runtime/log.ts';
import { feedPorts } from './runtime/ports.ts';

const ports = await feedPorts(readEnvironment(Tables));

type Handled = ReturnType<typeof busConsumer>;

/** Kept between invocations, so that an environment remembers who was just away. */
const consumers = new Map<string, Handled>();

const consumerOf = (subscription: Subscription): Handled => {
  const consumer = consumers.get(subscription.id) ?? busConsumer(ports, webhookConsumer(subscription, Date.now));
  consumers.set(subscription.id, consumer);
  return consumer;
};

/**
 * Outgoing webhooks as a Lambda behind a rule of the bus: one consumer a subscriber, so that one who is away holds up nobody. Whoever
 * subscribed a moment ago is seen at the next event. Rejects when the store could not be reached for somebody.
 */
export const handler = invoked(async (event: Parameters<Handled>[0]) => {
  const subscriptions = await listSubscriptions(ports.sideStore);
  const done = await Promise.allSettled(subscriptions.map((subscription) => consumerOf(subscription)(event)));
  const failed = done.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  const chores = done.flatMap((each) => (each.status === 'fulfilled' && each.value !== undefined ? [each.value] : []));
  return {
    handled: chores.reduce((sum, { handled }) => sum + handled, 0),
    failed: chores.flatMap((each) => each.failed),
  };
});
