import { CheckpointSigned, type CommitRun, LOG_STREAM } from '../../domain/log/events.ts';
import type { StoredCommit, UnreadableRow } from '../platform/store/port.ts';
import { commitOf } from '../platform/store/record.ts';
import { attachedBytes, CommitJudge, type CommitVerdict } from './judging.ts';
import type { Learned } from './sequencer/judge.ts';

/** Commits that wait to be named by a checkpoint. An archive with more of them is judged in its own order. */
const UNNAMED_MAX = 50_000;

/**
 * Judges the commits of an archive, each stream of which is in the order of its versions: in the order in which its checkpoints name them,
 * and what they do not name in its own. Commits that may not stand yet are tried again once as many do stand as wait, and at the end, so
 * that an archive of any size is judged a few times over.
 */
export class UnorderedJudge {
  readonly #judge: CommitJudge;
  /** The commits that no checkpoint has named so far, by their place, in the order of the archive. */
  readonly #unnamed = new Map<string, StoredCommit>();
  /** The runs that checkpoints name and that are not judged yet, and the next version of the first. */
  readonly #runs: CommitRun[] = [];
  #from = 0;
  /** The newest checkpoint. */
  #newest: Pick<Learned, 'version' | 'root'> | undefined;
  /** Whether all commits were judged in the order of the log. */
  #isInOrder = true;
  #hasWaited = false;
  /** The commits of each stream whose first may not stand yet. */
  readonly #waiting = new Map<string, StoredCommit[]>();
  /** Commits that stand since those that wait were tried last. */
  #stood = 0;

  /** `judge`: has judged what comes before. */
  constructor(judge: CommitJudge = new CommitJudge()) {
    this.#judge = judge;
  }

  /** Judges a commit, and those that waited for it. */
  next(commit: StoredCommit): void {
    if (!this.#isInOrder) {
      if (commit.stream !== LOG_STREAM) this.#take(commit);
      return;
    }
    if (commit.stream === LOG_STREAM) this.#name(commit);
    else this.#unnamed.set(placeOf(commit.stream, commit.version), commit);
    this.#takeNamed();
    if (this.#unnamed.size > UNNAMED_MAX) this.#leaveOrder();
  }

  /** Returns why the first commit that may not stand does not; undefined if all may. */
  problem(): string | undefined {
    return this.refused()[0]?.problem;
  }

  /** Returns the first commit of each stream that may not stand, and why. */
  refused(): readonly UnreadableRow[] {
    if (this.#unnamed.size > 0 || this.#runs.length > 0) this.#leaveOrder();
    this.#retry();
    return [...this.#waiting.values()].flatMap(([commit]) => {
      const verdict = commit === undefined ? { ok: true as const } : this.#verdict(commit);
      if (commit === undefined || verdict.ok) return [];
      const { stream, version } = commit;
      return [{ stream, version, problem: `${stream}@${version} may not stand: ${verdict.code}: ${verdict.detail}` }];
    });
  }

  /**
   * Returns what the judge of the sequencer would have learned from the log of the archive. Undefined unless every commit is in that log and
   * stood in its order.
   */
  learned(): Learned | undefined {
    const isWhole = this.#isInOrder && !this.#hasWaited && this.#unnamed.size === 0 && this.#runs.length === 0;
    if (this.#newest === undefined || !isWhole) return undefined;
    return { ...this.#newest, commits: this.#judge.state, faults: new Map() };
  }

  #name(commit: StoredCommit): void {
    for (const event of commitOf(commit).events) {
      const signed = CheckpointSigned.safeParse(event);
      if (!signed.success) {
        this.#leaveOrder();
        return;
      }
      this.#newest = { version: commit.version, root: signed.data.root };
      this.#runs.push(...signed.data.runs);
    }
  }

  /** Judges the commits that are next in the log, up to the first that has not come. */
  #takeNamed(): void {
    let judged = 0;
    for (const { stream, from, to } of this.#runs) {
      for (let version = Math.max(from, this.#from); version <= to; version += 1) {
        const place = placeOf(stream, version);
        const commit = this.#unnamed.get(place);
        this.#from = version;
        if (commit === undefined) return void this.#runs.splice(0, judged);
        this.#unnamed.delete(place);
        this.#take(commit);
      }
      this.#from = 0;
      judged += 1;
    }
    this.#runs.length = 0;
  }

  /** Judges all that came in the order of the archive, and so whatever comes. */
  #leaveOrder(): void {
    this.#isInOrder = false;
    this.#runs.length = 0;
    for (const commit of this.#unnamed.values()) this.#take(commit);
    this.#unnamed.clear();
  }

  #take(commit: StoredCommit): void {
    const queue = this.#waiting.get(commit.stream);
    if (queue !== undefined) queue.push(commit);
    else if (!this.#verdict(commit).ok) this.#waiting.set(commit.stream, [commit]);
    else {
      this.#stood += 1;
      if (this.#stood >= this.#waiting.size) this.#retry();
    }
    this.#hasWaited ||= this.#waiting.size > 0;
  }

  #retry(): void {
    this.#stood = 0;
    for (let progressed = true; progressed; ) {
      progressed = false;
      for (const [stream, queue] of this.#waiting) {
        while (queue[0] !== undefined && this.#verdict(queue[0]).ok) {
          queue.shift();
          progressed = true;
        }
        if (queue.length === 0) this.#waiting.delete(stream);
      }
    }
  }

  #verdict(commit: StoredCommit): CommitVerdict {
    return this.#judge.next(commit.bytes, attachedBytes(commit.attachments), commitOf(commit));
  }
}

const placeOf = (stream: string, version: number): string => `${version}@${stream}`;
