import { passkeysStream } from '../../../domain/access/decide.ts';
import { Notice } from '../../../domain/feature/notice.ts';
import { type Commit, decodeCommit, hashOf } from '../../../domain/kernel/commit.ts';
import { type JsonObject, parseStrict } from '../../../domain/kernel/json.ts';
import { SignedCheckpoint, type TrustedLog } from '../../../domain/log/checkpoint.ts';
import { leafHash } from '../../../domain/log/encoding.ts';
import { EffectiveInstants } from '../../../domain/log/late.ts';
import { parseTlogProof, verifyTlogProof } from '../../../domain/log/proof.ts';
import { CommitJudge } from '../judging.ts';
import { noticeDigests } from './attachments.ts';
import { LogFault, type LoggedEntry } from './readLog.ts';
import {
  isPasskeyStream,
  type ProvenCommit,
  parseRecord,
  type RecordFile,
  type RecordStream,
  rulesOf,
  streamsOf,
} from './recordFormat.ts';
import { Replay } from './replay.ts';
import { type FeatureStanding, standingAt } from './standing.ts';

/** `closed`: the file also holds the next commit, which counts only later, so that none before it can be missing. */
export interface ProvenStream {
  readonly stream: string;
  readonly version: number;
  readonly closed: boolean;
}

/** What a file proves about a key at an instant. `words`: the notice's text. */
export interface RecordProof {
  readonly key: string;
  readonly at: string;
  readonly origin: string;
  readonly size: number;
  readonly checkpoint: SignedCheckpoint;
  readonly standing: FeatureStanding;
  readonly words: { readonly title: string; readonly summary: string; readonly description: string | null } | null;
  /** The streams that answer: of the key, its prefixes and the log itself. */
  readonly streams: readonly ProvenStream[];
  readonly rules: readonly ProvenStream[];
  /** The streams of which a commit before the instant may have been left out. Empty: the answer is final. */
  readonly open: readonly string[];
}

interface Proven extends LoggedEntry {
  readonly commit: Commit;
}

const encoder = new TextEncoder();

const proven = ({ commit, proof }: ProvenCommit, log: TrustedLog, checkpoint: SignedCheckpoint): Proven => {
  const [bytes, tlogProof] = [encoder.encode(commit), encoder.encode(proof)];
  const decoded = decodeCommit(bytes);
  if (Buffer.compare(parseTlogProof(tlogProof).checkpoint, checkpoint.bytes) !== 0)
    throw new LogFault(`${decoded.stream}@${decoded.version}: its proof is for another checkpoint than the file's`);
  const { index } = verifyTlogProof(tlogProof, leafHash(bytes), log);
  return { index, bytes, commit: decoded };
};

interface ProvenRecordStream {
  readonly stream: string;
  readonly entries: readonly Proven[];
  readonly next: Proven | undefined;
}

const streamIn = ({ stream, commits, next }: RecordStream, log: TrustedLog, checkpoint: SignedCheckpoint): ProvenRecordStream => {
  const entries = [...commits, ...(next === null ? [] : [next])].map((each) => proven(each, log, checkpoint));
  let prev: string | null = null;
  for (const [place, { index, bytes, commit }] of entries.entries()) {
    if (commit.stream !== stream || commit.version !== place + 1)
      throw new LogFault(`${commit.stream}@${commit.version} is where ${stream}@${place + 1} belongs`, index);
    if (commit.prev !== prev)
      throw new LogFault(`${stream}@${commit.version} does not continue the hash chain of its stream`, index);
    prev = hashOf(bytes);
  }
  return { stream, entries: entries.slice(0, commits.length), next: entries[commits.length] };
};

const mustHoldStreams = ({ key, origin, streams }: RecordFile): void => {
  const expected = [...streamsOf(key, origin), ...rulesOf(key)];
  const names = streams.map(({ stream }) => stream);
  const others = names.slice(expected.length);
  const whole = names.slice(0, expected.length).join() === expected.join();
  if (!whole || !others.every(isPasskeyStream) || new Set(others).size < others.length)
    throw new LogFault(`the file does not hold the streams of ${key}: ${expected.join(', ')}`);
};

