import { evaluate } from '../../domain/feature/evaluate.ts';
import { featureStream } from '../../domain/feature/keys.ts';
import { leafHash } from '../../domain/log/hash.ts';
import type { SignedCheckpoint } from '../../domain/log/signedCheckpoint.ts';
import { formatTlogProof } from '../../domain/log/tlogProof.ts';
import { formatVerifierKey } from '../../domain/log/verifierKey.ts';
import { verifyInclusion } from '../../domain/log/verifyProof.ts';
import { headsAt } from '../gate/heads.ts';
import type { Blobs } from '../platform/blobs/port.ts';
import { commitsAbove } from '../platform/feed/commitsAbove.ts';
import type { StoredCommit } from '../platform/store/port.ts';
import { readPublished } from './sequencer/checkpoint.ts';
import { type InclusionPorts, proofIn } from './sequencer/inclusion.ts';
import { readLogIndex } from './sequencer/logIndex.ts';
import { formatRecord, type ProvenCommit, type RecordStream, streamsOf } from './verify/recordFormat.ts';

/** Commits that one file can hold; a longer history is verified with the whole log. */
const COMMITS_MAX = 1_000;

/**
 * The reason why no file can be made: no checkpoint is published, a commit is not in the log yet, or the history is too long for one file.
 */
export type NoRecord = { readonly ok: false; readonly because: 'unpublished' | 'waiting' | 'too-long' };

const none = (because: NoRecord['because']): NoRecord => ({ ok: false, because });

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Returns a reader that reads each file once: files of one checkpoint never change, and a history's proofs share most of them. */
const readOnce = (blobs: Blobs): Pick<Blobs, 'get'> => {
  const known = new Map<string, Promise<Uint8Array | undefined>>();
  return {
    get: (path) => {
      const found = known.get(path) ?? blobs.get(path);
      known.set(path, found);
      return found;
    },
  };
};

interface Building {
  readonly ports: InclusionPorts;
  readonly blobs: Pick<Blobs, 'get'>;
  readonly checkpoint: SignedCheckpoint;
}

/** Returns a commit with its proof under the file's checkpoint; undefined while the commit is not in that tree. */
const provenCommit = async (
  { ports, blobs, checkpoint }: Building,
  { stream, version, bytes }: StoredCommit,
): Promise<ProvenCommit | undefined> => {
  const found = await readLogIndex(ports.sideStore, stream, version);
  if (found === undefined || found.index >= checkpoint.size) return undefined;
  const hashes = await proofIn(blobs, found.index, checkpoint);
  verifyInclusion(checkpoint, found.index, leafHash(bytes), hashes);
  const proof = formatTlogProof({ index: found.index, hashes, checkpoint: checkpoint.bytes });
  return { commit: decoder.decode(bytes), proof: decoder.decode(proof) };
};

/** Returns the commits of a stream up to an instant and the first after it; undefined if there are too many. */
const commitsUpTo = async ({ ports }: Building, stream: string, at: string): Promise<readonly StoredCommit[] | undefined> => {
  const commits: StoredCommit[] = [];
  for await (const commit of commitsAbove(ports.store, stream, 0)) {
    commits.push(commit);
    if (commit.at > at) break;
    if (commits.length > COMMITS_MAX) return undefined;
  }
  return commits;
};

type StreamOutcome = { readonly ok: true; readonly stream: RecordStream } | NoRecord;

const recordStream = async (building: Building, stream: string, at: string): Promise<StreamOutcome> => {
  const commits = await commitsUpTo(building, stream, at);
  if (commits === undefined) return none('too-long');
  const held: ProvenCommit[] = [];
  for (const commit of commits) {
    const proven = await provenCommit(building, commit);
    // A commit after the instant closes the stream if it is in the log; it may also be missing.
    if (commit.at > at) return { ok: true, stream: { stream, commits: held, next: proven ?? null } };
    if (proven === undefined) return none('waiting');
    held.push(proven);
  }
  return { ok: true, stream: { stream, commits: held, next: null } };
};

/** Returns the notice, as it was sent, that the answer at an instant is about; null if the key has no notice. */
const noticeFor = async ({ store }: InclusionPorts, key: string, at: string) => {
  const { digest } = evaluate(key, await headsAt({ store, end: async () => undefined }, key, at), {}, at);
  if (digest === null) return null;
  for await (const { attachments } of commitsAbove(store, featureStream(key), 0)) {
    const found = attachments.find(({ sha256 }) => sha256 === digest);
    if (found !== undefined) return { digest, bytes: Buffer.from(found.bytes).toString('base64') };
  }
  return null;
};

/** Makes the file that proves what was known of a key at an instant. Each commit is verified against the public files first. */
export const recordFor = async (
  ports: InclusionPorts,
  key: string,
  at: string,
): Promise<{ readonly ok: true; readonly file: string } | NoRecord> => {
  const checkpoint = await readPublished(ports.blobs, ports.signer);
  if (checkpoint === undefined) return none('unpublished');
  const building = { ports, blobs: readOnce(ports.blobs), checkpoint };
  const streams: RecordStream[] = [];
  for (const stream of streamsOf(key, checkpoint.origin)) {
    const made = await recordStream(building, stream, at);
    if (!made.ok) return made;
    streams.push(made.stream);
  }
  const file = formatRecord({
    key,
    at,
    origin: checkpoint.origin,
    vkey: formatVerifierKey(ports.signer.key),
    checkpoint: decoder.decode(checkpoint.bytes),
    streams,
    notice: await noticeFor(ports, key, at),
  });
  return { ok: true, file };
};
