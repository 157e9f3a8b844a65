import { hashOf } from '../../../domain/kernel/commit.ts';
import { type CheckpointSigned, LOG_STREAM } from '../../../domain/log/events.ts';
import { logAggregate } from '../../gate/aggregates.ts';
import { checkRows } from '../../gate/checks.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import { CorruptStore, ifReadable } from '../../platform/store/errors.ts';
import { commitsAbove, eventsOf } from '../../platform/store/load.ts';
import type { Store, StoredCommit, UnreadableRow } from '../../platform/store/port.ts';
import { assertFollows, commitOf } from '../../platform/store/record.ts';
import type { RecordMacs, SideStore } from '../../platform/store/sideStore.ts';
import { loggedCommits } from '../archive.ts';
import { attachedBytes, CommitJudge, judgeOutside, type NoticeCount, standingProblem } from '../judging.ts';
import { entriesOf, SignedTree } from '../sequencer/entries.ts';
import { heldProblem, heldStreams } from '../sequencer/logIndex.ts';
import type { LogSigner } from '../sequencer/ports.ts';
import { readPublished } from '../sequencer/publicFiles.ts';
import { LogFault, readLog } from './readLog.ts';
import { NamedTexts, type TextCount } from './replay.ts';

interface FsckPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
  readonly blobs: Blobs;
  readonly signer: LogSigner;
}

export type EntryJudge = Pick<CommitJudge, 'next' | 'notices'>;

interface Agreement {
  readonly size: number;
  readonly checkpoints: number;
  readonly streams: ReadonlyMap<string, number>;
  readonly notices: NoticeCount;
  readonly texts: TextCount & {
    /** Lost, or removed by something other than the gate. */
    readonly missing: readonly { readonly commitment: string; readonly namedBy: string }[];
  };
}

class Comparison {
  readonly tree = new SignedTree();
  readonly streams = new Map<string, number>();
  readonly #texts = new NamedTexts();
  readonly #judge: EntryJudge;
  readonly #entries: AsyncIterator<{ readonly bytes: Uint8Array }>;
  #checkpoints = 0;

  constructor(entries: AsyncIterator<{ readonly bytes: Uint8Array }>, judge: EntryJudge) {
    this.#judge = judge;
    this.#entries = entries;
  }

  get size(): number {
    return this.tree.frontier.size;
  }

