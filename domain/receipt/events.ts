// Storage format: a receipt says that a notice was taken in, so that the same delivery is answered the same for ever.
import * as z from 'zod';
import { Digest } from '../kernel/zodTypes.ts';

/** `after`: the version of the feature's stream before this notice; its commit stands above. */
export const NoticeReceived = z.strictObject({
  type: z.literal('NoticeReceived'),
  v: z.literal(1),
  bodySha256: Digest,
  feature: z.string(),
  after: z.int().min(0),
  missingAncestors: z.array(z.string()),
});
export type NoticeReceived = z.infer<typeof NoticeReceived>;
