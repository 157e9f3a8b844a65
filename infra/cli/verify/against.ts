import type { Commit } from '../../../domain/kernel/commit.ts';
import { append, emptyFrontier, type Frontier, rootOf } from '../../../domain/log/frontier.ts';
import { leafHash, sameHash } from '../../../domain/log/hash.ts';
import { EffectiveInstants } from '../../../domain/log/late.ts';
import type { SignedCheckpoint } from '../../../domain/log/signedCheckpoint.ts';
import { LogFault } from '../../../functions/log/verify/fault.ts';
import type { LoggedEntry } from '../../../functions/log/verify/readLog.ts';
import type { RecordProof } from '../../../functions/log/verify/recordFile.ts';
import { Replay } from '../../../functions/log/verify/replay.ts';
import { type FeatureStanding, standingAt } from '../../../functions/log/verify/standing.ts';
import { type CheckOptions, checkLog } from './check.ts';

/** The part of a log that counts by an instant, and its tree at the size of a checkpoint. */
class Past {
  readonly replay: Replay;
  readonly #at: string;
  readonly #size: number;
  readonly #times = new EffectiveInstants();
  tree: Frontier = emptyFrontier;

  constructor(origin: string, at: string, size: number) {
    this.replay = new Replay(origin);
    this.#at = at;
    this.#size = size;
  }

  take(entry: LoggedEntry, commit: Commit): void {
    if (this.#times.take(commit).from <= this.#at) this.replay.take(entry, commit);
    if (this.tree.size < this.#size) this.tree = append(this.tree, leafHash(entry.bytes));
  }
}

/** What a whole log gives for the question of a file, and the checkpoint of the log. */
export interface LogAnswer {
  readonly standing: FeatureStanding;
  readonly checkpoint: SignedCheckpoint;
}

/**
 * Verifies the whole log and returns what it gives for the key and the instant of a file. Throws LogFault for a log that is older than the file's
 * checkpoint, has another past, or gives another answer than the file, which then left something out.
 */
export const askLog = async (
  { key, at, checkpoint, standing: shown }: RecordProof,
  options: Omit<CheckOptions, 'each'>,
): Promise<LogAnswer> => {
  const past = new Past(checkpoint.origin, at, checkpoint.size);
  const checked = await checkLog({ ...options, each: (entry, commit) => past.take(entry, commit) });
  if (checked.checkpoint.size < checkpoint.size)
    throw new LogFault(
      `the log has ${checked.checkpoint.size} entries and is older than the file, whose checkpoint has ${checkpoint.size}`,
    );
  if (!sameHash(rootOf(past.tree), checkpoint.root))
    throw new LogFault(`the file’s checkpoint of ${checkpoint.size} entries is not of this log`);
  const standing = standingAt(past.replay, key, at);
  const [shownAnswer, answer] = [shown, standing].map(({ isOn, evaluation: { variant, change, revision } }) =>
    [isOn ? 'on' : 'off', variant, change, revision].join(' '),
  );
  if (shownAnswer !== answer)
    throw new LogFault(`the log says ${answer} where the file says ${shownAnswer}: the file leaves something out`);
  return { standing, checkpoint: checked.checkpoint };
};
