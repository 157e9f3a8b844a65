// Storage format: the state of the sequencer's judge, in one file next to those of the log, under a MAC. If it is lost, altered or of another
// version, the whole log is judged again.

import { setImmediate } from 'node:timers/promises';
import { DefaultSerializer, deserialize } from 'node:v8';
import { JUDGE_STATE_VERSION } from '../../../domain/judge/case.ts';
import { LOG_STREAM } from '../../../domain/log/events.ts';
import { logAggregate } from '../../gate/aggregates.ts';
import { type ClockReading, isYounger, readClocks } from '../../platform/age.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import { latestPossible } from '../../platform/ledger.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { commitsAbove, eventsOf, fromCursor, readCommit } from '../../platform/store/load.ts';
import type { Macs } from '../../platform/store/mac.ts';
import type { Store, StoredCommit } from '../../platform/store/port.ts';
import { commitOf, type LoggedEnd, missingCommitProblem } from '../../platform/store/record.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { attachedBytes, CommitJudge, type CommitJudgeState, type CommitVerdict, takeInOrder } from '../judging.ts';
import { entriesOf } from './entries.ts';
import { type HeldStream, isCompared, markCompared, putCompared, putWalked, readCompared, readWalked } from './logIndex.ts';

// The stored state

/** The judge's state at a version of stream `log`, at which the tree has this root (base64). */
export interface JudgeSnapshot {
  readonly version: number;
  readonly root: string;
  readonly commits: CommitJudgeState;
  readonly faults: ReadonlyMap<string, HeldStream>;
}

/** Lets a new process continue without judging the whole log again. */
export interface JudgeMemory {
  load(): Promise<JudgeSnapshot | undefined>;
  /** Returns the size in bytes. */
  save(learned: JudgeSnapshot): Promise<number>;
}

/** Never served. */
export const JUDGED_PATH = 'judged';

const FORMAT = `aldergate-judged/1.${JUDGE_STATE_VERSION}`;
const KEY_ID_BYTES = 8;
const TAG_BYTES = 32;

/** `macs`: of their own purpose. */
export const fileMemory = (blobs: Blobs, macs: Macs): JudgeMemory => ({
  load: async () => {
    const bytes = await blobs.get(JUDGED_PATH);
    if (bytes === undefined || bytes.length < KEY_ID_BYTES + TAG_BYTES) return undefined;
    const keyId = Buffer.from(bytes.subarray(0, KEY_ID_BYTES)).toString('latin1');
    const tag = bytes.subarray(KEY_ID_BYTES, KEY_ID_BYTES + TAG_BYTES);
    const content = bytes.subarray(KEY_ID_BYTES + TAG_BYTES);
    // Nothing unauthenticated is deserialized.
    if (macs.problem({ keyId, tag }, FORMAT, content) !== undefined) return undefined;
    return deserialize(content) as JudgeSnapshot;
  },
  save: async (learned) => {
    const bytes = encode(learned, macs);
    // If another sequencer writes meanwhile, its file stays: each is right for its version of the log.
    await blobs.replace(JUDGED_PATH, bytes, await blobs.get(JUDGED_PATH));
    return bytes.length;
  },
});

/** Serializes into one buffer, some 1.5 kB a feature. */
const encode = (learned: JudgeSnapshot, macs: Macs): Uint8Array => {
  const serializer = new DefaultSerializer();
  serializer.writeRawBytes(new Uint8Array(KEY_ID_BYTES + TAG_BYTES));
  serializer.writeHeader();
  serializer.writeValue(learned);
  const bytes = serializer.releaseBuffer();
  const { keyId, tag } = macs.make(FORMAT, bytes.subarray(KEY_ID_BYTES + TAG_BYTES));
  bytes.write(keyId, 'latin1');
  bytes.set(tag, KEY_ID_BYTES);
  return bytes;
};

// Comparing the log with the store

/** `isMarked`: other processes depend on comparisons, so each is recorded. */
export interface Comparing {
  readonly isMarked?: boolean;
  readonly everyMs: number;
  readonly streams: number;
  readonly streamsAtStart: number;
  readonly rows: number;
}

interface Stores {
  readonly store: Store;
  readonly sideStore: SideStore;
  readonly clock: () => string;
}

/** Streams compared in one turn of the event loop, 50 µs each on one machine. */
const AT_ONCE = 100;

