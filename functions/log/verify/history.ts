import { featureStream } from '../../../domain/feature/keys.ts';
import { CorruptCommit, decodeCommit, hashOf } from '../../../domain/kernel/commit.ts';
import { claimedCheckpoint } from '../../../domain/log/checkpoint.ts';
import { type CheckpointSigned, isSetupStream, LOG_STREAM } from '../../../domain/log/events.ts';
import { REVOCATION_STREAM, RevocationRecorded } from '../../../domain/revocation/events.ts';
import { logAggregate } from '../../gate/aggregates.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import { EVERY_FEATURE, EVERY_STREAM, type Lacking, type StreamLimit } from '../../platform/ledger.ts';
import { CorruptStore, ifReadable } from '../../platform/store/errors.ts';
import { eventsOf, load, readCommit } from '../../platform/store/load.ts';
import type { Store } from '../../platform/store/port.ts';
import { missingCommitProblem } from '../../platform/store/record.ts';
import { loggedRuns } from '../sequencer/entries.ts';
import type { LogOrder } from '../sequencer/judge.ts';
import { hold } from '../sequencer/logIndex.ts';
import { CHECKPOINT_PATH, type SequencerPorts } from '../sequencer/ports.ts';
import { publishedOrigin } from '../sequencer/publicFiles.ts';
import { LogFault, type LogTree, readLog } from './readLog.ts';

const PAGE = 100;

/** Returns the checkpoint that the store's log signed at a size. One exists for each size that was ever published; sizes only grow. */
export const signedAt = async (store: Store, size: number): Promise<CheckpointSigned | undefined> => {
  let commit = await store.head(LOG_STREAM);
  for (let [after, upTo] = [0, commit?.version ?? 0]; after < upTo; ) {
    const signed = commit && eventsOf(logAggregate, commit)[0];
    if (commit === undefined || signed === undefined) throw new CorruptStore(`a commit of ${LOG_STREAM} is missing`);
    if (signed.size === size) return signed;
    if (signed.size < size) after = commit.version;
    else upTo = commit.version - 1;
    commit = await readCommit(store, LOG_STREAM, Math.ceil((after + upTo) / 2));
  }
  return undefined;
};

/** Returns whether the store's log ever had exactly this tree, as it had that of every published checkpoint. */
export const hasSigned = async (store: Store, { size, root }: LogTree): Promise<boolean> => {
  const signed = size === 0 ? undefined : await signedAt(store, size);
  return size === 0 || signed?.root === Buffer.from(root).toString('base64');
};

const EVERYTHING: ReadonlySet<string> = new Set([EVERY_STREAM]);

/** `concerned`: the commit's stream, and those of features whose approval a recorded revocation ends. */
interface PublishedCommit {
  readonly stream: string;
  readonly version: number;
  readonly hash: string;
  readonly concerned: readonly string[];
}

const publishedCommit = (entry: Uint8Array): PublishedCommit => {
  const { stream, version, events } = decodeCommit(entry);
  const features = stream === REVOCATION_STREAM ? events.map((event) => featureStream(RevocationRecorded.parse(event).key)) : [];
  return { stream, version, hash: hashOf(entry), concerned: [stream, ...features] };
};

/** Returns the newest published commit of each stream, which determines all before it, and every recorded revocation. Throws LogFault. */
const publishedEnds = async (blobs: Pick<Blobs, 'get'>, tree: LogTree): Promise<readonly PublishedCommit[]> => {
  const ends = new Map<string, PublishedCommit>();
  for await (const { bytes } of readLog(blobs, tree)) {
    const commit = publishedCommit(bytes);
    const { stream, version } = commit;
    ends.set(stream === REVOCATION_STREAM ? `${stream}@${version}` : stream, commit);
  }
  return [...ends.values()];
};

const isHeld = async (store: Store, { stream, version, hash }: PublishedCommit): Promise<boolean> => {
  const held = await ifReadable(readCommit(store, stream, version));
  return held !== undefined && hashOf(held.bytes) === hash;
};

/**
 * Returns the streams in which the store lacks published commits or has others; every stream if the published files cannot be read or do not
 * match the checkpoint. Compares stream by stream only if the store never signed the published tree. `checkpoint`: a note.
 */
