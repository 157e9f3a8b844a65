import { Notice } from '../../../domain/feature/notice.ts';
import { decodeCommit, hashOf } from '../../../domain/kernel/commit.ts';
import { parseStrict } from '../../../domain/kernel/json.ts';
import { leafHash } from '../../../domain/log/hash.ts';
import { SignedCheckpoint, type TrustedLog } from '../../../domain/log/signedCheckpoint.ts';
import { parseTlogProof, verifyTlogProof } from '../../../domain/log/tlogProof.ts';
import { LogFault } from './fault.ts';
import type { LoggedEntry } from './readLog.ts';
import { type ProvenCommit, parseRecord, type RecordFile, type RecordStream, streamsOf } from './recordFormat.ts';
import { Replay } from './replay.ts';
import { type FeatureStanding, standingAt } from './standing.ts';

/** The version up to which a file holds a stream. `closed`: the file also holds the next commit, so none before it can be missing. */
export interface ProvenStream {
  readonly stream: string;
  readonly version: number;
  readonly closed: boolean;
}

/** What a file proves about a key at an instant. `words`: the notice's text, in full if the file holds it. */
export interface RecordProof {
  readonly key: string;
  readonly at: string;
  readonly origin: string;
  readonly size: number;
  readonly standing: FeatureStanding;
  readonly words: { readonly title: string; readonly summary: string; readonly description: string | null } | null;
  readonly streams: readonly ProvenStream[];
}

interface Proven extends LoggedEntry {
  readonly at: string;
}

const encoder = new TextEncoder();

/** Verifies that a commit is in the tree of the file's checkpoint and belongs at its position in the file. */
const proven = ({ commit, proof }: ProvenCommit, place: string, log: TrustedLog, checkpoint: SignedCheckpoint): Proven => {
  const [bytes, tlogProof] = [encoder.encode(commit), encoder.encode(proof)];
  if (Buffer.compare(parseTlogProof(tlogProof).checkpoint, checkpoint.bytes) !== 0)
    throw new LogFault(`${place}: its proof is for another checkpoint than the file's`);
  const { index } = verifyTlogProof(tlogProof, leafHash(bytes), log);
  const { stream, version, at } = decodeCommit(bytes);
  if (`${stream}@${version}` !== place) throw new LogFault(`${stream}@${version} is where ${place} belongs`, index);
  return { index, bytes, at };
};

/** Verifies the commits of a stream from its first one, each in the log and none after `at`. The replay checks gaps and order. */
const streamIn = (
  { stream, commits, next }: RecordStream,
  { at }: RecordFile,
  log: TrustedLog,
  checkpoint: SignedCheckpoint,
): readonly Proven[] => {
  const entries = commits.map((each, index) => proven(each, `${stream}@${index + 1}`, log, checkpoint));
  const late = entries.find((entry) => entry.at > at);
  if (late !== undefined) throw new LogFault(`a commit of ${stream} is later than the file's instant`, late.index);
  if (next === null) return entries;
  const after = proven(next, `${stream}@${commits.length + 1}`, log, checkpoint);
  if (after.at <= at) throw new LogFault(`${stream}@${commits.length + 1} belongs to the time that the file covers`, after.index);
  const last = commits.at(-1);
  if (decodeCommit(after.bytes).prev !== (last === undefined ? null : hashOf(encoder.encode(last.commit))))
    throw new LogFault(`${stream}@${commits.length + 1} does not continue the hash chain of its stream`, after.index);
  return entries;
};

const wordsOf = (file: RecordFile, { evaluation, key }: FeatureStanding, replay: Replay): RecordProof['words'] => {
  const view = evaluation.change === null ? undefined : replay.change(key, evaluation.change);
  const revision = view?.revisions.find(({ digest }) => digest === evaluation.digest);
  if (file.notice !== null && hashOf(Buffer.from(file.notice.bytes, 'base64')) !== file.notice.digest)
    throw new LogFault('the notice in the file is not what its digest says');
  if (revision === undefined) return null;
  const { title, summary } = revision.notice;
  if (file.notice?.digest !== revision.digest) return { title, summary, description: null };
  const parsed = parseStrict(Buffer.from(file.notice.bytes, 'base64'));
  const notice = parsed.ok ? Notice.safeParse(parsed.value).data : undefined;
  return { title, summary, description: notice?.description ?? null };
};

/**
 * Verifies a record file offline: the checkpoint's signature by the pinned key, the inclusion of each commit, and that each stream is
 * complete from its first commit. Then replays the commits up to `at` and evaluates the key. `at`: an instant not after the file's, which
 * is the default. Throws LogFault or LogError for anything that does not verify.
 */
export const verifyRecord = (bytes: Uint8Array, log: TrustedLog, at?: string): RecordProof => {
  const file = parseRecord(bytes);
  if (file.origin !== log.origin) throw new LogFault(`the file is of the log ${file.origin}, not of ${log.origin}`);
  const asked = at ?? file.at;
  if (asked > file.at) throw new LogFault(`the file covers the time up to ${file.at} and not ${asked}`);
  const expected = streamsOf(file.key, file.origin);
  if (file.streams.map(({ stream }) => stream).join() !== expected.join())
    throw new LogFault(`the file does not hold the streams of ${file.key}: ${expected.join(', ')}`);
  const checkpoint = SignedCheckpoint.open(encoder.encode(file.checkpoint), log);
  const streams = file.streams.map((stream) => ({ ...stream, entries: streamIn(stream, file, log, checkpoint) }));
  const replay = new Replay(log.origin);
  const entries = streams.flatMap((stream) => stream.entries).filter((entry) => entry.at <= asked);
  for (const entry of entries.toSorted((a, b) => a.index - b.index)) replay.take(entry);
  const standing = standingAt(replay, file.key, asked);
  return {
    key: file.key,
    at: asked,
    origin: checkpoint.origin,
    size: checkpoint.size,
    standing,
    words: wordsOf(file, standing, replay),
    streams: streams.map(({ stream, commits, next, entries: held }) => {
      const version = held.filter((entry) => entry.at <= asked).length;
      return { stream, version, closed: next !== null || version < commits.length };
    }),
  };
};
