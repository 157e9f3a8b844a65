// Storage format: notices and attestations hold it permanently.
import * as z from 'zod';
import { strictObject } from './lazyObject.ts';

/** `signature`: over `id.timestamp.` and the raw body, in base64; null under `v1`, whose signatures prove nothing without the secret. */
export const SignedMessage = strictObject(() => ({
  id: z.string().regex(/^[!-~]{1,200}$/),
  timestamp: z.string().regex(/^[0-9]{1,12}$/),
  signature: z
    .string()
    .regex(/^[A-Za-z0-9+/]{86}==$/)
    .nullable(),
}));
