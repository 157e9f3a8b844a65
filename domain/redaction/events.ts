// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { Digest, FeatureKey, Instant, LineText, strictObject } from '../kernel/zodTypes.ts';

/** Closed: a free-text reason could repeat what was redacted. */
export const REDACTION_REASONS = ['personal-data', 'confidential', 'unlawful', 'court-order', 'mistake'] as const;
export const RedactionReason = z.enum(REDACTION_REASONS);
export type RedactionReason = z.infer<typeof RedactionReason>;

export const Authority = LineText(200);
export const OrderFile = LineText(100);

/** `text`: what an official wrote. `notice` and `document`: the bytes beside a commit, by their SHA-256. */
export const REDACTABLE = ['text', 'notice', 'document'] as const;

/** `revision`: null for all of the change. `key` and `change`: null for a text of the roster. */
export const place = {
  key: FeatureKey.nullable(),
  change: z.int().min(1).nullable(),
  revision: z.int().min(1).nullable(),
};

/** Commit `version` of `stream` names it as `commitment`. */
export const subject = {
  ...place,
  what: z.enum(REDACTABLE),
  stream: z.string().min(1).max(300),
  version: z.int().min(1),
  commitment: Digest,
};

const order = { at: Instant, by: z.string().min(1).max(200), authority: Authority, fileNumber: OrderFile };

/** Kept, and shown to those who decide. `everywhere`: the same bytes are hidden at every other place, too. */
const TextWithheld = strictObject(() => ({
  type: z.literal('TextWithheld'),
  v: z.literal(1),
  ...subject,
  everywhere: z.boolean(),
  ...order,
  reason: RedactionReason,
}));

const TextDisclosed = strictObject(() => ({
  type: z.literal('TextDisclosed'),
  v: z.literal(1),
  ...place,
  commitment: Digest,
  ...order,
}));

export const RedactionEvent = z.discriminatedUnion('type', [TextWithheld, TextDisclosed]);
export type RedactionEvent = z.infer<typeof RedactionEvent>;
