// Storage format: an archive is NDJSON, one JSON object per line: a header, then one line per commit, then a trailer.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { strictObject } from '../../../../domain/kernel/lazyObject.ts';
import { Digest } from '../../../../domain/kernel/zodTypes.ts';
import type { StoredCommit } from '../port.ts';

/** The first line. A reader rejects any header it does not know. */
export const HEADER = { archive: 'aldergate', format: 1 } as const;
export const Header = strictObject(() => ({ archive: z.literal(HEADER.archive), format: z.literal(HEADER.format) }));

/**
 * A commit: exactly the text that was hashed (canonical JSON is UTF-8), and the attachments beside it. The state is derived, so
 * omitted.
 */
export const CommitLine = strictObject(() => ({
  commit: z.string(),
  attachments: z.array(z.strictObject({ sha256: Digest, mediaType: z.string(), bytes: z.base64() })).optional(),
}));
export type CommitLine = z.infer<typeof CommitLine>;

/**
 * The last line. If it is missing, or its count or its digest of the lines before differs, the archive was truncated or
 * altered.
 */
export const Trailer = strictObject(() => ({ commits: z.int().min(0), sha256: Digest }));

/** Returns the line of a commit, without its end of line. */
export const encodeLine = ({ bytes, attachments }: StoredCommit): string => {
  const line: CommitLine = { commit: Buffer.from(bytes).toString('utf8') };
  if (attachments.length > 0) {
    line.attachments = attachments.map((one) => ({ ...one, bytes: Buffer.from(one.bytes).toString('base64') }));
  }
  return JSON.stringify(line);
};

/** Computes a digest over lines in order, each with its end of line. */
export class LinesDigest {
  readonly #hash = createHash('sha256');
  add(line: string): void {
    this.#hash.update(`${line}\n`);
  }
  toString(): string {
    return `sha256:${this.#hash.copy().digest('hex')}`;
  }
}
