import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';

/** Storage format, side kind `subscription`: where outgoing webhooks go and the secret that signs them. */
const KIND = 'subscription';
const Stored = strictObject(() => ({ url: z.string(), secret: z.string() }));

/** A subscriber to every event, signed by Standard Webhooks `v1`. */
export interface Subscription {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
}

/** Adds a subscription and returns its secret, which is shown only this once. */
export const addSubscription = async (sideStore: SideStore, url: string): Promise<Subscription> => {
  const subscription = {
    id: `sub_${randomBytes(9).toString('hex')}`,
    url,
    secret: `whsec_${randomBytes(32).toString('base64')}`,
  };
  await sideStore.put(KIND, subscription.id, { url, secret: subscription.secret });
  return subscription;
};

export const listSubscriptions = async (sideStore: SideStore): Promise<readonly Subscription[]> =>
  (await sideStore.list(KIND)).flatMap(({ id, value }) => {
    const parsed = Stored.safeParse(value);
    return parsed.success ? [{ id, ...parsed.data }] : [];
  });

/** Ends a subscription: no new delivery starts. Returns false if the id is unknown. */
export const removeSubscription = async (sideStore: SideStore, id: string): Promise<boolean> => {
  const known = (await listSubscriptions(sideStore)).some((subscription) => subscription.id === id);
  if (known) await sideStore.remove(KIND, id);
  return known;
};
