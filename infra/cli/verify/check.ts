import type { DocumentPartKept } from '../../../domain/documents/events.ts';
import { type Commit, DOCUMENT_PART_BYTES, hashOf } from '../../../domain/kernel/commit.ts';
import { SignedCheckpoint, type TrustedLog } from '../../../domain/log/checkpoint.ts';
import { formatVerifierKey, type VerifierKey } from '../../../domain/log/note.ts';
import type { Place } from '../../../domain/redaction/decide.ts';
import { namedBy, namingEvents } from '../../../functions/gate/redactions.ts';
import { CommitJudge, documentPartOf, type NoticeCount, noticeDigests } from '../../../functions/log/judging.ts';
import { documentPath, noticePath } from '../../../functions/log/sequencer/publicFiles.ts';
import {
  followHandovers,
  keyAfter,
  LogFault,
  type LoggedEntry,
  NotContinued,
  readLog,
} from '../../../functions/log/verify/readLog.ts';
import { loggedCommit, Replay } from '../../../functions/log/verify/replay.ts';
import { CommandRefused } from '../../local/errors.ts';
import type { Progress } from '../usage.ts';
import { type LogSource, recall, rememberCheckpoint } from './source.ts';

export interface CheckedLog {
  readonly checkpoint: SignedCheckpoint;
  readonly seen: SignedCheckpoint | undefined;
  readonly replay: Replay;
  readonly notices: NoticeCount;
  readonly rawChecked: boolean;
}

/** Options of a verification. `state`: the file of remembered checkpoints. */
export interface CheckOptions {
  readonly source: LogSource;
  readonly where: string;
  readonly log: TrustedLog;
  readonly state: string;
  readonly progress: Progress;
  readonly notices: boolean;
  readonly each?: (entry: LoggedEntry, commit: Commit) => void;
}

const retired = (pinned: VerifierKey, key: VerifierKey, until: string): CommandRefused =>
  new CommandRefused(
    `does not verify: the key ${formatVerifierKey(pinned)} signed this log until ${until}. It vouched for the key that signs now, by a signature in the log itself; pin that one: ${formatVerifierKey(key)}`,
  );

const openCheckpoint = async ({ source, where, log }: CheckOptions): Promise<SignedCheckpoint> => {
  const bytes = await source.get('checkpoint');
  if (bytes === undefined) throw new CommandRefused(`there is no checkpoint at ${where}`);
  try {
    return SignedCheckpoint.open(bytes, log);
  } catch (error) {
    const [pinned] = log.keys;
    const after = await keyAfter(source, bytes, log);
    if (after === undefined || pinned === undefined) throw error;
    throw retired(pinned, after.key, after.until);
  }
};

/** Throws if the pinned key's overlap has ended, by the log's newest commit. A key that handed over is valid while both sign. */
const refuseRetired = ({ keys: [pinned] }: TrustedLog, { life }: Replay): void => {
  if (pinned === undefined) return;
  const { key, until } = followHandovers(pinned, life.handovers);
  if (until !== undefined && life.latest >= until) throw retired(pinned, key, until);
};

/** Raw messages and documents that the source lacks: by digest, the entry that names it. Only an order in the log excuses one. */
type Lacking = Map<string, { readonly index: number; readonly places: readonly Place[] }>;

const readPart = async (source: LogSource, part: DocumentPartKept, index: number): Promise<Uint8Array | undefined> => {
  const whole = await source.get(documentPath(part.sha256));
  if (whole === undefined) return undefined;
  if (hashOf(whole) !== part.sha256 || whole.length !== part.bytes)
    throw new LogFault(`keeps a part of ${part.sha256}, which is another`, index);
  return whole.subarray((part.part - 1) * DOCUMENT_PART_BYTES, part.part * DOCUMENT_PART_BYTES);
};

const rawOf = async (
  source: LogSource,
  index: number,
  commit: Commit,
  lacking: Lacking,
): Promise<ReadonlyMap<string, Uint8Array> | undefined> => {
  const raw = new Map<string, Uint8Array>();
  const missing: string[] = [];
  for (const digest of noticeDigests(commit)) {
    const found = await source.get(noticePath(digest));
    if (found === undefined) missing.push(digest);
    else raw.set(digest, found);
  }
  const part = documentPartOf(commit);
  const found = part === undefined ? undefined : await readPart(source, part, index);
  if (part !== undefined && found === undefined) missing.push(part.sha256);
  else if (part !== undefined && found !== undefined) raw.set(part.partSha256, found);
  const named = namingEvents(commit.stream, commit.events).flatMap((event) => namedBy(commit.stream, event));
  for (const digest of missing) {
    const known = lacking.get(digest) ?? { index, places: [] };
    const places = named.filter(({ what, commitment }) => what === 'notice' && commitment === digest);
    lacking.set(digest, { ...known, places: [...known.places, ...places] });
  }
  return missing.length === 0 ? raw : undefined;
};

const judged = async (
  { source, notices }: CheckOptions,
  judge: CommitJudge,
  entry: LoggedEntry,
  commit: Commit,
  lacking: Lacking,
): Promise<void> => {
  const raw = notices ? await rawOf(source, entry.index, commit, lacking) : undefined;
  const verdict = judge.next(entry.bytes, raw === undefined ? undefined : (digest) => raw.get(digest), commit);
  if (!verdict.ok) throw new LogFault(`may not stand: ${verdict.code}: ${verdict.detail}`, entry.index);
};

const refuseMissing = (lacking: Lacking, replay: Replay): void => {
  for (const [digest, { index, places }] of lacking)
    if (!replay.isHidden(digest, places)) throw new LogFault(`names the raw bytes of ${digest}, which are missing`, index);
};

/** Adds where the earlier checkpoint is remembered: a new installation under the name of an old one looks like a fork of it. */
const withMemory = ({ message }: NotContinued, state: string): LogFault =>
  new LogFault(
    `${message} (remembered in ${state}). If this is a new installation under the same name, remember it elsewhere: --state FILE`,
  );

/**
 * Verifies every signature, hash, tile and commit of a log, judges each commit, and checks that the log continues every checkpoint seen
 * before, under any of its keys; then remembers it. Throws CommandRefused, LogFault or LogError for the first fault.
 */
export const checkLog = async (options: CheckOptions): Promise<CheckedLog> => {
  const { source, log, state, progress } = options;
  const seen = recall(state, log.origin);
  const checkpoint = await openCheckpoint(options);
  const replay = new Replay(log.origin);
  const judge = new CommitJudge();
  const lacking: Lacking = new Map();
  try {
    for await (const entry of readLog(source, checkpoint, seen)) {
      const commit = loggedCommit(entry);
      await judged(options, judge, entry, commit, lacking);
      replay.take(entry, commit);
      options.each?.(entry, commit);
      progress.tick(entry.index + 1, checkpoint.size);
    }
  } catch (error) {
    throw error instanceof NotContinued ? withMemory(error, state) : error;
  }
  refuseMissing(lacking, replay);
  refuseRetired(log, replay);
  const [pinned] = log.keys;
  if (pinned !== undefined) rememberCheckpoint(state, formatVerifierKey(pinned), checkpoint);
  return { checkpoint, seen, replay, notices: judge.notices, rawChecked: options.notices };
};
