import { webhookConsumer } from '../reactions/webhooks/deliver.ts';
import { listSubscriptions, type Subscription } from '../reactions/webhooks/subscriptions.ts';
import { busConsumer } from './runtime/consumers.ts';
import { readEnvironment, Tables } from './runtime/environment.ts';
import { feedPorts, NO_REGISTER } from './runtime/feedPorts.ts';
import { invoked } from './runtime/invocation.ts';

const ports = await feedPorts(readEnvironment(Tables), NO_REGISTER);

type Handled = ReturnType<typeof busConsumer>;

/** So that an environment remembers which subscribers did not answer. */
const consumers = new Map<string, Handled>();

const consumerOf = (subscription: Subscription): Handled => {
  const consumer = consumers.get(subscription.id) ?? busConsumer(ports, webhookConsumer(subscription, Date.now));
  consumers.set(subscription.id, consumer);
  return consumer;
};

/** One consumer a subscriber, so that one that does not answer delays no other. A new subscription counts from the next event. */
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