  async take(commit: StoredCommit): Promise<void> {
    const { stream, version, bytes, attachments } = commit;
    const index = this.size;
    const place = `${stream}@${version}`;
    if (version !== (this.streams.get(stream) ?? 0) + 1) throw new LogFault(`${place} leaves a gap in its stream`, index);
    const logged = await this.#entries.next();
    if (logged.done === true) throw new LogFault(`${place} is in the store and not in the public log`, index);
    if (Buffer.compare(logged.value.bytes, bytes) !== 0)
      throw new LogFault(`${place} in the store is not what is in the public log (${hashOf(bytes)})`, index);
    const problem = standingProblem(commit, this.#judge.next(bytes, attachedBytes(attachments), commitOf(commit)));
    if (problem !== undefined) throw new LogFault(problem, index);
    this.tree.take(commit);
    this.streams.set(stream, version);
    this.#texts.take(commitOf(commit));
  }

  checkpoint(signed: CheckpointSigned): void {
    const problem = this.tree.problemOf(signed);
    if (problem !== undefined) throw new LogFault(problem, signed.size - 1);
    this.#checkpoints += 1;
  }

  /** Throws if more is published than the store has, or if what is published is not what was signed. */
  async report(ports: FsckPorts): Promise<Agreement> {
    const logged = await this.#entries.next();
    if (logged.done !== true) throw new LogFault('is in the public log and not in the store', this.size);
    const texts = { ...this.#texts.count, missing: await this.#texts.missing(ports) };
    const { size, streams } = this;
    return { size, checkpoints: this.#checkpoints, streams, texts, notices: this.#judge.notices };
  }
}

/**
 * Compares the signed checkpoints of stream `log`, the commits they name, and the public files. Throws LogFault with the first index at
 * which they differ, CorruptStore when stream `log` itself cannot be read.
 */
export const compareWithLog = async (
  ports: FsckPorts,
  judge: EntryJudge,
  tick: (done: number, of: number) => void = () => undefined,
): Promise<Agreement> => {
  const { store, blobs, signer } = ports;
  const published = await readPublished(blobs, signer);
  if (published === undefined) throw new LogFault('no checkpoint of this log is published');
  const comparison = new Comparison(readLog(blobs, published), judge);
  let last: StoredCommit | undefined;
  for await (const commit of commitsAbove(store, LOG_STREAM, 0)) {
    assertFollows(last, commit);
    last = commit;
    for (const signed of eventsOf(logAggregate, commit)) {
      // Signed but not published yet.
      if (signed.size > published.size) return comparison.report(ports);
      try {
        for await (const entry of entriesOf(store, signed)) {
          await comparison.take(entry);
          tick(comparison.size, published.size);
        }
      } catch (cause) {
        if (cause instanceof CorruptStore) throw new LogFault(cause.message, comparison.size, { cause });
        throw cause;
      }
      comparison.checkpoint(signed);
    }
  }
  return comparison.report(ports);
};

/** Problems of a store's rows, apart from comparison with the public log. `rows`: their number. */
interface StoreProblems {
  readonly rows: number;
  readonly problems: readonly UnreadableRow[];
}

/**
 * Checks each row's MAC, place and state, and judges the commits that are not in the log. `logged`: the newest logged version of each stream;
 * `judge`: has judged all of these; absent: some cannot be read, so commits that depend on them are not judged.
 */
const problemsOf = async (store: Store, logged: ReadonlyMap<string, number>, judge?: CommitJudge): Promise<StoreProblems> => {
  const outside: StoredCommit[] = [];
  const { rows, problems } = await checkRows(store, (row) => {
    if (row.stream !== LOG_STREAM && row.version > (logged.get(row.stream) ?? 0)) outside.push(row);
  });
  return { rows, problems: judge === undefined ? problems : [...problems, ...judgeOutside(judge, outside)] };
};

/** Checks each row as {@link fsck} does, and judges every commit, without the public files. Finds all problems, not the first one. */
export const checkStore = async (store: Store): Promise<StoreProblems> => {
  const judge = new CommitJudge();
  const logged = new Map<string, number>();
  const refused: UnreadableRow[] = [];
  const judgeLogged = async (): Promise<CommitJudge> => {
    for await (const { stream, version, bytes, attachments } of loggedCommits(store)) {
      logged.set(stream, version);
      if (stream === LOG_STREAM) continue;
      const problem = standingProblem({ stream, version }, judge.next(bytes, attachedBytes(attachments)));
      if (problem !== undefined) refused.push({ stream, version, problem });
    }
    return judge;
  };
  const { rows, problems } = await problemsOf(store, logged, await ifReadable(judgeLogged(), () => undefined));
  return { rows, problems: [...problems, ...refused] };
};

/** `rows`: including the log's own and those that are not in the log yet. */
interface FsckReport extends Agreement {
  readonly rows: number;
}

interface FsckEverythingPorts extends FsckPorts {
  readonly recordMacs: Pick<RecordMacs, 'altered'>;
}

/**
 * Checks everything: {@link compareWithLog}, commits that are not in the log, each row's MAC, place and state, and the MAC of every record.
 * Throws LogFault that names the first difference, also for a stream that the sequencer holds.
 */
export const fsck = async (
  ports: FsckEverythingPorts,
  tick: (done: number, of: number) => void = () => undefined,
): Promise<FsckReport> => {
  const judge = new CommitJudge();
  const agreement = await compareWithLog(ports, judge, tick);
  const { rows, problems } = await problemsOf(ports.store, agreement.streams, judge);
  const [first] = problems;
  if (first !== undefined) throw new LogFault(first.problem);
  const [record] = await ports.recordMacs.altered();
  if (record !== undefined)
    throw new LogFault(`the record ${record.kind}/${record.id} was not written by this gate: ${record.problem}`);
  const [held] = await heldStreams(ports.sideStore);
  if (held !== undefined) throw new LogFault(`${held.stream}@${held.version}: ${heldProblem(held)}`);
  return { ...agreement, rows };
};