export const conflictWith = async (
  { store, blobs }: { readonly store: Store; readonly blobs: Pick<Blobs, 'get'> },
  checkpoint: Uint8Array,
): Promise<ReadonlySet<string>> => {
  const tree = claimedCheckpoint(checkpoint);
  const streams = new Set<string>();
  if (await hasSigned(store, tree)) return streams;
  try {
    const ends = await publishedEnds(blobs, tree);
    const lacking = async (end: PublishedCommit) => ((await isHeld(store, end)) ? [] : end.concerned);
    for (let from = 0; from < ends.length; from += PAGE)
      for (const stream of (await Promise.all(ends.slice(from, from + PAGE).map(lacking))).flat()) streams.add(stream);
  } catch (error) {
    if (error instanceof LogFault || error instanceof CorruptCommit) return EVERYTHING;
    throw error;
  }
  return streams;
};

const contradictedBy = async (ports: {
  readonly store: Store;
  readonly blobs: Pick<Blobs, 'get'>;
}): Promise<readonly string[]> => {
  const published = await ports.blobs.get(CHECKPOINT_PATH);
  if (published === undefined) return [];
  return [...(await conflictWith(ports, published))].filter((stream) => stream !== LOG_STREAM);
};

export const contradictedLimits = async (ports: Parameters<typeof contradictedBy>[0]): Promise<readonly StreamLimit[]> => {
  const detail = 'The public log holds what this store does not.';
  return (await contradictedBy(ports)).map((stream) => ({ stream, from: 0, code: 'log-conflict', detail }));
};

/**
 * Makes every stream unreadable of which the public log has commits that the store lacks or has differently, until the store has them; every
 * feature if the published files cannot be read.
 */
export const holdContradicted = async (
  ports: Pick<SequencerPorts, 'store' | 'sideStore' | 'blobs' | 'logger'>,
): Promise<void> => {
  const streams = (await contradictedBy(ports)).map((stream) => (stream === EVERY_STREAM ? EVERY_FEATURE : stream));
  const problem = 'the public log holds what this store does not';
  // The features of recorded revocations are held themselves.
  const held = streams.map((stream) => ({ stream, version: stream === REVOCATION_STREAM ? 1 : 0, problem }));
  await hold(ports, held);
};

/**
 * Returns a check that compares a head with the log on demand, for a short-lived process. `judge`: takes the log on demand.
 */
export const comparedWith = (store: Store, judge: Pick<LogOrder, 'catchUp' | 'endOf'>): Lacking => {
  let learned: Promise<void> | undefined;
  const learn = async (): Promise<void> => judge.catchUp(store, (await load(store, logAggregate, LOG_STREAM)).version);
  return async (stream, head) => {
    learned ??= learn();
    await learned;
    const end = judge.endOf(stream);
    return end.version === Number.POSITIVE_INFINITY ? 'a commit of the log may not stand' : missingCommitProblem(head, end);
  };
};

interface LogFiles {
  readonly store: Store;
  readonly blobs: Blobs;
}

export const signedLast = async (store: Store): Promise<Uint8Array | undefined> => {
  const head = await store.head(LOG_STREAM);
  const signed = head === undefined ? undefined : eventsOf(logAggregate, head).at(-1);
  return signed === undefined ? undefined : Buffer.from(signed.checkpoint);
};

const nameSignedLast = async (store: Store): Promise<string | undefined> => {
  const note = await signedLast(store);
  return note && claimedCheckpoint(note).origin;
};

const holdsSetUpOnly = async (store: Store): Promise<boolean> => {
  for await (const { stream } of loggedRuns(store, 0)) if (!isSetupStream(stream)) return false;
  return true;
};

/** Returns the log's name as published or, if the file is lost, as signed; undefined before the first signature. */
export const currentLogName = async ({ store, blobs }: LogFiles): Promise<string | undefined> => {
  if ((await blobs.get(CHECKPOINT_PATH)) !== undefined) return publishedOrigin(blobs);
  return ifReadable(nameSignedLast(store), () => undefined);
};

/**
 * Returns the name under which a log continues. While it contains only set-up, that is the setting: `given`, or else `derived` from the
 * gate's address. After that verifiers may have pinned it: another address does not rename the log, and another given name is refused.
 */
export const nameOfLog = async (
  files: LogFiles,
  given: string | undefined,
  derived: string,
): Promise<{ readonly ok: true; readonly name: string } | { readonly ok: false; readonly detail: string }> => {
  const wanted = given ?? derived;
  const present = await currentLogName(files);
  if (present === undefined || present === wanted || (await ifReadable(holdsSetUpOnly(files.store), () => false)))
    return { ok: true, name: wanted };
  if (given === undefined) return { ok: true, name: present };
  return {
    ok: false,
    detail: `the log is to be named ${given}, and is published as ${present}: it holds notices, and its verifiers know it by that name. Set ALDERGATE_LOG_ORIGIN (logOrigin) to ${present}, or leave it out`,
  };
};
