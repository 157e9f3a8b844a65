import { createHmac, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { ascending } from '../../../domain/kernel/order.ts';
import { strictObject } from '../../../domain/kernel/zodTypes.ts';
import { isUnexpired } from '../../platform/age.ts';
import type { CloudEvent } from '../../platform/bus/port.ts';
import { type Consumer, type FeedPorts, StillUnavailable, Unavailable, WEBHOOK_CONSUMER } from '../../platform/feed/consumer.ts';
import { commitsInTrouble, skipTo, walkFeed } from '../../platform/feed/consumers.ts';
import { causeOf } from '../../platform/logging.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { type DerivedConsumer, followedTrouble, followFromNow } from '../../register/derived/followers.ts';
import { cloudEventsOf, derivedCloudEvent, familyOf } from '../relay/cloudEvents.ts';

const TIMEOUT_MS = 10_000;
/** The pause before an unreachable subscriber is tried again; doubles each time. */
const AWAY_MS = 5_000;
const AWAY_MS_MAX = 60_000;
/** Statuses of a subscriber, or its proxy, that accepts nothing at present. */
const AWAY_STATUSES = [429, 502, 503, 504];

/** Standard Webhooks `v1`: HMAC-SHA256 over `id.timestamp.body`. */
const signed = (secret: string, id: string, timestamp: string, body: string): string => {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
};

/**
 * Returns a function that posts an event to a subscriber; the webhook-id is the event's. A delivery without a 2xx answer throws
 * {@link Unavailable}; redirects are not followed. An unreachable subscriber is skipped for a while, since one that hangs would cost its
 * timeout for each stream. One that answers with another error is not: it may refuse only this event.
 */
const senderTo = ({ url, secret }: Subscription, nowMs: () => number): ((event: CloudEvent) => Promise<void>) => {
  let away = { untilMs: 0, ms: 0, why: '' };
  const isAway = (why: string): Unavailable => {
    const ms = Math.min(Math.max(AWAY_MS, away.ms * 2), AWAY_MS_MAX);
    away = { untilMs: nowMs() + ms, ms, why };
    return new Unavailable(why);
  };
  return async (event) => {
    if (isUnexpired(away.untilMs, nowMs(), AWAY_MS_MAX)) throw new StillUnavailable(away.why);
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
        throw isAway(`${url} cannot be reached: ${causeOf(error)}`);
      },
    );
    const why = `${url} answered ${status}`;
    if (AWAY_STATUSES.includes(status)) throw isAway(why);
    away = { untilMs: 0, ms: 0, why: '' };
    if (status < 200 || status > 299) throw new Unavailable(why);
  };
};

/** What a subscriber receives: the events of commits, and what is derived from the log. */
export interface Webhook {
  readonly commits: Consumer;
  readonly derived: DerivedConsumer;
}

/** Delivers at least once: events of commits in stream order, derived events in log order. */
export const webhookOf = (subscription: Subscription, nowMs: () => number): Webhook => {
  const send = senderTo(subscription, nowMs);
  const name = `${WEBHOOK_CONSUMER}${subscription.id}`;
  return {
    commits: {
      name,
      wants: (stream) => familyOf(stream) !== undefined,
      handle: async (commit) => {
        for (const event of cloudEventsOf(commit)) await send(event);
      },
    },
    derived: { name, handle: (entry) => send(derivedCloudEvent(entry)) },
  };
};

type Stores = Pick<FeedPorts, 'store' | 'sideStore'>;

/** Returns the oldest event that waits for a subscriber; null if it has accepted everything. */
const undeliveredTo = async (ports: Stores, id: string) => {
  const name = `${WEBHOOK_CONSUMER}${id}`;
  const [derived, commits] = await Promise.all([followedTrouble(ports.sideStore, name), commitsInTrouble(ports, { name })]);
  const all = [...(derived === undefined ? [] : [derived]), ...commits.map(({ commit, why }) => ({ since: commit.at, why }))];
  return all.sort((a, b) => ascending(a.since, b.since))[0] ?? null;
};

/** Returns the subscribers without their secrets. `waits`: what a subscriber has not accepted, since when, and why. */
export const subscribers = async (ports: Stores) => {
  const all = await listSubscriptions(ports.sideStore);
  return Promise.all(all.map(async ({ id, url }) => ({ id, url, waits: await undeliveredTo(ports, id) })));
};

/** Describes a subscriber for an operator. */
export const subscriberLine = ({ id, url, waits }: Awaited<ReturnType<typeof subscribers>>[0]): string =>
  `${id}  ${url}${waits === null ? '' : `\n  waits since ${waits.since}: ${waits.why}`}`;

/** Storage format. */
const KIND = 'subscription';
const Stored = strictObject(() => ({ url: z.string(), secret: z.string() }));
export type Subscription = Readonly<z.infer<typeof Stored> & { id: string }>;

/** Adds a subscription that receives future events. The secret is returned only here. */
export const subscribeFromNow = async ({ store, sideStore }: Stores, url: string): Promise<Subscription> => {
  const subscription = {
    id: `sub_${randomBytes(9).toString('hex')}`,
    url,
    secret: `whsec_${randomBytes(32).toString('base64')}`,
  };
  // Sets its marks first: nothing is delivered before it is stored.
  const { commits, derived } = webhookOf(subscription, Date.now);
  await skipTo(sideStore, commits, await walkFeed(store));
  await followFromNow(sideStore, derived.name);
  await sideStore.put(KIND, subscription.id, { url, secret: subscription.secret });
  return subscription;
};

export const listSubscriptions = async (sideStore: SideStore): Promise<readonly Subscription[]> =>
  (await sideStore.list(KIND)).flatMap(({ id, value }) => {
    const { data } = Stored.safeParse(value);
    return data === undefined ? [] : [{ id, ...data }];
  });

/** Removes a subscription; no new delivery starts. False for an unknown id. */
export const removeSubscription = async (sideStore: SideStore, id: string): Promise<boolean> => {
  const known = (await listSubscriptions(sideStore)).some((each) => each.id === id);
  if (known) await sideStore.remove(KIND, id);
  return known;
};
