// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Instant, LineText } from '../kernel/zodTypes.ts';
import { KeyId, VendorId, VendorKey } from './keys.ts';

/** Longest vendor name, in characters. */
const NAME_CHARS_MAX = 200;
export const VendorName = LineText(NAME_CHARS_MAX);

/** A vendor may post notices for keys under its id. */
export const VendorAdded = strictObject(() => ({
  type: z.literal('VendorAdded'),
  v: z.literal(1),
  at: Instant,
  vendor: VendorId,
  name: VendorName,
}));

/** A key of the vendor is valid from `at`. */
export const KeyAdded = strictObject(() => ({ type: z.literal('KeyAdded'), v: z.literal(1), at: Instant, key: VendorKey }));

/** A key of the vendor is valid until `validUntil`, exclusive. */
export const KeyRetired = strictObject(() => ({
  type: z.literal('KeyRetired'),
  v: z.literal(1),
  at: Instant,
  key: KeyId,
  validUntil: Instant,
}));

export const VendorEvent = z.discriminatedUnion('type', [VendorAdded, KeyAdded, KeyRetired]);
export type VendorEvent = z.infer<typeof VendorEvent>;
