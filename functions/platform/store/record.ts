import {
  BODY_BYTES_MAX,
  type Commit,
  decodeCommit,
  EVENTS_MAX,
  encodeCommit,
  hashOf,
  ITEM_BYTES_MAX,
  STATE_BYTES_MAX,
} from '../../../domain/kernel/commit.ts';
import { CorruptStore } from './errors.ts';
import { commitParts, type Mac, type Macs } from './mac.ts';
import type { StoredCommit, UnreadableRow, UnreadCommit } from './port.ts';

export interface Row extends UnreadCommit {
  /** Absent if the row's writer could not make one. */
  readonly mac: Mac | undefined;
}

/** What is stored with the bytes of a commit, outside its hash. */
type Beside = Pick<StoredCommit, 'state' | 'stateVersion' | 'attachments'>;

// The SQLite adapter returns the same record object again, so it is decoded once.
const decoded = new WeakMap<StoredCommit, Commit>();

const decode = (bytes: Uint8Array, place: string): Commit => {
  try {
    return decodeCommit(bytes);
  } catch (cause) {
    throw new CorruptStore(`${place} does not decode`, { cause });
  }
};

/** Throws CorruptStore if the bytes do not decode. */
export const commitOf = (record: StoredCommit): Commit => {
  const known = decoded.get(record);
  if (known) return known;
  const commit = decode(record.bytes, `${record.stream}@${record.version}`);
  decoded.set(record, commit);
  return commit;
};

export const newRecord = (commit: Commit, beside: Beside): StoredCommit => recordOf(commit, encodeCommit(commit), beside);

/** `bytes`: those from which the commit was decoded. */
export const recordOf = (commit: Commit, bytes: Uint8Array, beside: Beside): StoredCommit => {
  const { stream, version, at, commandId } = commit;
  const record: StoredCommit = { stream, version, at, commandId, bytes, ...beside };
  decoded.set(record, commit);
  return record;
};

/**
 * Returns the record of a row, which is attacker-controlled. Throws CorruptStore unless its MAC is valid and its bytes are the commit of
 * this place. Checks the MAC first, so that nothing unauthenticated is parsed.
 */
export const verifiedRecord = ({ mac, ...row }: Row, macs: Macs): StoredCommit => {
  const place = `${row.stream}@${row.version}`;
  const forged = macs.problem(mac, ...commitParts(row));
  if (forged) throw new CorruptStore(`${place} was not written by this gate: ${forged}`);
  const commit = decode(row.bytes, place);
  if (commit.stream !== row.stream || commit.version !== row.version)
    throw new CorruptStore(`${place} holds ${commit.stream}@${commit.version}`);
  const record: StoredCommit = { ...row, at: commit.at, commandId: commit.commandId };
  const problem = recordProblem(record, commit);
  if (problem) throw new CorruptStore(`${place}: ${problem}`);
  decoded.set(record, commit);
  return record;
};

/** Returns a new MAC for a row whose valid MAC was made by an older key. */
export const renewedMac = (read: () => Row, macs: Macs): Mac | undefined => {
  try {
    const row = read();
    if (macs.isCurrent(row.mac) || macs.problem(row.mac, ...commitParts(row)) !== undefined) return undefined;
    return macs.make(...commitParts(row));
  } catch (error) {
    if (error instanceof CorruptStore) return undefined;
    throw error;
  }
};

/** Returns the record in a row; passes one that cannot be read to `unreadable`, or throws without it. */
export const readableRecord = (
  { stream, version }: Pick<Row, 'stream' | 'version'>,
  read: () => StoredCommit,
  unreadable: ((row: UnreadableRow) => void) | undefined,
): readonly StoredCommit[] => {
  try {
    return [read()];
  } catch (error) {
    if (unreadable === undefined || !(error instanceof CorruptStore)) throw error;
    unreadable({ stream, version, problem: error.message });
    return [];
  }
};

/** Throws RangeError on a record that must not be written. */
export const assertWritable = (record: StoredCommit): void => {
  const commit = commitOf(record);
  for (const part of ['stream', 'version', 'at', 'commandId'] as const) {
    if (commit[part] !== record[part]) throw new RangeError(`${part} of the record is not that of its bytes`);
  }
  const problem = recordProblem(record, commit);
  if (problem) throw new RangeError(`${record.stream}@${record.version}: ${problem}`);
};

