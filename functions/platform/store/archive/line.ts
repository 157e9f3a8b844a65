// Storage format: an archive is NDJSON, one JSON object a line: a header, then one line a commit, then a trailer.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Digest } from '../../../../domain/kernel/zodTypes.ts';
import type { StoredCommit } from '../port.ts';

/** First line. A reader refuses what it does not know. */
export const HEADER = { archive: 'aldergate', format: 1 } as const;
export const Header = z.strictObject({ archive: z.literal(HEADER.archive), format: z.literal(HEADER.format) });

/** A commit: the text that was hashed, exactly (canonical JSON is UTF-8), and what was kept beside it. Its state is derived, so not here. */
export const CommitLine = z.strictObject({
  commit: z.string(),
  attachments: z.array(z.strictObject({ sha256: Digest, mediaType: z.string(), bytes: z.base64() })).optional(),
});
export type CommitLine = z.infer<typeof CommitLine>;

/** Last line: without it, or with another number or digest of the lines before, the archive was cut off or altered. */
export const Trailer = z.strictObject({ commits: z.int().min(0), sha256: Digest });

/** The line of a commit, without its end of line. */
export const encodeLine = ({ bytes, attachments }: StoredCommit): string => {
  const line: CommitLine = { commit: Buffer.from(bytes).toString('utf8') };
  if (attachments.length > 0) {
    line.attachments = attachments.map((one) => ({ ...one, bytes: Buffer.from(one.bytes).toString('base64') }));
  }
  return JSON.stringify(line);
};

/** Digest over lines in order, each with its end of line. */
export class LinesDigest {
  readonly #hash = createHash('sha256');
  add(line: string): void {
    this.#hash.update(`${line}\n`);
  }
  toString(): string {
    return `sha256:${this.#hash.copy().digest('hex')}`;
  }
}
