import type * as z from 'zod';
import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import { strictObject } from '../kernel/lazyObject.ts';
import { toBase64 } from './encoding.ts';
import type { CheckpointSigned, CommitRun } from './events.ts';
import { type Frontier, FrontierJson, frontierFromJson, frontierToJson, rootOf } from './frontier.ts';
import { type EntryTime, LogTimes, NO_TIMES, timesOfEntries, withTimes } from './late.ts';

/** Raise whenever `evolve` or the shape of the state changes. */
export const LOG_STATE_VERSION = 2;

/** The frontier, which is all that an append needs, and the times of entries. */
export const LogState = strictObject(() => ({ ...FrontierJson.shape, ...LogTimes.shape }));
export type LogState = z.infer<typeof LogState>;

export const treeOfLog = ({ size, peaks }: LogState): Frontier => frontierFromJson({ size, peaks });

/** Stores a signed checkpoint, valid only for a log of `oldSize` entries. */
export interface SignCheckpoint {
  readonly oldSize: number;
  readonly frontier: Frontier;
  readonly runs: readonly CommitRun[];
  readonly entries: readonly EntryTime[];
  readonly checkpoint: string;
}

export type LogRejection = 'log-moved';

const added = (runs: readonly CommitRun[]): number => runs.reduce((sum, { from, to }) => sum + 1 + to - from, 0);

const decide = (
  { oldSize, frontier, runs, entries, checkpoint }: SignCheckpoint,
  state: LogState,
): Decision<CheckpointSigned, LogRejection> => {
  const { size, peaks } = frontierToJson(frontier);
  const root = toBase64(rootOf(frontier));
  if (size === state.size && root === toBase64(rootOf(treeOfLog(state)))) return nothing;
  // A faster writer assigned these indices; a new attempt continues that writer's checkpoint.
  if (state.size !== oldSize) return reject('log-moved', `the log has ${state.size} entries, not ${oldSize}`);
  if (size !== oldSize + added(runs)) throw new Error('broken invariant: the runs are not the entries that were added');
  const times = timesOfEntries(state, entries);
  return accept<CheckpointSigned>({ type: 'CheckpointSigned', v: 1, size, peaks, root, ...times, runs: [...runs], checkpoint });
};

/** Orders the log's checkpoints: each is made for the one before, so that each index belongs to one commit only. */
export const logDecider: Decider<SignCheckpoint, LogState, CheckpointSigned, LogRejection> = {
  initialState: { size: 0, peaks: [], ...NO_TIMES },
  decide,
  evolve: (state, { size, peaks, newest, late, unknownBefore }) => ({
    size,
    peaks,
    ...withTimes(state, { newest, late, unknownBefore }),
  }),
};