/** Compares streams with the log; skips a row that is unreadable by itself. `ahead`: streams with commits beyond the log. */
export const compareStreams = async (store: Store, ends: ReadonlyMap<string, LoggedEnd>, streams: readonly string[]) => {
  const names = [...new Set(streams)].filter((stream) => ends.has(stream));
  const lacking = new Map<string, HeldStream>();
  const ahead: string[] = [];
  const compare = async (stream: string): Promise<void> => {
    const end = ends.get(stream) as LoggedEnd;
    const lacks = (problem = ''): unknown => lacking.set(stream, { stream, version: 0, problem });
    const head = await ifReadable(store.head(stream), () => 'refused' as const);
    if (head === 'refused') {
      // This process may know that the stream was longer, and refuse its head; others do not.
      const row = await ifReadable(readCommit(store, stream, end.version), () => 'refused' as const);
      if (row === undefined) lacks(missingCommitProblem(undefined, end));
      return;
    }
    const problem = missingCommitProblem(head, end);
    if (problem !== undefined) lacks(problem);
    else if (head !== undefined && head.version > end.version) ahead.push(stream);
  };
  for (let from = 0; from < names.length; from += AT_ONCE) {
    if (from > 0) await setImmediate();
    await Promise.all(names.slice(from, from + AT_ONCE).map(compare));
  }
  return { lacking, ahead };
};

/** Returns the next `count` streams, and a function that records their comparison. Each stream comes once a round, in any process. */
const nextCompared = async (sideStore: SideStore, streams: readonly string[], count: number) => {
  if (streams.length <= count) return { streams, advance: async () => undefined };
  const compared = await readCompared(sideStore);
  const from = compared < streams.length ? compared : 0;
  const next = from + count;
  const advance = () => putCompared(sideStore, next < streams.length ? next : 0);
  return { streams: streams.slice(from, next), advance };
};

/** Returns the places of the next `count` rows of the feed, in rounds, and a function that records that they were read. */
const nextPlaces = async ({ store, sideStore }: Pick<Stores, 'store' | 'sideStore'>, count: number) => {
  if (count === 0) return { places: [], advance: async () => undefined };
  const walked = await readWalked(sideStore);
  const { places, next, done } = await fromCursor(walked, (from) => store.places(from, count));
  const advance = async (): Promise<void> => {
    if (!done || walked !== undefined) await putWalked(sideStore, done ? undefined : next);
  };
  return { places, advance };
};

// Judging

/** `refused`: the streams whose next commit may not enter; `stopped`: see {@link SequencerJudge.stopped}. */
interface Judged {
  readonly commits: readonly StoredCommit[];
  readonly refused: readonly HeldStream[];
  readonly stopped: readonly HeldStream[];
}

export type LogOrder = Pick<SequencerJudge, keyof SequencerJudge>;

/** `ahead`: not before the clock has come to its instant. */
type PendingVerdict = CommitVerdict | { readonly ok: false; readonly code: 'ahead'; readonly detail: string };

/** A large state is saved less often than a small one. */
const SAVED_BYTES_PER_COMMIT = 20_000;

/** The interval of saving while a long log is judged again. */
const KEPT_EVERY_MS = 30_000;

/** The judge of one sequencer. A new process continues from the memory, and so does this one after a lost or failed round. */
export class SequencerJudge {
  readonly #memory: JudgeMemory;
  readonly #comparing: Comparing | undefined;
  #judge = new CommitJudge();
  #version: number | undefined;
  #faults = new Map<string, HeldStream>();
  #lacking: ReadonlyMap<string, HeldStream> = new Map();
  #compared: ClockReading | undefined;
  #unmarked: string | undefined;
  #unsaved = 0;
  #savedBytes = 0;

  /** Without `comparing` it compares only the streams it is given. */
  constructor(memory: JudgeMemory, comparing?: Comparing) {
    this.#memory = memory;
    this.#comparing = comparing;
  }

  get learnedUpTo(): number {
    return this.#version ?? 0;
  }

