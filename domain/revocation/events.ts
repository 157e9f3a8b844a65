// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { Digest, FeatureKey, Instant, strictObject } from '../kernel/zodTypes.ts';

export const REVOCATION_STREAM = 'revocation';

const Name = z.string().min(1).max(100);

/**
 * An official switched off what change `change` of `key` had been approved for, while its stream, or the rules it depends on,
 * could not be read. Ends every approval of that change. `reason`: a commitment. `byReplacedLink`: the link had
 * been cut off.
 */
export const RevocationRecorded = strictObject(() => ({
  type: z.literal('RevocationRecorded'),
  v: z.literal(1),
  at: Instant,
  key: FeatureKey,
  change: z.int().min(1),
  requirement: Name,
  holder: Name,
  body: Name,
  seat: Name,
  fileNumber: z.string().max(200).nullable(),
  reason: Digest.nullable(),
  byReplacedLink: z.literal(true).exactOptional(),
}));
export type RevocationRecorded = z.infer<typeof RevocationRecorded>;
