import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';

/** Storage format, side kind `subscription`. */
const KIND = 'subscription';
const Stored = strictObject(() => ({ url: z.string(), secret: z.string() }));

export interface Subscription {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
}

/**
 * Adds a subscription. The secret is returned this once. `begin`: sets its marks, before anything can be delivered; without, it receives
 * everything from the beginning.
 */
export const addSubscription = async (
  sideStore: SideStore,
  url: string,
  begin: (subscription: Subscription) => Promise<void> = async () => {},
): Promise<Subscription> => {
  const subscription = {
    id: `sub_${randomBytes(9).toString('hex')}`,
    url,
    secret: `whsec_${randomBytes(32).toString('base64')}`,
  };
  await begin(subscription);
  await sideStore.put(KIND, subscription.id, { url, secret: subscription.secret });
  return subscription;
};

export const listSubscriptions = async (sideStore: SideStore): Promise<readonly Subscription[]> =>
  (await sideStore.list(KIND)).flatMap(({ id, value }) => {
    const parsed = Stored.safeParse(value);
    return parsed.success ? [{ id, ...parsed.data }] : [];
  });

/** No new delivery starts. False if the id is unknown. */
export const removeSubscription = async (sideStore: SideStore, id: string): Promise<boolean> => {
  const known = (await listSubscriptions(sideStore)).some((subscription) => subscription.id === id);
  if (known) await sideStore.remove(KIND, id);
  return known;
};
