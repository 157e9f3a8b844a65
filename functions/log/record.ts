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
import { readPlace } from './sequencer/places.ts';
import { readPublished } from './sequencer/publish.ts';
import { proofIn, type ReceiptPorts } from './sequencer/receipt.ts';
import { formatRecord, type Logged, type RecordStream, streamsOf } from './verify/recordFormat.ts';

/** Commits that one file holds; a longer life is checked with the whole log. */
const COMMITS_MAX = 1_000;

/** Why there is no file: nothing is published, a commit waits for the next checkpoint, or the life is too long for one. */
export type NoRecord = 'unpublished' | 'waiting' | 'too-long';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Files of one checkpoint never change, and the commits of one life lie in few of them: each is read once a record. */
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
  readonly ports: ReceiptPorts;
  readonly blobs: Pick<Blobs, 'get'>;
  readonly checkpoint: SignedCheckpoint;
}

/** A commit with its receipt under the one checkpoint of the file; undefined while that does not hold it. */
const logged = async (
  { ports, blobs, checkpoint }: Building,
  { stream, version, bytes }: StoredCommit,
): Promise<Logged | undefined> => {
  const place = await readPlace(ports.sideStore, stream, version);
  if (place === undefined || place.index >= checkpoint.size) return undefined;
  const hashes = await proofIn(blobs, place.index, checkpoint);
  verifyInclusion(checkpoint, place.index, leafHash(bytes), hashes);
  const proof = formatTlogProof({ index: place.index, hashes, checkpoint: checkpoint.bytes });
  return { commit: decoder.decode(bytes), proof: decoder.decode(proof) };
};

/** The commits of a stream up to an instant, and the first after it. */
const commitsOf = async ({ ports }: Building, stream: string, at: string): Promise<readonly StoredCommit[] | 'too-long'> => {
  const commits: StoredCommit[] = [];
  for await (const commit of commitsAbove(ports.store, stream, 0)) {
    commits.push(commit);
    if (commit.at > at) break;
    if (commits.length > COMMITS_MAX) return 'too-long';
  }
  return commits;
};

const streamFor = async (building: Building, stream: string, at: string): Promise<RecordStream | NoRecord> => {
  const commits = await commitsOf(building, stream, at);
  if (commits === 'too-long') return commits;
  const held: Logged[] = [];
  for (const commit of commits) {
    const entry = await logged(building, commit);
    // What comes after the instant closes the stream where it is published; it may also be missing.
    if (entry === undefined) return commit.at > at ? { stream, commits: held, next: null } : 'waiting';
    if (commit.at > at) return { stream, commits: held, next: entry };
    held.push(entry);
  }
  return { stream, commits: held, next: null };
};

/** The notice whose words the answer at that instant is about, as it was sent. */
const noticeFor = async ({ store }: ReceiptPorts, key: string, at: string) => {
  const { digest } = evaluate(key, await headsAt({ store }, key, at), {}, at);
  if (digest === null) return null;
  for await (const { attachments } of commitsAbove(store, featureStream(key), 0)) {
    const found = attachments.find(({ sha256 }) => sha256 === digest);
    if (found !== undefined) return { digest, bytes: Buffer.from(found.bytes).toString('base64') };
  }
  return null;
};

/** The file that proves what was known of a key at an instant, each commit verified against the public files before it leaves. */
export const recordFor = async (ports: ReceiptPorts, key: string, at: string): Promise<{ readonly file: string } | NoRecord> => {
  const checkpoint = await readPublished(ports.blobs, ports.signer);
  if (checkpoint === undefined) return 'unpublished';
  const building = { ports, blobs: readOnce(ports.blobs), checkpoint };
  const streams: RecordStream[] = [];
  for (const stream of streamsOf(key, checkpoint.origin)) {
    const made = await streamFor(building, stream, at);
    if (typeof made === 'string') return made;
    streams.push(made);
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
  return { file };
};
