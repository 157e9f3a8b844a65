// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Digest, Instant } from '../kernel/zodTypes.ts';

/** `signature`: over `id.timestamp.` and the raw body, in base64; null under `v1`, whose signatures prove nothing without the secret. */
const SignedMessage = strictObject(() => ({
  id: z.string().regex(/^[!-~]{1,200}$/),
  timestamp: z.string().regex(/^[0-9]{1,12}$/),
  signature: z
    .string()
    .regex(/^[A-Za-z0-9+/]{86}==$/)
    .nullable(),
}));

/**
 * `person`: the holder who entered it, null if unknown or if the vendor sent it; `key`: the id of the key that signed it, or of the form.
 */
export const Provenance = strictObject(() => ({
  channel: z.string().min(1).max(100),
  by: z.string().min(1).max(200),
  person: z.string().min(1).max(100).nullable(),
  key: z.string().nullable(),
  scheme: z.enum(['v1a', 'v1']).nullable(),
  message: SignedMessage.nullable(),
  heardAt: Instant.nullable(),
  evidence: Digest.nullable(),
}));
export type Provenance = z.infer<typeof Provenance>;
