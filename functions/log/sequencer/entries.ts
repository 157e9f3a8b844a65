import { isDeepStrictEqual } from 'node:util';
import { canonical } from '../../../domain/kernel/canonical.ts';
import { append, appendAll, emptyFrontier, type Frontier, frontierToJson, rootOf } from '../../../domain/log/decide.ts';
import { leafHash } from '../../../domain/log/encoding.ts';
import { type CheckpointSigned, type CommitRun, LOG_STREAM } from '../../../domain/log/events.ts';
import { type EntryTime, NO_TIMES, timesOfEntries, withTimes } from '../../../domain/log/late.ts';
import { logAggregate } from '../../gate/aggregates.ts';
import { CorruptStore } from '../../platform/store/errors.ts';
import { commitsAbove, commitsIn, eventsOf } from '../../platform/store/load.ts';
import type { Store, StoredCommit } from '../../platform/store/port.ts';

export const growFrontier = (frontier: Frontier, entries: readonly Pick<StoredCommit, 'bytes'>[]): Frontier =>
  appendAll(
    frontier,
    entries.map(({ bytes }) => leafHash(bytes)),
  );

export class LoggedCommitMissing extends CorruptStore {
  readonly stream: string;
  constructor(stream: string, version: number) {
    super(`${stream}@${version} is in the public log and missing in the store`);
    this.stream = stream;
  }
}

/**
 * Yields the commits that a checkpoint names as added, up to the first that cannot be read. Throws CorruptStore, or LoggedCommitMissing.
 */
export async function* entriesOf(store: Store, { runs }: { readonly runs: readonly CommitRun[] }): AsyncGenerator<StoredCommit> {
  for await (const { stream, version, commit, problem } of commitsIn(store, runs)) {
    if (commit === undefined) throw problem ?? new LoggedCommitMissing(stream, version);
    yield commit;
  }
}

/** Yields the commits of the log after a version of its stream, each checkpoint after those it was signed over. Throws as `entriesOf`. */
export async function* loggedAbove(store: Store, version: number, upTo = Number.MAX_SAFE_INTEGER): AsyncGenerator<StoredCommit> {
  for await (const commit of commitsAbove(store, LOG_STREAM, version)) {
    if (commit.version > upTo) return;
    for (const signed of eventsOf(logAggregate, commit)) yield* entriesOf(store, signed);
    yield commit;
  }
}

/** Yields the runs of commits that entered the log after a version of its stream. */
export async function* loggedRuns(store: Store, version: number): AsyncGenerator<CommitRun> {
  for await (const commit of commitsAbove(store, LOG_STREAM, version))
    for (const { runs } of eventsOf(logAggregate, commit)) yield* runs;
}

export const runsOf = (commits: readonly Pick<StoredCommit, 'stream' | 'version'>[]): CommitRun[] => {
  const runs: CommitRun[] = [];
  for (const { stream, version } of commits) {
    const last = runs.at(-1);
    if (last?.stream === stream && last.to === version - 1) runs[runs.length - 1] = { ...last, to: version };
    else runs.push({ stream, from: version, to: version });
  }
  return runs;
};

/** The tree of a log as entries are added, and the checkpoint that must be signed over it. */
export class SignedTree {
  frontier: Frontier = emptyFrontier;
  #times = NO_TIMES;
  #added: EntryTime[] = [];

  take({ stream, version, at, bytes }: StoredCommit): void {
    this.frontier = append(this.frontier, leafHash(bytes));
    this.#added.push({ stream, version, at });
  }

  get unsigned(): number {
    return this.#added.length;
  }

  get root(): string {
    return Buffer.from(rootOf(this.frontier)).toString('base64');
  }

  problemOf({ size, peaks, root, runs, newest, late, unknownBefore }: CheckpointSigned): string | undefined {
    const times = timesOfEntries(this.#times, this.#added);
    const isTree = isDeepStrictEqual(frontierToJson(this.frontier), { size, peaks }) && this.root === root;
    if (!isTree || !isDeepStrictEqual(runs, runsOf(this.#added)))
      return `the checkpoint at size ${size} was signed over other entries`;
    if (canonical(times) !== canonical({ newest, late, unknownBefore }))
      return `the checkpoint at size ${size} names other late entries than there are`;
    this.#times = withTimes(this.#times, times);
    this.#added = [];
    return undefined;
  }
}
