import { canonical } from '../../../domain/kernel/canonical.ts';
import { hashOf } from '../../../domain/kernel/commit.ts';
import { type CheckpointSigned, type CommitRun, LOG_STREAM } from '../../../domain/log/events.ts';
import { append, emptyFrontier, type Frontier, rootOf } from '../../../domain/log/frontier.ts';
import { leafHash } from '../../../domain/log/hash.ts';
import { type EntryTime, NO_TIMES, timesOfEntries, withTimes } from '../../../domain/log/late.ts';
import { logAggregate } from '../../gate/aggregates.ts';
import { checkRows } from '../../gate/checkRows.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import { CorruptStore } from '../../platform/store/errors.ts';
import { eventsOf } from '../../platform/store/load.ts';
import type { Store, StoredCommit } from '../../platform/store/port.ts';
import { assertFollows, commitOf } from '../../platform/store/record.ts';
import type { RecordMacs, SideStore } from '../../platform/store/sideStore.ts';
import { attachedBytes, CommitJudge, judgeOutside } from '../judging.ts';
import { heldProblem, heldStreams } from '../sequencer/logIndex.ts';
import { readPublished } from '../sequencer/publicFiles.ts';
import type { LogSigner } from '../sequencer/signer.ts';
import { readRun } from '../sequencer/staging.ts';
import type { NoticeCount } from './attachments.ts';
import { LogFault, readLog } from './readLog.ts';
import { NamedTexts, type TextCount } from './texts.ts';

export interface FsckPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
  readonly blobs: Blobs;
  readonly signer: LogSigner;
}

/** The part of a judge that a comparison uses. */
export type EntryJudge = Pick<CommitJudge, 'next' | 'notices'>;

/** The agreement of the store and the public log. */
interface Agreement {
  readonly size: number;
  readonly checkpoints: number;
  /** The newest version of each stream that is in the log. */
  readonly streams: ReadonlyMap<string, number>;
  /** The raw messages that were checked, by what vouches for them. */
  readonly notices: NoticeCount;
  readonly texts: TextCount & {
    /** Texts that are missing from the side store: lost, or removed by something other than the gate. */
    readonly missing: readonly { readonly commitment: string; readonly namedBy: string }[];
  };
}

/** Yields the log's own commits, with their hash chain checked. */
async function* logCommits(store: Store): AsyncGenerator<StoredCommit> {
  let last: StoredCommit | undefined;
  for (;;) {
    const page = await store.history(LOG_STREAM, { after: last?.version ?? 0, limit: 100 });
    for (const commit of page) {
      assertFollows(last, commit);
      yield commit;
      last = commit;
    }
    if (page.length === 0) return;
  }
}

/** Yields the commits of a run, page by page. Reads a page that fails one commit at a time, to identify the first bad one. */
async function* commitsOf(store: Store, run: CommitRun): AsyncGenerator<StoredCommit> {
  let version = run.from;
  try {
    for await (const entry of readRun(store, run)) {
      yield entry;
      version = entry.version + 1;
    }
  } catch (error) {
    if (!(error instanceof CorruptStore)) throw error;
    for (; version <= run.to; version += 1) yield* readRun(store, { ...run, from: version, to: version });
  }
}

/** Yields the commits that a checkpoint names as added. Throws LogFault with the index of the first that cannot be read. */
async function* addedBy(store: Store, { runs }: CheckpointSigned, start: number): AsyncGenerator<StoredCommit> {
  let index = start;
  for (const run of runs) {
    try {
      for await (const entry of commitsOf(store, run)) {
        yield entry;
        index += 1;
      }
    } catch (cause) {
      if (!(cause instanceof CorruptStore)) throw cause;
      throw new LogFault(cause.message, index, { cause });
    }
  }
}

class Comparison {
  tree: Frontier = emptyFrontier;
  checkpoints = 0;
  #times = NO_TIMES;
  #added: EntryTime[] = [];
  readonly streams = new Map<string, number>();
  readonly #texts = new NamedTexts();
  readonly #judge: EntryJudge;
  readonly #entries: AsyncIterator<{ readonly bytes: Uint8Array }>;

  constructor(entries: AsyncIterator<{ readonly bytes: Uint8Array }>, judge: EntryJudge) {
    this.#judge = judge;
    this.#entries = entries;
  }

