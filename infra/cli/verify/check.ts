import type { DocumentPartKept } from '../../../domain/documents/events.ts';
import { decodeCommit, hashOf } from '../../../domain/kernel/commit.ts';
import { DOCUMENT_PART_BYTES } from '../../../domain/kernel/limits.ts';
import { SignedCheckpoint, type TrustedLog } from '../../../domain/log/signedCheckpoint.ts';
import { formatVerifierKey, type VerifierKey } from '../../../domain/log/verifierKey.ts';
import { CommitJudge } from '../../../functions/log/judging.ts';
import { documentPath, noticePath } from '../../../functions/log/sequencer/publicFiles.ts';
import { documentPartOf } from '../../../functions/log/verify/documents.ts';
import { LogFault, NotContinued } from '../../../functions/log/verify/fault.ts';
import { followHandovers, keyAfter } from '../../../functions/log/verify/handover.ts';
import { type NoticeCount, noticeDigests } from '../../../functions/log/verify/notices.ts';
import { type LoggedEntry, readLog } from '../../../functions/log/verify/readLog.ts';
import { Replay } from '../../../functions/log/verify/replay.ts';
import { CommandRefused } from '../../local/errors.ts';
import type { Progress } from '../usage.ts';
import { recall, rememberCheckpoint } from './memory.ts';
import type { LogSource } from './source.ts';

/** A verified log: its checkpoint, the one seen before, and its contents. */
export interface CheckedLog {
  readonly checkpoint: SignedCheckpoint;
  readonly seen: SignedCheckpoint | undefined;
  readonly replay: Replay;
  /** The digests of its entries. */
  readonly leaves: ReadonlySet<string>;
  /** The raw messages of its commits, by what vouches for them, and whether they were read and checked. */
  readonly notices: NoticeCount;
  readonly rawChecked: boolean;
}

/** Options of a verification. `state`: the file that remembers checkpoints. */
export interface CheckOptions {
  readonly source: LogSource;
  readonly where: string;
  readonly log: TrustedLog;
  readonly state: string;
  readonly progress: Progress;
  /** Reads every raw message too and checks it against its event and signature. */
  readonly notices: boolean;
}

const retired = (pinned: VerifierKey, key: VerifierKey, until: string): CommandRefused =>
  new CommandRefused(
    `does not verify: the key ${formatVerifierKey(pinned)} signed this log until ${until}. It vouched for the key that signs now, by a signature in the log itself; pin that one:\n${formatVerifierKey(key)}`,
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

/** Throws if the pinned key's overlap is over. A key that handed over counts while both sign; time is that of the log's own commits. */
const refuseRetired = ({ keys: [pinned] }: TrustedLog, { life }: Replay): void => {
  if (pinned === undefined) return;
  const { key, until } = followHandovers(pinned, life.handovers);
  if (until !== undefined && life.latest >= until) throw retired(pinned, key, until);
};

/** Reads the part of a document that a commit keeps, cut from the whole. Throws LogFault if the whole is missing or another. */
const readPart = async (
  source: LogSource,
  part: DocumentPartKept,
  raw: Map<string, Uint8Array>,
  index: number,
): Promise<void> => {
  const whole = await source.get(documentPath(part.sha256));
  if (whole === undefined || hashOf(whole) !== part.sha256 || whole.length !== part.bytes)
    throw new LogFault(`keeps a part of ${part.sha256}, which is missing or another`, index);
  raw.set(part.partSha256, whole.subarray((part.part - 1) * DOCUMENT_PART_BYTES, part.part * DOCUMENT_PART_BYTES));
};

/** Throws LogFault for a commit that may not stand. */
const judged = async ({ source, notices }: CheckOptions, judge: CommitJudge, { index, bytes }: LoggedEntry): Promise<void> => {
  const raw = new Map<string, Uint8Array>();
  if (notices)
    for (const digest of noticeDigests(decodeCommit(bytes))) {
      const found = await source.get(noticePath(digest));
      if (found !== undefined) raw.set(digest, found);
    }
  const part = notices ? documentPartOf(decodeCommit(bytes)) : undefined;
  if (part !== undefined) await readPart(source, part, raw, index);
  const verdict = judge.next(bytes, notices ? (digest) => raw.get(digest) : undefined);
  if (!verdict.ok) throw new LogFault(`may not stand: ${verdict.code}: ${verdict.detail}`, index);
};

/** Adds where the earlier checkpoint is remembered: a new installation under the name of an old one looks like a fork of it. */
const withMemory = ({ message }: NotContinued, state: string): LogFault =>
  new LogFault(
    `${message} (remembered in ${state}). If this is a new installation under the same name, remember it elsewhere: --state FILE`,
  );

/**
 * Verifies every signature, hash, tile and commit of a log, judges each commit, and checks that the log continues what was seen of it
 * before under any of its keys; then remembers it. Throws CommandRefused, LogFault or LogError for the first fault.
 */
export const checkLog = async (options: CheckOptions): Promise<CheckedLog> => {
  const { source, log, state, progress } = options;
  const seen = recall(state, log.origin);
  const checkpoint = await openCheckpoint(options);
  const replay = new Replay(log.origin);
  const judge = new CommitJudge();
  const leaves = new Set<string>();
  try {
    for await (const entry of readLog(source, checkpoint, seen)) {
      await judged(options, judge, entry);
      replay.take(entry);
      leaves.add(hashOf(entry.bytes));
      progress.tick(entry.index + 1, checkpoint.size);
    }
  } catch (error) {
    throw error instanceof NotContinued ? withMemory(error, state) : error;
  } finally {
    progress.end();
  }
  refuseRetired(log, replay);
  const [pinned] = log.keys;
  if (pinned !== undefined) rememberCheckpoint(state, formatVerifierKey(pinned), checkpoint);
  return { checkpoint, seen, replay, leaves, notices: judge.notices, rawChecked: options.notices };
};
