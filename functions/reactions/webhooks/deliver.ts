import { createHmac } from 'node:crypto';
import type { CloudEvent } from '../../platform/bus/port.ts';
import { type Consumer, Unavailable } from '../../platform/feed/consumer.ts';
import { cloudEventsOf, familyOf } from '../relay/cloudEvents.ts';
import type { Subscription } from './subscriptions.ts';

const TIMEOUT_MS = 10_000;
/** How long a stream waits for an unavailable subscriber; see `consume`. */
const AWAY_MS = 5_000;

/** The subscription's id follows. */
export const WEBHOOK_CONSUMER = 'webhook-';

/** Standard Webhooks `v1`: HMAC-SHA256 over `id.timestamp.body`. */
const signed = (secret: string, id: string, timestamp: string, body: string): string => {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
};

/**
 * At least once and in order within a stream; the webhook-id is the event's. A delivery without a 2xx answer is retried; redirects are
 * not followed. A subscriber that just failed is skipped for the next stream: one that hangs would cost its time limit for each.
 */
export const webhookConsumer = ({ id, url, secret }: Subscription, nowMs: () => number): Consumer => {
  let awayUntilMs = 0;
  const away = (detail: string): Unavailable => {
    awayUntilMs = nowMs() + AWAY_MS;
    return new Unavailable(`${url} ${detail}`);
  };
  const send = async (event: CloudEvent): Promise<void> => {
    if (nowMs() < awayUntilMs) throw new Unavailable(`${url} was away a moment ago`);
    const body = JSON.stringify(event);
    const timestamp = Math.floor(nowMs() / 1000).toString();
    const headers = {
      'content-type': 'application/cloudevents+json',
      'webhook-id': event.id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signed(secret, event.id, timestamp, body),
    };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const status = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal }).then(
      async (response) => {
        await response.body?.cancel();
        return response.status;
      },
      (error: unknown) => {
        throw away(`cannot be reached: ${String(error)}`);
      },
    );
    if (status < 200 || status > 299) throw away(`answered ${status}`);
  };
  return {
    name: `${WEBHOOK_CONSUMER}${id}`,
    wants: (stream) => familyOf(stream) !== undefined,
    handle: async (commit) => {
      for (const event of cloudEventsOf(commit)) await send(event);
    },
  };
};
