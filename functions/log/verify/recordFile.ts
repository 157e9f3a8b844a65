import * as z from 'zod';
import { passkeysStream } from '../../../domain/access/decide.ts';
import { CITY, featureStream, POLICY_KEY, prefixesOf, vendorOf } from '../../../domain/feature/keys.ts';
import { Notice } from '../../../domain/feature/notice.ts';
import { canonical, digestOf } from '../../../domain/kernel/canonical.ts';
import { type Commit, decodeCommit, hashOf } from '../../../domain/kernel/commit.ts';
import { type JsonObject, parseStrict } from '../../../domain/kernel/json.ts';
import { problemsOf, summaryOf } from '../../../domain/kernel/problems.ts';
import { Digest, FeatureKey, Instant, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { SignedCheckpoint, type TrustedLog } from '../../../domain/log/checkpoint.ts';
import { leafHash } from '../../../domain/log/encoding.ts';
import { logbookStream } from '../../../domain/log/events.ts';
import { EffectiveInstants } from '../../../domain/log/late.ts';
import { parseTlogProof, verifyTlogProof } from '../../../domain/log/proof.ts';
import { POLICY_STREAM } from '../../../domain/policy/decide.ts';
import { REVOCATION_STREAM } from '../../../domain/revocation/events.ts';
import { ROSTER_STREAM } from '../../../domain/roster/state.ts';
import { SETTINGS_STREAM } from '../../../domain/settings/events.ts';
import { vendorStream } from '../../../domain/vendors/events.ts';
import { inTurns } from '../../platform/turns.ts';
import { CommitJudge, noticeDigests, standingProblem } from '../judging.ts';
import { LogFault, type LoggedEntry } from './readLog.ts';
import { type FeatureStanding, Replay, standingAt } from './replay.ts';

/** `closed`: the file also contains the next commit, which counts only later, so that none before it can be missing. */
interface ProvenStream {
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
  /** The streams of the key, its prefixes and the log itself. */
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
  if (!whole || !others.every((stream) => NAMED_STREAM.test(stream)) || new Set(others).size < others.length)
    throw new LogFault(`the file does not hold the streams of ${key}: ${expected.join(', ')}`);
};

const countingFrom = (entries: readonly Proven[]): ReadonlyMap<Proven, string> => {
  const times = new EffectiveInstants();
  return new Map(entries.map((entry) => [entry, times.take(entry.commit).from]));
};

/** Judges the entries. The file's notice is checked as the raw message of the key's words that name it; there must be some. */
const judge = (entries: readonly Proven[], { key, notice }: RecordFile): void => {
  const own = entries.filter(({ commit }) => commit.stream === featureStream(key));
  if (notice !== null && !own.some(({ commit }) => noticeDigests(commit).includes(notice.digest)))
    throw new LogFault('the notice in the file is that of no words in it');
  const commits = new CommitJudge();
  for (const { index, bytes, commit } of entries) {
    const raw = notice !== null && noticeDigests(commit).includes(notice.digest);
    const verdict = commits.next(bytes, raw ? () => Buffer.from(notice.bytes, 'base64') : undefined, commit);
    const problem = standingProblem(commit, verdict);
    if (problem !== undefined) throw new LogFault(problem, index);
  }
};

const wordsOf = (file: RecordFile, { evaluation, key }: FeatureStanding, replay: Replay): RecordProof['words'] => {
  const view = evaluation.change === null ? undefined : replay.change(key, evaluation.change);
  const revision = view?.revisions.find(({ digest }) => digest === evaluation.digest);
  if (revision === undefined) return null;
  const { title, summary } = revision.notice;
  if (file.notice?.digest !== revision.digest) return { title, summary, description: null };
  const parsed = parseStrict(Buffer.from(file.notice.bytes, 'base64'));
  const notice = parsed.ok ? Notice.safeParse(parsed.value).data : undefined;
  return { title, summary, description: notice?.description ?? null };
};

/** Returns the passkey streams of all who act in the file, if a policy in it requires passkeys. */
const passkeysOf = (entries: readonly Proven[]): readonly string[] => {
  const events = entries.flatMap(({ commit }) => commit.events) as readonly (JsonObject & {
    readonly policy?: { readonly passkeys?: unknown };
  })[];
  if (events.every(({ policy }) => policy?.passkeys === undefined || policy.passkeys === 'off')) return [];
  return [...new Set(events.flatMap(({ holder }) => (typeof holder === 'string' ? [passkeysStream(holder)] : [])))];
};

const byIndex = (one: Proven, other: Proven): number => one.index - other.index;

/**
 * Verifies a record file offline: signature, inclusion, completeness of each stream from its first commit, and that every commit may stand.
 * Then replays what counts by `at` (by default, and at the latest, the file's) and evaluates the key. Throws LogFault or LogError.
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
    const late = endsAtInstant(stream, ofKey) ? held.find((entry) => !countsBy(entry, file.at)) : undefined;
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

// Wire format: `aldergate-record/v1`, one file with which anyone can check an answer of a past day. Published files must stay readable.

const FORMAT = 'aldergate-record/v1';

/** The exact text of the log entry, and its proof (c2sp.org/tlog-proof) under the file's checkpoint. */
const ProvenCommit = strictObject(() => ({ commit: z.string(), proof: z.string() }));
export type ProvenCommit = z.infer<typeof ProvenCommit>;

/**
 * Every commit of a stream that counts by `at`; for a stream that the judge needs, every commit. `next`: the first after `at`, which proves
 * that none before it is missing; null if the log has none.
 */
const RecordStream = strictObject(() => ({ stream: z.string(), commits: z.array(ProvenCommit), next: ProvenCommit.nullable() }));
export type RecordStream = z.infer<typeof RecordStream>;

const shape = {
  format: z.literal(FORMAT),
  key: FeatureKey,
  at: Instant,
  origin: z.string(),
  /** A convenience: verifiers pin the key from another source. */
  vkey: z.string(),
  checkpoint: z.string(),
  streams: z.array(RecordStream),
  /** Entries that prove that commits entered the log late. */
  witnesses: z.array(ProvenCommit),
  /** The notice as sent, in base64; null if the key has none, or an order withholds it. */
  notice: strictObject(() => ({ digest: Digest, bytes: z.base64() })).nullable(),
};
const RecordFile = strictObject(() => ({ ...shape, sha256: Digest }));
export type RecordFile = z.infer<typeof RecordFile>;

type RecordContent = Omit<RecordFile, 'format' | 'sha256'>;

/** Returns the streams behind an answer for a key: the key and its prefixes, recorded revocations, and the logbook. */
export const streamsOf = (key: string, origin: string): readonly string[] => [
  ...prefixesOf(key).map(featureStream),
  REVOCATION_STREAM,
  logbookStream(origin),
];

/** Returns the streams that the judge needs, besides those that the commits name. */
export const rulesOf = (key: string): readonly string[] =>
  [
    SETTINGS_STREAM,
    ROSTER_STREAM,
    POLICY_STREAM,
    ...(vendorOf(key) === CITY ? [] : [vendorStream(vendorOf(key))]),
    featureStream(POLICY_KEY),
  ].filter((stream) => !prefixesOf(key).map(featureStream).includes(stream));

/** Reports whether a file has a stream only up to its instant. A later policy depends on later votes on it, so those are complete. */
export const endsAtInstant = (stream: string, ofKey: readonly string[]): boolean =>
  ofKey.includes(stream) && stream !== featureStream(POLICY_KEY);

/** Streams with which persons, tokens and forms act in a file, and those of its attached documents. */
const NAMED_STREAM = /^(?:access\/(?:passkeys|credential|public-key|token|form)|document)\//;

const PER_TURN = 200;

const streamText = async ({ stream, commits, next }: RecordStream): Promise<string> => {
  const parts = await inTurns(commits, PER_TURN, async (part) => part.map((commit) => canonical(commit)).join(','));
  return `{"commits":[${parts.join(',')}],"next":${canonical(next)},"stream":${canonical(stream)}}`;
};

const objectText = (values: Readonly<Record<string, string>>): string =>
  `{${Object.keys(values)
    .sort()
    .map((name) => `${canonical(name)}:${values[name]}`)
    .join(',')}}`;

/** Writes a record file. Its digest detects only accidental damage. */
export const formatRecord = async ({ streams, ...content }: RecordContent): Promise<string> => {
  const texts: string[] = [];
  for (const stream of streams) texts.push(await streamText(stream));
  const others = Object.entries({ format: FORMAT, ...content }).map(([name, value]) => [name, canonical(value)]);
  const values = { ...Object.fromEntries(others), streams: `[${texts.join(',')}]` };
  return `${objectText({ ...values, sha256: canonical(digestOf(objectText(values))) })}\n`;
};

/** Parses a record file, which is attacker-controlled, without verifying proofs. Throws LogFault. */
const parseRecord = (bytes: Uint8Array): RecordFile => {
  const parsed = parseStrict(bytes);
  if (!parsed.ok) throw new LogFault(`the file is not JSON: ${parsed.pointer || 'it'} ${parsed.detail}`);
  const read = RecordFile.safeParse(parsed.value);
  if (!read.success) throw new LogFault(`the file is not in the format ${FORMAT}: ${summaryOf(problemsOf(read.error))}`);
  const { sha256, ...content } = read.data;
  if (digestOf(canonical(content)) !== sha256) throw new LogFault('the file was altered: its digest differs');
  if (Buffer.compare(Buffer.from(`${canonical(read.data)}\n`), bytes) !== 0)
    throw new LogFault('the file was altered: it is not in its canonical form');
  return read.data;
};