  /** Compares a commit of the store with its entry of the public log, and judges it with its raw message. */
  async take(commit: StoredCommit): Promise<void> {
    const { stream, version, at, bytes, attachments } = commit;
    const index = this.tree.size;
    const place = `${stream}@${version}`;
    if (version !== (this.streams.get(stream) ?? 0) + 1) throw new LogFault(`${place} leaves a gap in its stream`, index);
    const logged = await this.#entries.next();
    if (logged.done === true) throw new LogFault(`${place} is in the store and not in the public log`, index);
    if (Buffer.compare(logged.value.bytes, bytes) !== 0)
      throw new LogFault(`${place} in the store is not what is in the public log (${hashOf(bytes)})`, index);
    const verdict = this.#judge.next(bytes, attachedBytes(attachments), commitOf(commit));
    if (!verdict.ok) throw new LogFault(`${place} may not stand: ${verdict.code}: ${verdict.detail}`, index);
    this.tree = append(this.tree, leafHash(bytes));
    this.streams.set(stream, version);
    this.#added.push({ stream, version, at });
    this.#texts.take(commitOf(commit));
  }

  checkpoint({ size, root, newest, late, unknownBefore }: CheckpointSigned): void {
    this.checkpoints += 1;
    const times = timesOfEntries(this.#times, this.#added);
    if (canonical(times) !== canonical({ newest, late, unknownBefore }))
      throw new LogFault(`the checkpoint at size ${size} names other late entries than there are`, size - 1);
    this.#times = withTimes(this.#times, times);
    this.#added = [];
    if (this.tree.size !== size || Buffer.from(rootOf(this.tree)).toString('base64') !== root)
      throw new LogFault(`the checkpoint at size ${size} was signed over other entries`, size - 1);
  }

  async report(ports: FsckPorts): Promise<Agreement> {
    const texts = { ...this.#texts.count, missing: await this.#texts.missing(ports) };
    return { size: this.tree.size, checkpoints: this.checkpoints, streams: this.streams, texts, notices: this.notices };
  }

  /** The raw messages of the commits, by what vouches for them. */
  get notices(): NoticeCount {
    return this.#judge.notices;
  }

  /** Throws if more is published than the store holds. */
  async end(): Promise<void> {
    const logged = await this.#entries.next();
    if (logged.done !== true) throw new LogFault('is in the public log and not in the store', this.tree.size);
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
  for await (const commit of logCommits(store)) {
    for (const signed of eventsOf(logAggregate, commit)) {
      // The sequencer has signed this checkpoint and not published it yet.
      if (signed.size > published.size) return comparison.report(ports);
      for await (const entry of addedBy(store, signed, comparison.tree.size)) {
        await comparison.take(entry);
        tick(comparison.tree.size, published.size);
      }
      comparison.checkpoint(signed);
    }
  }
  await comparison.end();
  return comparison.report(ports);
};

/** The result of the checks. `rows`: the number of rows in the store, including the log's own and those that are not in the log yet. */
export interface FsckReport extends Agreement {
  readonly rows: number;
}

/** The ports of a check of everything: those of a comparison, and the MACs of the side store. */
export interface FsckEverythingPorts extends FsckPorts {
  readonly recordMacs: Pick<RecordMacs, 'altered'>;
}

/**
 * Checks everything: the store against the public log ({@link compareWithLog}), every commit by the judge, its raw message and signature,
 * those that are not in the log included; then every row by itself: its MAC, its place in its stream, and that the state beside it is what
 * its events give; then the MAC of every record of the side store. Throws LogFault that names the first difference, also for a stream that
 * the sequencer keeps out of the log.
 */
export const fsck = async (
  ports: FsckEverythingPorts,
  tick: (done: number, of: number) => void = () => undefined,
): Promise<FsckReport> => {
  const judge = new CommitJudge();
  const agreement = await compareWithLog(ports, judge, tick);
  const outside: StoredCommit[] = [];
  const { rows, problems } = await checkRows(ports.store, (row) => {
    if (row.stream !== LOG_STREAM && row.version > (agreement.streams.get(row.stream) ?? 0)) outside.push(row);
  });
  const [first] = [...problems, ...judgeOutside(judge, outside)];
  if (first !== undefined) throw new LogFault(first.problem);
  const [record] = await ports.recordMacs.altered();
  if (record !== undefined)
    throw new LogFault(`the record ${record.kind}/${record.id} was not written by this gate: ${record.problem}`);
  const [held] = await heldStreams(ports.sideStore);
  if (held !== undefined) throw new LogFault(`${held.stream}@${held.version}: ${heldProblem(held)}`);
  return { ...agreement, rows };
};