const countingFrom = (entries: readonly Proven[]): ReadonlyMap<Proven, string> => {
  const times = new EffectiveInstants();
  return new Map(entries.map((entry) => [entry, times.take(entry.commit).from]));
};

/** The raw message is checked of the notice that the file holds. */
const judge = (entries: readonly Proven[], { notice }: RecordFile): void => {
  const commits = new CommitJudge();
  for (const { index, bytes, commit } of entries) {
    const raw = notice !== null && noticeDigests(commit).includes(notice.digest);
    const verdict = commits.next(bytes, raw ? () => Buffer.from(notice.bytes, 'base64') : undefined, commit);
    if (!verdict.ok)
      throw new LogFault(`${commit.stream}@${commit.version} may not stand: ${verdict.code}: ${verdict.detail}`, index);
  }
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

/** Of all who act in it, if a policy in it asks for passkeys. */
const passkeysOf = (entries: readonly Proven[]): readonly string[] => {
  const events = entries.flatMap(({ commit }) => commit.events) as readonly (JsonObject & {
    readonly policy?: { readonly passkeys?: unknown };
  })[];
  if (events.every(({ policy }) => policy?.passkeys === undefined || policy.passkeys === 'off')) return [];
  return [...new Set(events.flatMap(({ holder }) => (typeof holder === 'string' ? [passkeysStream(holder)] : [])))];
};

const byIndex = (one: Proven, other: Proven): number => one.index - other.index;

/**
 * Verifies a record file offline: signature, inclusion, that each stream is complete from its first commit, and that every commit may
 * stand; then replays what counts by `at` (by default, and at the latest, the file's) and evaluates the key. Throws LogFault or LogError.
 */
export const verifyRecord = (bytes: Uint8Array, log: TrustedLog, at?: string): RecordProof => {
  const file = parseRecord(bytes);
  if (file.origin !== log.origin) throw new LogFault(`the file is of the log ${file.origin}, not of ${log.origin}`);
  const asked = at ?? file.at;
  if (asked > file.at) throw new LogFault(`the file covers the time up to ${file.at} and not ${asked}`);
  mustHoldStreams(file);
  const checkpoint = SignedCheckpoint.open(encoder.encode(file.checkpoint), log);
  const streams = file.streams.map((stream) => streamIn(stream, log, checkpoint));
  const witnesses = file.witnesses.map((each) => proven(each, log, checkpoint));
  const entries = streams.flatMap((stream) => stream.entries).sort(byIndex);
  const from = countingFrom([...entries, ...witnesses, ...streams.flatMap(({ next }) => next ?? [])].sort(byIndex));
  const countsBy = (entry: Proven, instant: string): boolean => (from.get(entry) ?? '') <= instant;
  const ofKey = streamsOf(file.key, file.origin);
  for (const { stream, entries: held, next } of streams) {
    const late = ofKey.includes(stream) ? held.find((entry) => !countsBy(entry, file.at)) : undefined;
    if (late !== undefined) throw new LogFault(`a commit of ${stream} is later than the file's instant`, late.index);
    if (next !== undefined && countsBy(next, file.at))
      throw new LogFault(`${stream}@${next.commit.version} belongs to the time that the file covers`, next.index);
  }
  judge(entries, file);
  const replay = new Replay(log.origin);
  for (const entry of entries) if (countsBy(entry, asked)) replay.take(entry);
  const standing = standingAt(replay, file.key, asked);
  const held = streams.map(({ stream, entries: own, next }): ProvenStream => {
    const version = own.filter((entry) => countsBy(entry, asked)).length;
    return { stream, version, closed: next !== undefined || version < own.length };
  });
  const missing = passkeysOf(entries).filter((name) => !held.some(({ stream }) => stream === name));
  return {
    key: file.key,
    at: asked,
    origin: checkpoint.origin,
    size: checkpoint.size,
    checkpoint,
    standing,
    words: wordsOf(file, standing, replay),
    streams: held.filter(({ stream }) => ofKey.includes(stream)),
    rules: held.filter(({ stream }) => !ofKey.includes(stream)),
    open: [...held.flatMap(({ stream, closed }) => (closed ? [] : [stream])), ...missing],
  };
};
