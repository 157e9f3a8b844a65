// Storage format: the state stored beside each commit, a cache of the fold. Change it only with VENDOR_STATE_VERSION.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { KeyId, KnownKey } from './keys.ts';

/** Raise whenever the shape below or what `evolve` makes of an event changes. */
export const VENDOR_STATE_VERSION = 1;

/** `keys`: those valid when the last one was added; `spent`: the ids of all older ones, which never return. */
export const VendorState = strictObject(() => ({
  vendor: z.string().nullable(),
  name: z.string().nullable(),
  keys: z.array(KnownKey),
  spent: z.array(KeyId),
}));
export type VendorState = z.infer<typeof VendorState>;

export const initialVendorState: VendorState = { vendor: null, name: null, keys: [], spent: [] };
