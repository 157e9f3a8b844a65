// Storage format: these shapes stand in the public log for ever. Add new versions, never change old ones.
import * as z from 'zod';
import { Digest, FeatureKey, Instant, LineText } from '../kernel/zodTypes.ts';

/** Why a text may be taken away. Closed: a reason in free words could repeat what was redacted. */
export const REDACTION_REASONS = ['personal-data', 'confidential', 'unlawful', 'court-order', 'mistake'] as const;
export const RedactionReason = z.enum(REDACTION_REASONS);
export type RedactionReason = z.infer<typeof RedactionReason>;

/** Under which authority, such as "Records Act, section 24-72-204", and the file in which the order stands. */
export const Authority = LineText(200);
export const OrderFile = LineText(100);

/**
 * A text by an official was taken out of the side store for good. It stood in commit `version` of the feature's stream, in change
 * `change`, as `commitment`, which stays there. `by`: whose credential ordered it. The text itself is nowhere in here.
 */
export const TextRedacted = z.strictObject({
  type: z.literal('TextRedacted'),
  v: z.literal(1),
  at: Instant,
  key: FeatureKey,
  change: z.int().min(1),
  version: z.int().min(1),
  commitment: Digest,
  reason: RedactionReason,
  by: z.string().min(1).max(200),
  authority: Authority.nullable(),
  fileNumber: OrderFile.nullable(),
});
export type TextRedacted = z.infer<typeof TextRedacted>;
