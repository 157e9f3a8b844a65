// Storage format: a receipt records that a notice was accepted, so that the same delivery always gets the same answer.
import * as z from 'zod';
import { Digest, strictObject } from '../kernel/zodTypes.ts';

/**
 * `after`: the version of the feature's stream before this notice; the commit of the notice has a higher one. `approved`: the words
 * were in force, or approved for a later day.
 */
export const NoticeReceived = strictObject(() => ({
  type: z.literal('NoticeReceived'),
  v: z.literal(1),
  bodySha256: Digest,
  feature: z.string(),
  after: z.int().min(0),
  missingAncestors: z.array(z.string()),
  approved: z.literal(true).exactOptional(),
}));
export type NoticeReceived = z.infer<typeof NoticeReceived>;
