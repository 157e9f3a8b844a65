import * as z from 'zod';
import { canonical, digestOf } from './canonical.ts';
import { isJsonObject, isReadable, type JsonObject, type JsonValue, parseStrict } from './json.ts';
import { Digest, Instant, strictObject } from './zodTypes.ts';

// The size limits of the store and of what it keeps.

/** In canonical form. A commit becomes one entry of the public log, at most 65,535 bytes. */
export const BODY_BYTES_MAX = 60 * 1024;

/**
 * The state is read with every command, so an aggregate that needs more keeps its text elsewhere. Space for two rosters of 60 persons.
 */
export const STATE_BYTES_MAX = 48 * 1024;

/** DynamoDB's limit is 409,600 including attribute names; every store applies this one. */
export const ITEM_BYTES_MAX = 400_000;

export const EVENTS_MAX = 20;

export const NOTICE_BYTES_MAX = 48 * 1024;

/** As base64 in JSON it still fits in the 6 MB of a Lambda invocation. */
export const DOCUMENT_BYTES_MAX = 4 * 1024 * 1024;

/** A part and its commit fit in one item of the store. */
export const DOCUMENT_PART_BYTES = 256 * 1024;

// Storage format: the store and the public log keep a commit's bytes permanently. Never change their form.

/** The events that take a stream from `version` − 1 to `version`. */
export interface Commit {
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  /** Identical when the command is sent again. */
  readonly commandId: string;
  readonly at: string;
  /** Taken from the credential, never from the body. */
  readonly actor: string;
  /** {@link hashOf} of the commit before, null in the first of a stream. */
  readonly prev: string | null;
  readonly events: readonly JsonObject[];
}

/** Thrown for bytes that are not a valid commit. No answer may be based on them. */
export class CorruptCommit extends Error {
  override readonly name = 'CorruptCommit';
  readonly code = 'corrupt-commit';
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const Name = z.string().min(1).max(1024);
// Aggregates own the schemas of their events; z.unknown() keeps the parsed objects unchanged.
const EventObject = z.custom<JsonObject>(isJsonObject, 'is not an object');
const CommitShape = strictObject(() => ({
  stream: Name,
  version: z.int().min(1),
  id: Name,
  commandId: Name,
  at: Instant,
  actor: Name,
  prev: Digest.nullable(),
  events: z.array(EventObject).min(1),
})).refine(({ version, prev }) => (version === 1) === (prev === null), {
  path: ['prev'],
  message: 'is null in version 1 and only there',
});

/** Encodes a commit. Throws if {@link decodeCommit} would not read it back: a programmer's error. */
export const encodeCommit = ({ stream, version, id, commandId, at, actor, prev, events }: Commit): Uint8Array => {
  const commit = { stream, version, id, commandId, at, actor, prev, events };
  const bytes = encoder.encode(canonical(commit));
  if (!isReadable(commit)) throw new CorruptCommit('the commit holds a key or a number that cannot be read back');
  shapeOf(commit);
  return bytes;
};

/**
 * Decodes a commit. Throws {@link CorruptCommit} unless the attacker-controlled bytes are exactly what {@link encodeCommit} writes.
 */
export const decodeCommit = (bytes: Uint8Array): Commit => {
  const parsed = parseStrict(bytes);
  if (!parsed.ok) throw new CorruptCommit(`${parsed.pointer || 'the commit'} ${parsed.detail}`);
  const commit = shapeOf(parsed.value);
  if (canonical(parsed.value) !== decoder.decode(bytes)) throw new CorruptCommit('the commit is not in canonical form');
  return commit;
};

const shapeOf = (value: JsonValue): Commit => {
  const commit = CommitShape.safeParse(value);
  if (commit.success) return commit.data;
  const [first] = commit.error.issues;
  throw new CorruptCommit(`/${first?.path.join('/')}: ${first?.message}`);
};

export const hashOf = (bytes: Uint8Array): string => digestOf(bytes);
