import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { Side } from '../../platform/store/side.ts';

/** Storage format, side kind `subscription`: where outgoing webhooks go and the secret that signs them. */
const KIND = 'subscription';
const Stored = z.strictObject({ url: z.string(), secret: z.string() });

/** Somebody who is told of every event, signed by Standard Webhooks `v1`. */
export interface Subscription {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
}

/** Adds a subscription; its secret is shown this once. */
export const addSubscription = async (side: Side, url: string): Promise<Subscription> => {
  const subscription = {
    id: `sub_${randomBytes(9).toString('hex')}`,
    url,
    secret: `whsec_${randomBytes(32).toString('base64')}`,
  };
  await side.put(KIND, subscription.id, { url, secret: subscription.secret });
  return subscription;
};

export const listSubscriptions = async (side: Side): Promise<readonly Subscription[]> =>
  (await side.list(KIND)).flatMap(({ id, value }) => {
    const parsed = Stored.safeParse(value);
    return parsed.success ? [{ id, ...parsed.data }] : [];
  });

/** Ends a subscription: no event is begun to be told any more. False when there is none of that id. */
export const removeSubscription = async (side: Side, id: string): Promise<boolean> => {
  const known = (await listSubscriptions(side)).some((subscription) => subscription.id === id);
  if (known) await side.remove(KIND, id);
  return known;
};
