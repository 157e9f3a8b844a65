import { hashOf } from '../../../domain/kernel/commit.ts';
import { SignedCheckpoint, type TrustedLog } from '../../../domain/log/signedCheckpoint.ts';
import { formatVerifierKey, type VerifierKey } from '../../../domain/log/verifierKey.ts';
import { followHandovers, keyAfter } from '../../../functions/log/verify/handover.ts';
import { readLog } from '../../../functions/log/verify/readLog.ts';
import { Replay } from '../../../functions/log/verify/replay.ts';
import { CommandRefused } from '../../local/refused.ts';
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
}

/** Options of a verification. `state`: the file that remembers checkpoints. */
export interface CheckOptions {
  readonly source: LogSource;
  readonly where: string;
  readonly log: TrustedLog;
  readonly state: string;
  readonly progress: Progress;
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

/**
 * Verifies every signature, hash, tile and commit of a log, and that it continues what was seen of it before under any of its keys;
 * then remembers it. Throws CommandRefused, LogFault or LogError for the first fault.
 */
export const checkLog = async (options: CheckOptions): Promise<CheckedLog> => {
  const { source, log, state, progress } = options;
  const seen = recall(state, log.origin);
  const checkpoint = await openCheckpoint(options);
  const replay = new Replay(log.origin);
  const leaves = new Set<string>();
  try {
    for await (const entry of readLog(source, checkpoint, seen)) {
      replay.take(entry);
      leaves.add(hashOf(entry.bytes));
      progress.tick(entry.index + 1, checkpoint.size);
    }
  } finally {
    progress.end();
  }
  refuseRetired(log, replay);
  const [pinned] = log.keys;
  if (pinned !== undefined) rememberCheckpoint(state, formatVerifierKey(pinned), checkpoint);
  return { checkpoint, seen, replay, leaves };
};
