// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Instant } from '../kernel/zodTypes.ts';
import { HolderId } from '../roster/schema.ts';
import { KeyId, VendorId } from '../vendors/keys.ts';

/** The stream of the endings that could not enter the stream of what they end. */
export const ENDING_STREAM = 'ending';

const Sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');

/**
 * What lets a person or a program act: a token or a vendor's form, by its SHA-256; every link or every passkey that a person has
 * by then; a vendor's key.
 */
export const Grant = z.discriminatedUnion('kind', [
  strictObject(() => ({ kind: z.literal('token'), sha256: Sha256Hex })),
  strictObject(() => ({ kind: z.literal('form'), sha256: Sha256Hex })),
  strictObject(() => ({ kind: z.literal('links'), holder: HolderId })),
  strictObject(() => ({ kind: z.literal('passkeys'), holder: HolderId })),
  strictObject(() => ({ kind: z.literal('vendor-key'), vendor: VendorId, key: KeyId })),
]);
export type Grant = z.infer<typeof Grant>;

/**
 * The operator ended a grant while the stream that made it could not be read. `number`: how often this grant has been ended here;
 * only a person's links and passkeys, which are made again, can be ended more than once.
 */
export const EndingRecorded = strictObject(() => ({
  type: z.literal('EndingRecorded'),
  v: z.literal(1),
  at: Instant,
  grant: Grant,
  number: z.int().min(1),
}));
export type EndingRecorded = z.infer<typeof EndingRecorded>;
