// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Instant, LineText } from '../kernel/zodTypes.ts';
import { KeyId, VendorId, VendorKey } from './keys.ts';

const NAME_CHARS_MAX = 200;
export const VendorName = LineText(NAME_CHARS_MAX);

export const VendorAdded = strictObject(() => ({
  type: z.literal('VendorAdded'),
  v: z.literal(1),
  at: Instant,
  vendor: VendorId,
  name: VendorName,
}));

export const KeyAdded = strictObject(() => ({ type: z.literal('KeyAdded'), v: z.literal(1), at: Instant, key: VendorKey }));

export const KeyRetired = strictObject(() => ({
  type: z.literal('KeyRetired'),
  v: z.literal(1),
  at: Instant,
  key: KeyId,
  validUntil: Instant,
}));

export const VendorEvent = z.discriminatedUnion('type', [VendorAdded, KeyAdded, KeyRetired]);
export type VendorEvent = z.infer<typeof VendorEvent>;
