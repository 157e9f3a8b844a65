import { latest } from '../../../domain/kernel/order.ts';
import { LOG_STREAM } from '../../../domain/log/events.ts';
import { logAggregate } from '../../gate/aggregates.ts';
import { commitsAbove } from '../../platform/feed/commitsAbove.ts';
import { eventsOf } from '../../platform/store/load.ts';
import type { Store, StoredCommit } from '../../platform/store/port.ts';
import { commitOf } from '../../platform/store/record.ts';
import { attachedBytes, CommitJudge, type CommitVerdict } from '../judging.ts';
import type { JudgeMemory } from './judgeMemory.ts';
import { type Comparing, compareStreams, nextCompared, nextPlaces } from './lacking.ts';
import type { HeldStream } from './logIndex.ts';
import type { Judged, LoggedEnd, LogOrder, SequencerPorts } from './ports.ts';
import { type CommitEntry, commitIn, readRun } from './staging.ts';

/** How far a commit's instant may be ahead of the clock. */
const AHEAD_MS_MAX = 5 * 60_000;

const inLogOrder = (commits: readonly StoredCommit[]): readonly StoredCommit[] =>
  commits.toSorted((one, other) => (one.at === other.at ? 0 : one.at < other.at ? -1 : 1));

/** Whether a commit enters the log. `ahead`: not before the clock has come to its instant. */
type PendingVerdict = CommitVerdict | { readonly ok: false; readonly code: 'ahead'; readonly detail: string };

const heldBy = (
  { stream, version }: Pick<StoredCommit, 'stream' | 'version'>,
  { code, detail }: Extract<PendingVerdict, { ok: false }>,
): HeldStream => ({
  stream,
  version,
  problem: `${code}: ${detail}`,
});

/** Bytes of what was learned that may be written for each judged commit. A large state is kept less often than a small one. */
const SAVED_BYTES_PER_COMMIT = 20_000;

/**
 * The judge of one sequencer. It has judged the log up to a version of stream `log`, is kept between runs, and keeps what it has learned
 * in a memory, from which a new process continues; after a lost or failed round it begins there again.
 */
export class SequencerJudge implements LogOrder {
  readonly #memory: JudgeMemory;
  readonly #comparing: Comparing | undefined;
  #judge = new CommitJudge();
  /** Undefined until the memory was asked. */
  #version: number | undefined;
  #faults = new Map<string, HeldStream>();
  /** Streams of which the store lacks what is in the log. */
  #lacking: ReadonlyMap<string, HeldStream> = new Map();
  #compareAtMs = 0;
  #unsaved = 0;
  #savedBytes = 0;

  /** `comparing`: how {@link compare} looks for streams that have lost commits; without it, it looks at those it is given. */
  constructor(memory: JudgeMemory, comparing?: Comparing) {
    this.#memory = memory;
    this.#comparing = comparing;
  }

  get learnedUpTo(): number {
    return this.#version ?? 0;
  }

  /** Forgets everything, for a round whose commits did not enter the log. */
  reset(): void {
    this.#judge = new CommitJudge();
    this.#version = undefined;
    this.#faults.clear();
    this.#unsaved = 0;
  }

  /** Records that this many commits of the last {@link judge} are in the log at this version of stream `log`. */
  advanceTo(version: number, commits: number): void {
    this.#version = version;
    this.#unsaved += commits;
  }

