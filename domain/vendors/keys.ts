// Storage format: keys stand in events and in the state.
import * as z from 'zod';
import { Instant } from '../kernel/zodTypes.ts';

/** A vendor's id: one segment, the first of every feature key it owns. `aldergate` is the city's own. */
export const VendorId = z
  .string()
  .regex(/^[a-z0-9-]{1,40}$/, 'must be 1 to 40 characters of a-z, 0-9 and hyphens')
  .refine((id) => id !== 'aldergate', 'is kept for changes of the city’s own policy');

/** The stream of one vendor. */
export const vendorStream = (vendor: string): string => `vendor/${vendor}`;

export const KeyId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be 1 to 40 characters of letters, digits, hyphen and underscore');

/** An Ed25519 public key as Standard Webhooks writes it: `whpk_` and the base64 of its 32 bytes, in the one form that base64 has. */
export const PublicKey = z
  .string()
  .regex(/^whpk_[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'must be whpk_ and the base64 of 32 bytes');

/**
 * A key's public part. `v1a` is an Ed25519 key; `v1` a shared secret, which is in the side store and never here: an event names a key
 * and cannot be used to forge a notice.
 */
export const VendorKey = z.discriminatedUnion('scheme', [
  z.strictObject({ id: KeyId, scheme: z.literal('v1a'), publicKey: PublicKey }),
  z.strictObject({ id: KeyId, scheme: z.literal('v1') }),
]);
export type VendorKey = z.infer<typeof VendorKey>;

/** A key as the state knows it: `validUntil`, exclusive, once it has been retired. */
export const KnownKey = z.strictObject({ key: VendorKey, validFrom: Instant, validUntil: Instant.nullable() });
export type KnownKey = z.infer<typeof KnownKey>;

/** Whether a signature by this key counts at an instant. At `validUntil` it no longer does. */
export const isValid = ({ validUntil }: Pick<KnownKey, 'validUntil'>, at: string): boolean =>
  validUntil === null || at < validUntil;
