import * as z from 'zod';
import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import { strictObject } from '../kernel/zodTypes.ts';
import { emptyRoot, fail, type Hash, hashFromBase64, isSize, nodeHash, toBase64 } from './encoding.ts';
import { type CheckpointSigned, type CommitRun, LogKeyAnnounced } from './events.ts';
import { type EntryTime, LogTimes, timesOfEntries, withTimes } from './late.ts';
import { verifyHandover } from './note.ts';
import { spanNodes } from './proof.ts';

// Storage format: anything that appends to a log stores the JSON of a frontier.

/**
 * The state that an append needs: the roots of the complete subtrees, largest (leftmost) first, one for each bit set in `size`.
 */
export interface Frontier {
  readonly size: number;
  readonly peaks: readonly Hash[];
}

export const emptyFrontier: Frontier = { size: 0, peaks: [] };

/**
 * Appends leaves. Each trailing 1 bit of the size is a subtree that the next leaf completes (the carry of a binary counter). Throws
 * `size-too-large` at 2^53-1.
 */
export const appendAll = (frontier: Frontier, leaves: readonly Hash[]): Frontier => {
  const size = frontier.size + leaves.length;
  if (!isSize(size)) return fail('size-too-large', 'a log has at most 2^53-1 entries');
  const peaks = [...frontier.peaks];
  for (const [i, leaf] of leaves.entries()) {
    let carry = leaf;
    for (let rest = frontier.size + i; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = peaks.pop();
      if (left === undefined) throw new Error('a frontier has a peak for each bit of its size');
      carry = nodeHash(left, carry);
    }
    peaks.push(carry);
  }
  return { size, peaks };
};

export const append = (frontier: Frontier, leaf: Hash): Frontier => appendAll(frontier, [leaf]);

/** Returns the root (RFC 6962 section 2.1): the peaks hashed together from the right. */
export const rootOf = (frontier: Frontier): Hash => {
  const [last, ...others] = frontier.peaks.toReversed();
  return last === undefined ? emptyRoot() : others.reduce((right, left) => nodeHash(left, right), last);
};

/** `{size, peaks: [base64, …]}`: the shape alone; {@link frontierFromJson} checks the content. */
export const FrontierJson = strictObject(() => ({ size: z.number(), peaks: z.array(z.string()).max(53) }));

/** A frontier as JSON: `{size, peaks: [base64, …]}`. */
export type FrontierJson = z.infer<typeof FrontierJson>;

export const frontierToJson = ({ size, peaks }: Frontier): FrontierJson => ({ size, peaks: peaks.map(toBase64) });

/** Throws `frontier-malformed`, also for a wrong number of peaks. */
export const frontierFromJson = (json: unknown): Frontier => {
  const parsed = FrontierJson.safeParse(json);
  if (!parsed.success) return fail('frontier-malformed', 'a frontier is {size, peaks}');
  const { size } = parsed.data;
  if (!isSize(size)) return fail('frontier-malformed', 'the size of a frontier is an integer from 0 to 2^53-1');
  const peaks = parsed.data.peaks.map(
    (text) => hashFromBase64(text) ?? fail('frontier-malformed', 'a peak is the canonical base64 of 32 bytes'),
  );
  if (peaks.length !== spanNodes(0, size).length) return fail('frontier-malformed', 'one peak for each bit set in the size');
  return { size, peaks };
};

/** Raise whenever `evolve` or the shape of the state changes. */
export const LOG_STATE_VERSION = 2;

export const LogState = strictObject(() => ({ ...FrontierJson.shape, ...LogTimes.shape }));
export type LogState = z.infer<typeof LogState>;

export const treeOfLog = ({ size, peaks }: LogState): Frontier => frontierFromJson({ size, peaks });

/** Stores a signed checkpoint, valid only for a log of `oldSize` entries. */
interface SignCheckpoint {
  readonly oldSize: number;
  readonly frontier: Frontier;
  readonly runs: readonly CommitRun[];
  readonly entries: readonly EntryTime[];
  readonly checkpoint: string;
}

type LogRejection = 'log-moved';

const added = (runs: readonly CommitRun[]): number => runs.reduce((sum, { from, to }) => sum + 1 + to - from, 0);

const decide = (
  { oldSize, frontier, runs, entries, checkpoint }: SignCheckpoint,
  state: LogState,
): Decision<CheckpointSigned, LogRejection> => {
  const { size, peaks } = frontierToJson(frontier);
  const root = toBase64(rootOf(frontier));
  if (size === state.size && root === toBase64(rootOf(treeOfLog(state)))) return nothing;
  // A faster writer assigned these indices; retry from that writer's checkpoint.
  if (state.size !== oldSize) return reject('log-moved', `the log has ${state.size} entries, not ${oldSize}`);
  if (size !== oldSize + added(runs)) throw new Error('broken invariant: the runs are not the entries that were added');
  const times = timesOfEntries(state, entries);
  return accept<CheckpointSigned>({ type: 'CheckpointSigned', v: 1, size, peaks, root, ...times, runs: [...runs], checkpoint });
};

/** Orders the log's checkpoints: each extends the one before, so that each index belongs to one commit only. */
export const logDecider: Decider<SignCheckpoint, LogState, CheckpointSigned, LogRejection> = {
  // No spread: it would keep the whole decider in the bundles of those that read a frontier.
  initialState: { size: 0, peaks: [], newest: null, late: [], unknownBefore: null },
  decide,
  evolve: (state, { size, peaks, newest, late, unknownBefore }) => ({
    size,
    peaks,
    ...withTimes(state, { newest, late, unknownBefore }),
  }),
};

/** Raise whenever `evolve` or the shape of the state changes. */
export const LOGBOOK_STATE_VERSION = 3;

/** Storage format: the newest handover of the log's key; null if it still has its first one. */
export const LogbookState = strictObject(() => ({ handover: LogKeyAnnounced.nullable() }));
export type LogbookState = z.infer<typeof LogbookState>;

export type AnnounceKey = Omit<LogKeyAnnounced, 'type' | 'v'>;

/** The key rotations of a log. Its commits are ordinary log entries, so that every reader of the log sees them. */
export const logbookDecider: Decider<AnnounceKey, LogbookState, LogKeyAnnounced, 'rotation-under-way'> = {
  initialState: { handover: null },
  decide: (command, { handover }) => {
    if (handover?.key === command.key && handover.by === command.by) return nothing;
    // A leaked key is replaced at once, even while the one before it still signs.
    if (handover !== null && command.at < handover.until && command.at < command.until)
      return reject(
        'rotation-under-way',
        `until ${handover.until} two keys sign; rotate again after that, or with --overlap P0D`,
      );
    // A handover that does not verify is a programmer's error and must never enter the log.
    verifyHandover(command, command.note);
    return accept<LogKeyAnnounced>({ type: 'LogKeyAnnounced', v: 1, ...command });
  },
  evolve: (_, handover) => ({ handover }),
};