  /** The streams that the log itself contradicts. */
  get stopped(): readonly HeldStream[] {
    return [...this.#faults.values(), ...this.#lacking.values()];
  }

  /** Discards the state of a round whose commits did not enter the log. */
  reset(): void {
    this.#judge = new CommitJudge();
    this.#version = undefined;
    this.#faults.clear();
  }

  advanceTo(version: number, commits: number): void {
    this.#version = version;
    this.#unsaved += commits;
  }

  /** Saves the state once that is worthwhile. `root`: of the present tree. */
  async remember(root: string): Promise<void> {
    const version = this.#version ?? 0;
    if (version === 0 || this.#unsaved * SAVED_BYTES_PER_COMMIT <= this.#savedBytes) return;
    this.#savedBytes = await this.#memory.save({ version, root, commits: this.#judge.state, faults: this.#faults });
    this.#unsaved = 0;
  }

  /**
   * Judges what entered the log since. A commit of the log that may not stand holds its stream permanently. Raw messages were checked before.
   * Saves its state meanwhile: on AWS a run that judges a long log again may be cut off, and the next one continues from there.
   */
  async catchUp(store: Store, version: number): Promise<void> {
    this.#version ??= await this.#recall(store);
    let keptMs = performance.now();
    for await (const commit of commitsAbove(store, LOG_STREAM, this.#version)) {
      if (commit.version > version) break;
      const checkpoints = eventsOf(logAggregate, commit);
      // All are read before any is judged: a half-judged page would be judged twice, and held, once the store answers again.
      const entries: StoredCommit[] = [];
      for (const signed of checkpoints) for await (const entry of entriesOf(store, signed)) entries.push(entry);
      for (const entry of entries) this.#learn(entry);
      this.#version = commit.version;
      const root = checkpoints.at(-1)?.root;
      if (root === undefined || performance.now() - keptMs < KEPT_EVERY_MS) continue;
      // If saving fails, the commits are judged again.
      await this.remember(root).catch(() => undefined);
      keptMs = performance.now();
    }
  }

  /** The newest commit of each stream in the log, except receipts. */
  get ends(): ReadonlyMap<string, LoggedEnd> {
    return this.#judge.state.judge.streams.ends;
  }

  /** The version is infinite if a commit of the stream may not stand. */
  endOf(stream: string): LoggedEnd {
    if (this.#faults.has(stream)) return { version: Number.POSITIVE_INFINITY, hash: null };
    const { streams } = this.#judge.state.judge;
    return { version: streams.versionOf(stream), hash: streams.ends.get(stream)?.hash ?? null };
  }

  /**
   * Compares the judged log with the store. Holds each stream that has lost its last commits, since they may have ended what earlier ones
   * allow. Returns streams with commits beyond the log. `suspects`: compared in any case.
   */
  async compare({ store, sideStore, clock }: Stores, suspects: readonly string[]): Promise<readonly string[]> {
    const { ends } = this.#judge.state.judge.streams;
    const take = async (names: readonly string[]): Promise<readonly string[]> => {
      const { lacking, ahead } = await compareStreams(store, ends, names);
      this.#lacking = lacking;
      return ahead;
    };
    // An attacker can remove the record of held streams.
    const again = [...suspects, ...this.#lacking.keys()];
    const comparing = this.#comparing;
    if (comparing === undefined || (this.#compared !== undefined && isYounger(this.#compared, comparing.everyMs)))
      return take(again);
    const { streams, streamsAtStart, rows, isMarked = false } = comparing;
    const [asked, now] = [readClocks(), clock()];
    const some = this.#compared === undefined ? streamsAtStart : streams;
    // Without a mark, held streams are not known either.
    const isBegun = !isMarked || (await isCompared(sideStore, now));
    const next = await nextCompared(sideStore, [...ends.keys()], isBegun ? some : ends.size);
    const ahead = await take([...again, ...next.streams]);
    const walked = await nextPlaces({ store, sideStore }, rows);
    const unlogged = walked.places.filter(({ stream, version }) => stream !== LOG_STREAM && version > this.endOf(stream).version);
    await next.advance();
    await walked.advance();
    if (isMarked) this.#unmarked = now;
    this.#compared = asked;
    return [...ahead, ...unlogged.map(({ stream }) => stream)];
  }

  /** Marks the store as compared for other processes, once what {@link compare} found is held. */
  async markCompared({ sideStore }: Pick<Stores, 'sideStore'>): Promise<void> {
    if (this.#unmarked !== undefined) await markCompared(sideStore, this.#unmarked);
    this.#unmarked = undefined;
  }

  #learn(entry: StoredCommit): void {
    this.#unsaved += 1;
    const verdict = this.#judge.next(entry.bytes, undefined, commitOf(entry));
    const { stream, version } = entry;
    if (!verdict.ok && !this.#faults.has(stream))
      this.#faults.set(stream, { stream, version, problem: `${verdict.code}: ${verdict.detail}` });
  }

  /** Restores the saved state if its tree is one that this log had. */
  async #recall(store: Store): Promise<number> {
    const known = await this.#memory.load();
    if (known === undefined) return 0;
    const commit = await readCommit(store, LOG_STREAM, known.version);
    if (commit === undefined || eventsOf(logAggregate, commit).at(-1)?.root !== known.root) return 0;
    this.#judge = new CommitJudge(known.commits);
    this.#faults = new Map(known.faults);
    return known.version;
  }

  /**
   * Judges pending commits by instant, each after what it names; one that may not stand yet is tried again after the others. `now` and
   * `newest`, of the log, bound how far a commit may be ahead: an act that ends something after a fast clock was corrected must stand at
   * once. It has the newest committed instant, usually that of one of the log's own commits, after its newest entry.
   */
  judge(pending: readonly StoredCommit[], now: string, newest: string | null): Judged {
    const bound = latestPossible(now, newest);
    const commits: StoredCommit[] = [];
    const refused = takeInOrder(pending, (commit) => {
      const verdict = this.#next(commit, bound);
      if (verdict.ok) commits.push(commit);
      return verdict;
    });
    // The first of each stream.
    const held = new Map(
      refused.toReversed().map(({ commit: { stream, version }, problem }) => [stream, { stream, version, problem }]),
    );
    return { commits, refused: [...held.values()], stopped: this.stopped };
  }

  #next(commit: StoredCommit, bound: string): PendingVerdict {
    if (commit.at > bound)
      return { ok: false, code: 'ahead', detail: `it is of ${commit.at}, more than five minutes ahead of the clock` };
    return this.#judge.next(commit.bytes, attachedBytes(commit.attachments), commitOf(commit));
  }
}
