import * as z from 'zod';
import { Instant, LineText, strictObject } from '../kernel/zodTypes.ts';

// Storage format: events and the state hold keys.

/** The first segment of every feature key the vendor owns. `aldergate` is the city's own. */
export const VendorId = z
  .string()
  .regex(/^[a-z0-9-]{1,40}$/, 'must be 1 to 40 characters of a-z, 0-9 and hyphens')
  .refine((id) => id !== 'aldergate', 'is kept for changes of the city’s own policy');

export const vendorStream = (vendor: string): string => `vendor/${vendor}`;

export const KeyId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be 1 to 40 characters of letters, digits, hyphen and underscore');

/** As Standard Webhooks writes an Ed25519 key: `whpk_` and the base64 of its 32 bytes. */
export const PublicKey = z
  .string()
  .regex(/^whpk_[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'must be whpk_ and the base64 of 32 bytes');

/** `v1` is a shared secret, which only the side store holds: an event cannot be used to forge a notice. */
export const VendorKey = z.discriminatedUnion('scheme', [
  strictObject(() => ({ id: KeyId, scheme: z.literal('v1a'), publicKey: PublicKey })),
  strictObject(() => ({ id: KeyId, scheme: z.literal('v1') })),
]);
export type VendorKey = z.infer<typeof VendorKey>;

export const KnownKey = strictObject(() => ({ key: VendorKey, validFrom: Instant, validUntil: Instant.nullable() }));
export type KnownKey = z.infer<typeof KnownKey>;

export const isValid = ({ validUntil }: Pick<KnownKey, 'validUntil'>, at: string): boolean =>
  validUntil === null || at < validUntil;

// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.

const NAME_CHARS_MAX = 200;
export const VendorName = LineText(NAME_CHARS_MAX);

const VendorAdded = strictObject(() => ({
  type: z.literal('VendorAdded'),
  v: z.literal(1),
  at: Instant,
  vendor: VendorId,
  name: VendorName,
}));

const KeyAdded = strictObject(() => ({ type: z.literal('KeyAdded'), v: z.literal(1), at: Instant, key: VendorKey }));

const KeyRetired = strictObject(() => ({
  type: z.literal('KeyRetired'),
  v: z.literal(1),
  at: Instant,
  key: KeyId,
  validUntil: Instant,
}));

export const VendorEvent = z.discriminatedUnion('type', [VendorAdded, KeyAdded, KeyRetired]);
export type VendorEvent = z.infer<typeof VendorEvent>;
