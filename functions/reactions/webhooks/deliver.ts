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
/** How long one that is away is not asked again, twice as long each time. */
const AWAY_MS = 5_000;
const AWAY_MS_MAX = 60_000;
/** It, or a proxy before it, takes nothing at present. */
const AWAY_STATUSES = [429, 502, 503, 504];

/** Standard Webhooks `v1`: HMAC-SHA256 over `id.timestamp.body`. */
const signed = (secret: string, id: string, timestamp: string, body: string): string => {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
};

/**
 * Returns a function that posts an event to a subscriber; the webhook-id is the event's. A delivery without a 2xx answer throws
 * {@link Unavailable}; redirects are not followed. A subscriber that is away is skipped for a while: one that hangs would cost its time
 * limit for each stream. One that answers otherwise is not: it may refuse this event alone.
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

/** At least once; events of commits in the order of their stream, those that are derived in the order of the log. */
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

/** The oldest that waits for a subscriber; null if it has taken everything it was sent. */
const undeliveredTo = async (ports: Stores, id: string) => {
  const name = `${WEBHOOK_CONSUMER}${id}`;
  const [derived, commits] = await Promise.all([followedTrouble(ports.sideStore, name), commitsInTrouble(ports, { name })]);
  const all = [...(derived === undefined ? [] : [derived]), ...commits.map(({ commit, why }) => ({ since: commit.at, why }))];
  return all.sort((a, b) => ascending(a.since, b.since))[0] ?? null;
};

/** Without their secrets. `waits`: what a subscriber has not taken, since when, and why. */
export const subscribers = async (ports: Stores) => {
  const all = await listSubscriptions(ports.sideStore);
  return Promise.all(all.map(async ({ id, url }) => ({ id, url, waits: await undeliveredTo(ports, id) })));
};

/** For an operator. */
export const subscriberLine = ({ id, url, waits }: Awaited<ReturnType<typeof subscribers>>[0]): string =>
  `${id}  ${url}${waits === null ? '' : `\n  waits since ${waits.since}: ${waits.why}`}`;

/** Storage format. */
const KIND = 'subscription';
const Stored = strictObject(() => ({ url: z.string(), secret: z.string() }));
export type Subscription = Readonly<z.infer<typeof Stored> & { id: string }>;

/** Adds a subscription that receives what happens from now on. The secret is returned this once. */
export const subscribeFromNow = async ({ store, sideStore }: Stores, url: string): Promise<Subscription> => {
  const subscription = {
    id: `sub_${randomBytes(9).toString('hex')}`,
    url,
    secret: `whsec_${randomBytes(32).toString('base64')}`,
  };
  // Its marks first: nothing is delivered before it is stored.
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

/** No new delivery starts. False for an unknown id. */
export const removeSubscription = async (sideStore: SideStore, id: string): Promise<boolean> => {
  const known = (await listSubscriptions(sideStore)).some((each) => each.id === id);
  if (known) await sideStore.remove(KIND, id);
  return known;
};
