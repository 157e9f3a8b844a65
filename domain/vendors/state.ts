// Storage format: the state that stands beside each commit. It is a cache of the fold; change it only together with VENDOR_STATE_VERSION.
import * as z from 'zod';
import { KeyId, KnownKey } from './keys.ts';

/** Raise whenever the shape below or what `evolve` makes of an event changes. */
export const VENDOR_STATE_VERSION = 1;

/**
 * A vendor: `vendor` and `name` are null until it is added. `keys` are those that counted when the last one was added, `spent` the ids
 * of all older ones, which never come back.
 */
export const VendorState = z.strictObject({
  vendor: z.string().nullable(),
  name: z.string().nullable(),
  keys: z.array(KnownKey),
  spent: z.array(KeyId),
});
export type VendorState = z.infer<typeof VendorState>;

export const initialVendorState: VendorState = { vendor: null, name: null, keys: [], spent: [] };
