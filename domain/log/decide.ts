import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import { toBase64 } from './encoding.ts';
import type { CheckpointSigned, CommitRun } from './events.ts';
import { type Frontier, type FrontierJson, frontierFromJson, frontierToJson, rootOf } from './frontier.ts';

/** Raise it whenever `evolve` or the shape of the state changes. */
export const LOG_STATE_VERSION = 1;

/** The frontier of the whole log: all that is needed to append to it. */
export type LogState = FrontierJson;

/** Put a signed checkpoint in place, made for a log of `oldSize` entries and for no other. */
export interface SignCheckpoint {
  readonly oldSize: number;
  readonly frontier: Frontier;
  readonly runs: readonly CommitRun[];
  /** The signed note over size and root of `frontier`. */
  readonly checkpoint: string;
}

export type LogRejection = 'log-moved';

const added = (runs: readonly CommitRun[]): number => runs.reduce((sum, { from, to }) => sum + 1 + to - from, 0);

const decide = (
  { oldSize, frontier, runs, checkpoint }: SignCheckpoint,
  state: LogState,
): Decision<CheckpointSigned, LogRejection> => {
  const { size, peaks } = frontierToJson(frontier);
  const root = toBase64(rootOf(frontier));
  if (size === state.size && root === toBase64(rootOf(frontierFromJson(state)))) return nothing;
  // Whoever was faster gave these indices away: made anew, the checkpoint continues theirs.
  if (state.size !== oldSize) return reject('log-moved', `the log has ${state.size} entries, not ${oldSize}`);
  if (size !== oldSize + added(runs)) throw new Error('broken invariant: the runs are not the entries that were added');
  return accept<CheckpointSigned>({ type: 'CheckpointSigned', v: 1, size, peaks, root, runs: [...runs], checkpoint });
};

/** The log: one checkpoint follows the other, each made for the one before, so that an index is given to one commit only. */
export const logDecider: Decider<SignCheckpoint, LogState, CheckpointSigned, LogRejection> = {
  initialState: { size: 0, peaks: [] },
  decide,
  evolve: (_state, { size, peaks }) => ({ size, peaks }),
};
