// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Instant } from '../kernel/zodTypes.ts';
import { PasskeyRule, PinnedRequirement } from '../policy/schema.ts';

export const Opening = strictObject(() => ({
  requirement: z.string().min(1).max(100),
  deadlineAt: Instant.nullable(),
  overrideUntil: Instant.nullable(),
}));
export type Opening = z.infer<typeof Opening>;

/** The rule that binds a revision, as it was when pinned. `missing`: kinds of documents that are not attached yet. */
export const Pinned = strictObject(() => ({
  policy: z.int().min(1),
  rule: z.string(),
  require: z.array(PinnedRequirement),
  term: z.string().nullable(),
  missing: z.array(z.string()),
  from: Instant,
  closesAt: Instant.nullable(),
  opens: z.array(Opening),
  passkeys: PasskeyRule.exactOptional(),
}));
export type Pinned = z.infer<typeof Pinned>;
