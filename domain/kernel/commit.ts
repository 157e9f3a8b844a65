// Storage format: a commit's bytes stand in the store and in the public log for ever. Never change what they look like.
import * as z from 'zod';
import { canonical, isInOrder } from './canonical.ts';
import { digestOf } from './digest.ts';
import { type JsonObject, readStrict } from './json.ts';
import { Digest, Instant } from './zodTypes.ts';

/** The outcome of one accepted command: the events that take a stream from `version` − 1 to `version`. */
export interface Commit {
  readonly stream: string;
  /** 1, 2, 3 … within the stream, without gaps. */
  readonly version: number;
  readonly id: string;
  /** Made by whoever sent the command, and the same when it is sent again. */
  readonly commandId: string;
  readonly at: string;
  /** From the credential, never from the body. */
  readonly actor: string;
  /** {@link hashOf} of the commit before, null in the first of a stream. */
  readonly prev: string | null;
  readonly events: readonly JsonObject[];
}

/** Bytes that are no commit: altered, cut off, or written by another program. No answer may be given from them. */
export class CorruptCommit extends Error {
  override readonly name = 'CorruptCommit';
  readonly code = 'corrupt-commit';
}

const encoder = new TextEncoder();

const Name = z.string().min(1).max(1024);
// The events' own schemas are the aggregates' business; z.unknown() keeps the parsed objects as they are.
const EventObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'is not an object',
);
const CommitShape = z
  .strictObject({
    stream: Name,
    version: z.int().min(1),
    id: Name,
    commandId: Name,
    at: Instant,
    actor: Name,
    prev: Digest.nullable(),
    events: z.array(EventObject).min(1),
  })
  .refine(({ version, prev }) => (version === 1) === (prev === null), {
    path: ['prev'],
    message: 'is null in version 1 and only there',
  });

/** The bytes to hash and to store. Throws on a commit that {@link decodeCommit} would not read back: a programmer's error. */
export const encodeCommit = ({ stream, version, id, commandId, at, actor, prev, events }: Commit): Uint8Array => {
  const bytes = encoder.encode(canonical({ stream, version, id, commandId, at, actor, prev, events }));
  // What is left to check: that the text was canonical is certain here.
  read(bytes);
  return bytes;
};

/** The commit in stored bytes, which are attacker-controlled: throws {@link CorruptCommit} unless they are exactly what {@link encodeCommit} writes. */
export const decodeCommit = (bytes: Uint8Array): Commit => {
  const { value, text, isCompact, commit } = read(bytes);
  // One text for one sequence of valid UTF-8, so comparing texts compares bytes.
  if (!(isCompact && isInOrder(value)) && canonical(value) !== text)
    throw new CorruptCommit('the commit is not in canonical form');
  return commit;
};

const read = (bytes: Uint8Array) => {
  const parsed = readStrict(bytes);
  if (!parsed.ok) throw new CorruptCommit(`${parsed.pointer || 'the commit'} ${parsed.detail}`);
  const commit = CommitShape.safeParse(parsed.value);
  if (!commit.success) throw new CorruptCommit(`not a commit: ${z.prettifyError(commit.error)}`);
  return { ...parsed, commit: commit.data satisfies Commit };
};

/** The digest by which the next commit of the stream names this one in `prev`. */
export const hashOf = (bytes: Uint8Array): string => digestOf(bytes);