/** Throws CorruptStore unless `later` is the commit right after `earlier` (undefined: the first). */
export const assertFollows = (earlier: StoredCommit | undefined, later: StoredCommit): void => {
  const problem = chainProblem(earlier, later);
  if (problem) throw new CorruptStore(`${later.stream}@${later.version}: ${problem}`);
};

/** Returns why `later` does not continue the hash chain that ends with `earlier`. */
export const chainProblem = (
  earlier: { readonly version: number; readonly bytes: Uint8Array } | undefined,
  later: StoredCommit,
): string | undefined => {
  const expected = (earlier?.version ?? 0) + 1;
  if (later.version !== expected) return `found where version ${expected} belongs`;
  if (commitOf(later).prev !== (earlier ? hashOf(earlier.bytes) : null)) return 'prev is not the hash of the commit before';
  return undefined;
};

/**
 * The newest commit of a stream in the public log; version 0 if there is none. `hash`: null if it is not known, also of a receipt, which is
 * one commit, known by its name alone.
 */
export interface LoggedEnd {
  readonly version: number;
  readonly hash: string | null;
}

export const missingCommitProblem = (head: StoredCommit | undefined, { version, hash }: LoggedEnd): string | undefined => {
  if ((head?.version ?? 0) < version) return `version ${version} is in the log and not in the store`;
  return hash !== null && head?.version === version && hashOf(head.bytes) !== hash
    ? `version ${version} in the log is another commit`
    : undefined;
};

/** Returns the size of a record; parsed, it takes some five times as much memory. */
export const heldBytes = ({ bytes, state, attachments }: StoredCommit): number =>
  attachments.reduce((sum, attachment) => sum + attachment.bytes.length, bytes.length + state.length);

/** Reports whether two records are the same, as after a try whose answer was lost. */
export const sameCommit = (one: StoredCommit, other: StoredCommit): boolean =>
  one.stream === other.stream && one.version === other.version && Buffer.compare(one.bytes, other.bytes) === 0;

const recordProblem = (record: StoredCommit, commit: Commit): string | undefined => {
  if (commit.events.length > EVENTS_MAX) return `more than ${EVENTS_MAX} events`;
  const altered = record.attachments.findIndex(({ sha256, bytes }) => hashOf(bytes) !== sha256);
  if (altered >= 0) return `attachment ${altered} is not what its digest says`;
  return sizeProblem(record);
};

/** Within DynamoDB's limit of 2,048 bytes for a partition key. */
export const STREAM_BYTES_MAX = 1_024;

const ITEM_OVERHEAD_BYTES = 512;
const ATTACHMENT_OVERHEAD_BYTES = 128;

/** Returns an upper bound of the size that DynamoDB counts. */
const itemBytes = ({ stream, bytes, state, attachments }: StoredCommit): number =>
  attachments.reduce(
    (sum, { sha256, mediaType, bytes }) =>
      sum + ATTACHMENT_OVERHEAD_BYTES + sha256.length + Buffer.byteLength(mediaType) + bytes.length,
    ITEM_OVERHEAD_BYTES + Buffer.byteLength(stream) + bytes.length + Buffer.byteLength(state),
  );

/** Returns why a record is too large. Checked before writing and after reading. */
export const sizeProblem = (record: StoredCommit): string | undefined => {
  if (record.bytes.length > BODY_BYTES_MAX) return `body above ${BODY_BYTES_MAX} bytes`;
  if (Buffer.byteLength(record.state) > STATE_BYTES_MAX) return `state above ${STATE_BYTES_MAX} bytes`;
  if (itemBytes(record) > ITEM_BYTES_MAX) return `item above ${ITEM_BYTES_MAX} bytes`;
  return streamProblem(record.stream);
};

export const streamProblem = (stream: string): string | undefined =>
  Buffer.byteLength(stream) > STREAM_BYTES_MAX ? `stream name above ${STREAM_BYTES_MAX} bytes` : undefined;
