// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { Digest, FeatureKey, Instant, LineText } from '../kernel/zodTypes.ts';

/** Why a text can be removed. Closed: a free-text reason could repeat what was redacted. */
export const REDACTION_REASONS = ['personal-data', 'confidential', 'unlawful', 'court-order', 'mistake'] as const;
export const RedactionReason = z.enum(REDACTION_REASONS);
export type RedactionReason = z.infer<typeof RedactionReason>;

/** The legal authority, such as "Records Act, section 24-72-204", and the file that holds the order. */
export const Authority = LineText(200);
export const OrderFile = LineText(100);

/**
 * An official's text was removed from the side store permanently. It belonged to commit `version` of the feature's stream, in
 * change `change`, as `commitment`, which stays there. Nothing is redacted without an authority and a file; either is null only in logs of
 * earlier versions. `by`: the credential that ordered it. The event does not contain the text.
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
