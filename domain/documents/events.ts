// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { DOCUMENT_BYTES_MAX, DOCUMENT_PART_BYTES } from '../kernel/commit.ts';
import { Digest, Instant, strictObject } from '../kernel/zodTypes.ts';

export const PARTS_MAX = Math.ceil(DOCUMENT_BYTES_MAX / DOCUMENT_PART_BYTES);

/** The media type that a document was sent as. For information only: a document is always served as data. */
export const MediaType = z
  .string()
  .max(100)
  .regex(/^[a-z]+\/[a-z0-9][a-z0-9.+-]*$/, 'is not a media type such as application/pdf');

/**
 * A part of a document is kept beside this commit. `sha256`, `bytes`: of the whole document; `partSha256`: of this part, the attachment.
 */
export const DocumentPartKept = strictObject(() => ({
  type: z.literal('DocumentPartKept'),
  v: z.literal(1),
  at: Instant,
  sha256: Digest,
  bytes: z.int().min(1).max(DOCUMENT_BYTES_MAX),
  mediaType: MediaType,
  part: z.int().min(1).max(PARTS_MAX),
  of: z.int().min(1).max(PARTS_MAX),
  partSha256: Digest,
}));
export type DocumentPartKept = z.infer<typeof DocumentPartKept>;
