import type { FeedPorts } from '../../functions/platform/feed/consumer.ts';
import { type Consumers, runConsumers } from '../../functions/platform/feed/consumers.ts';
import { webhookConsumer } from '../../functions/reactions/webhooks/deliver.ts';
import { listSubscriptions } from '../../functions/reactions/webhooks/subscriptions.ts';

/** Runs the outgoing webhooks, one consumer for each subscriber, so that one that is away delays no other. Each sweep picks up new and ended subscriptions. */
export const runWebhooks = (ports: FeedPorts) => {
  const running = new Map<string, Consumers>();
  return {
    sweep: async (): Promise<void> => {
      const subscriptions = await listSubscriptions(ports.sideStore);
      const ended = [...running.keys()].filter((id) => subscriptions.every((subscription) => subscription.id !== id));
      for (const id of ended) running.delete(id);
      for (const subscription of subscriptions) {
        if (!running.has(subscription.id))
          running.set(subscription.id, runConsumers(ports, [webhookConsumer(subscription, Date.now)]));
      }
      await Promise.allSettled([...running.values()].map((consumers) => consumers.sweep()));
    },
    settled: async (): Promise<void> => {
      await Promise.all([...running.values()].map((consumers) => consumers.settled()));
    },
  };
};
