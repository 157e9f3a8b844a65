// Storage format: an archive is NDJSON, one JSON object per line: a header, then one line per commit, then a trailer.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { type Commit, decodeCommit, hashOf } from '../../domain/kernel/commit.ts';
import { parseStrict } from '../../domain/kernel/json.ts';
import { Digest, strictObject } from '../../domain/kernel/zodTypes.ts';
import type { Attachment, StoredCommit } from '../platform/store/port.ts';

const HEADER = { archive: 'aldergate', format: 1 } as const;
const Header = strictObject(() => ({ archive: z.literal(HEADER.archive), format: z.literal(HEADER.format) }));

/** A commit: exactly the text that was hashed, and the attachments beside it. The state is derived, so omitted. */
const CommitLine = strictObject(() => ({
  commit: z.string(),
  attachments: z.array(z.strictObject({ sha256: Digest, mediaType: z.string(), bytes: z.base64() })).optional(),
}));

/** The last line, without which an archive was cut off. */
const Trailer = strictObject(() => ({ commits: z.int().min(0), sha256: Digest }));

const encodeLine = ({ bytes, attachments }: StoredCommit): string => {
  const line: z.infer<typeof CommitLine> = { commit: Buffer.from(bytes).toString('utf8') };
  if (attachments.length > 0)
    line.attachments = attachments.map((one) => ({ ...one, bytes: Buffer.from(one.bytes).toString('base64') }));
  return JSON.stringify(line);
};

class LinesDigest {
  readonly #hash = createHash('sha256');
  add(line: string): void {
    this.#hash.update(`${line}\n`);
  }
  toString(): string {
    return `sha256:${this.#hash.copy().digest('hex')}`;
  }
}

/** Yields the lines of an archive of these commits, without ends of line. */
export async function* linesOf(commits: AsyncIterable<StoredCommit>): AsyncGenerator<string> {
  const digest = new LinesDigest();
  const header = JSON.stringify(HEADER);
  digest.add(header);
  yield header;
  let count = 0;
  for await (const commit of commits) {
    const line = encodeLine(commit);
    digest.add(line);
    count += 1;
    yield line;
  }
  yield JSON.stringify({ commits: count, sha256: String(digest) });
}

/** A file that is whole and on the disk under another name, `path`. `keep` gives it its name durably, `drop` removes it. */
export interface FileDraft {
  readonly path: string;
  readonly keep: () => Promise<void>;
  readonly drop: () => Promise<void>;
}

/** Reports whether a path is something that is written as it is, such as a pipe or `/dev/stdout`. */
export const isDevice = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => !found.isFile(),
    () => false,
  );

/**
 * Writes text to `FILE.part`, which only its owner may read. A file that was cut off would be imported as an older backup, in which what
 * was switched off since is on, so it has its name only once it is whole. A device is written as it is.
 */
export const draftOf = async (file: string, text: AsyncIterable<string | Uint8Array> | Iterable<string>): Promise<FileDraft> => {
  if (await isDevice(file)) {
    await pipeline(text, createWriteStream(file));
    return { path: file, keep: async () => undefined, drop: async () => undefined };
  }
  const draft = `${file}.part`;
  const drop = (): Promise<void> => rm(draft, { force: true });
  await drop();
  try {
    await pipeline(text, createWriteStream(draft, { mode: 0o600, flush: true }));
  } catch (error) {
    await drop();
    throw error;
  }
  const keep = async (): Promise<void> => {
    await rename(draft, file);
    const folder = await open(dirname(file), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  };
  return { path: draft, keep, drop };
};

/** A commit of an archive, verified against its stream's earlier ones. */
export interface ArchivedCommit {
  readonly line: number;
  readonly commit: Commit;
  readonly bytes: Uint8Array;
  readonly attachments: readonly Attachment[];
}

/** Thrown on an invalid archive, with the problem and its line. */
export class BadArchive extends Error {
  override readonly name = 'BadArchive';
  readonly line: number;
  constructor(line: number, detail: string, options?: ErrorOptions) {
    super(`line ${line}: ${detail}`, options);
    this.line = line;
  }
}

/**
 * Yields the commits of an archive, which is attacker-controlled: each must decode, continue the hash chain of its stream and have the
 * attachments it names; the trailer must match the lines before it. Throws BadArchive.
 */
export async function* readArchive(lines: AsyncIterable<string>): AsyncGenerator<ArchivedCommit> {
  const reader = new ArchiveReader();
  for await (const line of lines) {
    const archived = reader.take(line);
    if (archived) yield archived;
  }
  reader.end();
}

class ArchiveReader {
  readonly #heads = new Map<string, { readonly version: number; readonly hash: string }>();
  readonly #digest = new LinesDigest();
  #line = 0;
  #commits = 0;
  #ended = false;

  take(line: string): ArchivedCommit | undefined {
    this.#line += 1;
    if (this.#ended) throw this.#bad('something follows the end of the archive');
    const value = parse(line, this.#line);
    const archived = this.#line === 1 ? this.#header(value) : isCommit(value) ? this.#commit(value) : this.#trailer(value);
    this.#digest.add(line);
    return archived;
  }

  end(): void {
    this.#line += 1;
    if (!this.#ended) throw this.#bad('the archive is cut off: its last line is missing');
  }

  #header(value: unknown): undefined {
    if (!Header.safeParse(value).success) throw this.#bad('not the beginning of an archive of a known format');
  }

  #commit(value: unknown): ArchivedCommit {
    const archived = toCommit(value, this.#line);
    const { stream, version, prev } = archived.commit;
    const head = this.#heads.get(stream);
    if (version !== (head?.version ?? 0) + 1) throw this.#bad(`version ${version} of ${stream} follows ${head?.version ?? 0}`);
    if (prev !== (head?.hash ?? null)) throw this.#bad(`${stream}@${version} does not continue the hash chain of its stream`);
    this.#heads.set(stream, { version, hash: hashOf(archived.bytes) });
    this.#commits += 1;
    return archived;
  }

  #trailer(value: unknown): undefined {
    const trailer = Trailer.safeParse(value);
    if (!trailer.success) throw this.#bad('neither a commit nor the end of the archive');
    if (trailer.data.commits !== this.#commits || trailer.data.sha256 !== String(this.#digest)) {
      throw this.#bad('the end does not fit the lines before it');
    }
    this.#ended = true;
  }

  #bad(detail: string): BadArchive {
    return new BadArchive(this.#line, detail);
  }
}

const isCommit = (value: unknown): boolean => typeof value === 'object' && value !== null && 'commit' in value;

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
