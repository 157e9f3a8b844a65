// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { Assertion } from '../kernel/assertion.ts';
import { strictObject } from '../kernel/lazyObject.ts';
import { Digest, FeatureKey, Id, Instant, LineText } from '../kernel/zodTypes.ts';
import { HolderId } from '../roster/schema.ts';

/** Why a text can be withheld or disposed of. Closed: a free-text reason could repeat what was redacted. */
export const REDACTION_REASONS = ['personal-data', 'confidential', 'unlawful', 'court-order', 'mistake'] as const;
export const RedactionReason = z.enum(REDACTION_REASONS);
export type RedactionReason = z.infer<typeof RedactionReason>;

/** The legal authority, such as "Records Act, section 24-72-204", and the file that holds the order. */
export const Authority = LineText(200);
export const OrderFile = LineText(100);

/**
 * What an order can hide. `text`: what an official wrote, which a salted digest in an event commits to. `notice` and `document`: the bytes
 * beside a commit, by their SHA-256. Only a text can be disposed of, since nothing removes what is beside a commit.
 */
export const REDACTABLE = ['text', 'notice', 'document'] as const;

/** Returns whether an order can ask for the end of it. */
export const isDisposable = (what: (typeof REDACTABLE)[number]): boolean => what === 'text';

/**
 * Where it is named: commit `version` of `stream` names it as `commitment`. `key` and `change`: of the change it belongs to; null for a
 * text that belongs to none, such as the reason of an objection to a roster.
 */
export const place = {
  what: z.enum(REDACTABLE),
  stream: z.string().min(1).max(300),
  version: z.int().min(1),
  key: FeatureKey.nullable(),
  change: z.int().min(1).nullable(),
  commitment: Digest,
};
/** `by`: the credential that ordered it. Nothing is redacted or disclosed without an authority and a file. */
const order = { at: Instant, by: z.string().min(1).max(200), authority: Authority, fileNumber: OrderFile };

/** A text, a raw notice or a document is no longer shown. It is kept, so that it can be disclosed again. */
export const TextWithheld = strictObject(() => ({
  type: z.literal('TextWithheld'),
  v: z.literal(1),
  ...place,
  ...order,
  reason: RedactionReason,
}));

/** What was withheld is shown again; a request to dispose of it ends. */
export const TextDisclosed = strictObject(() => ({
  type: z.literal('TextDisclosed'),
  v: z.literal(1),
  commitment: Digest,
  ...order,
}));

/**
 * Somebody asks for the disposal of an official's text. From here on it is not shown, and nothing is removed before a second person
 * confirms. `person`: the person of the credential, who cannot confirm it; null if the credential names none.
 */
export const DisposalRequested = strictObject(() => ({
  type: z.literal('DisposalRequested'),
  v: z.literal(1),
  ...place,
  ...order,
  reason: RedactionReason,
  person: HolderId.nullable(),
}));
export type DisposalRequested = z.infer<typeof DisposalRequested>;

/**
 * A clerk confirmed a disposal: the text and its salt are removed permanently. `request`: the name of the request (see `disposalName`).
 * `roster`: the version under which they hold the seat. `assertion`: the signature of their passkey, if one was required.
 */
export const TextDisposed = strictObject(() => ({
  type: z.literal('TextDisposed'),
  v: z.literal(1),
  at: Instant,
  commitment: Digest,
  request: Digest,
  holder: HolderId,
  body: Id,
  seat: Id,
  roster: z.int().min(1),
  assertion: Assertion.exactOptional(),
}));
export type TextDisposed = z.infer<typeof TextDisposed>;

export const RedactionEvent = z.discriminatedUnion('type', [TextWithheld, TextDisclosed, DisposalRequested, TextDisposed]);
export type RedactionEvent = z.infer<typeof RedactionEvent>;
