import { type Commit, decodeCommit, hashOf } from '../../../domain/kernel/commit.ts';
import { parseStrict } from '../../../domain/kernel/json.ts';
import type { Attachment } from '../port.ts';
import { CommitLine, Header, LinesDigest, Trailer } from './line.ts';

/** A commit of an archive, verified against its stream's earlier ones. */
export interface ArchivedCommit {
  /** Of the line, counted from 1. */
  readonly line: number;
  readonly commit: Commit;
  readonly bytes: Uint8Array;
  readonly attachments: readonly Attachment[];
}

/** What is wrong with an archive, and where. */
export class BadArchive extends Error {
  override readonly name = 'BadArchive';
  readonly line: number;
  constructor(line: number, detail: string, options?: ErrorOptions) {
    super(`line ${line}: ${detail}`, options);
    this.line = line;
  }
}

/**
 * The commits of an archive, in its order. Archives are attacker-controlled: every commit must decode, continue the versions and
 * the hash chain of its stream and have the attachments it says; the trailer must fit what came before. Throws BadArchive.
 */
export async function* readArchive(lines: AsyncIterable<string>): AsyncGenerator<ArchivedCommit> {
  const heads = new Map<string, { readonly version: number; readonly hash: string }>();
  const digest = new LinesDigest();
  let number = 0;
  let commits = 0;
  let ended = false;
  for await (const line of lines) {
    number += 1;
    if (ended) throw new BadArchive(number, 'something follows the end of the archive');
    const value = parse(line, number);
    if (number === 1) {
      if (!Header.safeParse(value).success) throw new BadArchive(number, 'not the beginning of an archive of a known format');
    } else if (typeof value === 'object' && value !== null && 'commit' in value) {
      const archived = toCommit(value, number);
      const { stream, version, prev } = archived.commit;
      const head = heads.get(stream);
      if (version !== (head?.version ?? 0) + 1)
        throw new BadArchive(number, `version ${version} of ${stream} follows ${head?.version ?? 0}`);
      if (prev !== (head?.hash ?? null))
        throw new BadArchive(number, `${stream}@${version} does not continue the hash chain of its stream`);
      heads.set(stream, { version, hash: hashOf(archived.bytes) });
      commits += 1;
      yield archived;
    } else {
      const trailer = Trailer.safeParse(value);
      if (!trailer.success) throw new BadArchive(number, 'neither a commit nor the end of the archive');
      if (trailer.data.commits !== commits || trailer.data.sha256 !== String(digest)) {
        throw new BadArchive(number, 'the end does not fit the lines before it');
      }
      ended = true;
    }
    digest.add(line);
  }
  if (!ended) throw new BadArchive(number + 1, 'the archive is cut off: its last line is missing');
}

const parse = (line: string, number: number): unknown => {
  const parsed = parseStrict(Buffer.from(line));
  if (!parsed.ok) throw new BadArchive(number, `${parsed.pointer || 'the line'} ${parsed.detail}`);
  return parsed.value;
};

const toCommit = (value: unknown, number: number): ArchivedCommit => {
  const line = CommitLine.safeParse(value);
  if (!line.success) throw new BadArchive(number, 'not a line of a commit', { cause: line.error });
  const bytes = Buffer.from(line.data.commit);
  const attachments = (line.data.attachments ?? []).map(
    (one): Attachment => ({ ...one, bytes: Buffer.from(one.bytes, 'base64') }),
  );
  const altered = attachments.findIndex((one) => hashOf(one.bytes) !== one.sha256);
  if (altered >= 0) throw new BadArchive(number, `attachment ${altered} is not what its digest says`);
  try {
    return { line: number, commit: decodeCommit(bytes), bytes, attachments };
  } catch (cause) {
    throw new BadArchive(number, cause instanceof Error ? cause.message : 'not a commit', { cause });
  }
};