  /** Keeps what was learned up to here, once it is worth it. `root`: of the tree at the version of the last {@link advanceTo}. */
  async remember(root: string): Promise<void> {
    const version = this.#version ?? 0;
    if (version === 0 || this.#unsaved * SAVED_BYTES_PER_COMMIT < this.#savedBytes || this.#unsaved === 0) return;
    this.#savedBytes = await this.#memory.save({ version, root, commits: this.#judge.state, faults: this.#faults });
    this.#unsaved = 0;
  }

  /**
   * Judges what entered the log since: in a new process, since what the memory has. A commit of the log that may not stand holds its
   * stream permanently. Raw messages were checked before the commits entered.
   */
  async catchUp(store: Store, version: number): Promise<void> {
    this.#version ??= await this.#recall(store);
    for await (const commit of commitsAbove(store, LOG_STREAM, this.#version)) {
      if (commit.version > version) break;
      for (const { runs } of eventsOf(logAggregate, commit))
        for (const run of runs) for await (const entry of readRun(store, run)) this.#learn(entry);
      this.#version = commit.version;
    }
  }

  /** Returns the end of a stream in the log that was caught up with. Nothing follows a commit of the log that may not stand. */
  endOf(stream: string): LoggedEnd {
    if (this.#faults.has(stream)) return { version: Number.POSITIVE_INFINITY, hash: null };
    const { streams } = this.#judge.state.judge;
    return { version: streams.versionOf(stream), hash: streams.ends.get(stream)?.hash ?? null };
  }

  /**
   * Compares what was caught up with to the store. Holds each stream that has lost its last commits, for as long as it lacks them: they
   * may have ended what its others allow. Returns streams with commits that are not in the log, wherever the feed has them. `suspects`:
   * streams to compare in any case, among them all that lacked commits at last.
   */
  async compare(
    { store, sideStore }: Pick<SequencerPorts, 'store' | 'sideStore'>,
    suspects: readonly string[],
  ): Promise<readonly string[]> {
    const { ends } = this.#judge.state.judge.streams;
    const take = async (names: readonly string[]): Promise<readonly string[]> => {
      const { lacking, ahead } = await compareStreams(store, ends, names);
      this.#lacking = lacking;
      return ahead;
    };
    if (this.#comparing === undefined || performance.now() < this.#compareAtMs) return take(suspects);
    const { everyMs, streams, streamsAtStart, rows } = this.#comparing;
    const next = await nextCompared(sideStore, [...ends.keys()], this.#compareAtMs === 0 ? streamsAtStart : streams);
    const ahead = await take([...suspects, ...next.streams]);
    const walked = await nextPlaces({ store, sideStore }, rows);
    const unlogged = walked.places.filter(({ stream, version }) => stream !== LOG_STREAM && version > this.endOf(stream).version);
    await next.advance();
    await walked.advance();
    this.#compareAtMs = performance.now() + everyMs;
    return [...ahead, ...unlogged.map(({ stream }) => stream)];
  }

  /** Judges the entries of one version of stream `log` if those of the version before are judged; {@link catchUp} need not read them then. */
  async follow(store: Store, version: number, entries: readonly CommitEntry[]): Promise<void> {
    this.#version ??= await this.#recall(store);
    if (version !== this.#version + 1) return;
    for (const entry of entries) this.#learn(entry);
    this.#version = version;
  }

  #learn(entry: CommitEntry): void {
    this.#unsaved += 1;
    const verdict = this.#judge.next(entry.bytes, undefined, commitIn(entry));
    if (!verdict.ok && !this.#faults.has(entry.stream)) this.#faults.set(entry.stream, heldBy(entry, verdict));
  }

  /** Continues from the memory if its tree is one that this log had. Returns the version of stream `log` from which to judge. */
  async #recall(store: Store): Promise<number> {
    const known = await this.#memory.load();
    if (known === undefined) return 0;
    const [commit] = await store.history(LOG_STREAM, { after: known.version - 1, upTo: known.version, limit: 1 });
    if (commit === undefined || eventsOf(logAggregate, commit).at(-1)?.root !== known.root) return 0;
    this.#judge = new CommitJudge(known.commits);
    this.#faults = new Map(known.faults);
    return known.version;
  }

  /**
   * Puts pending commits in the order of the log and judges them: by their instants, and each after what it names. A commit that may not
   * stand yet is tried again after every other; one that never may holds its stream. `now` and `newest`, of the log, bound how far a commit
   * may be ahead: what was ended after a clock that ran ahead was put right stands at once.
   */
  judge(pending: readonly StoredCommit[], now: string, newest: string | null): Judged {
    const bound = latest(new Date(Date.parse(now) + AHEAD_MS_MAX).toISOString(), newest ?? undefined);
    const commits: StoredCommit[] = [];
    let waiting = inLogOrder(pending);
    for (;;) {
      const held = new Map<string, HeldStream>();
      const left: StoredCommit[] = [];
      for (const commit of waiting) {
        const verdict: PendingVerdict = held.has(commit.stream)
          ? { ok: false, code: 'order', detail: 'an earlier version waits' }
          : this.#next(commit, bound);
        if (verdict.ok) {
          commits.push(commit);
          continue;
        }
        left.push(commit);
        if (!held.has(commit.stream)) held.set(commit.stream, heldBy(commit, verdict));
      }
      if (left.length === waiting.length || left.length === 0)
        return { commits, held: [...new Map([...held, ...this.#faults, ...this.#lacking]).values()] };
      waiting = left;
    }
  }

  #next(commit: StoredCommit, bound: string): PendingVerdict {
    if (commit.at > bound)
      return { ok: false, code: 'ahead', detail: `it is of ${commit.at}, more than five minutes ahead of the clock` };
    return this.#judge.next(commit.bytes, attachedBytes(commit.attachments), commitOf(commit));
  }
}
