import { decodeCommit, hashOf } from '../../../domain/kernel/commit.ts';
import { type CheckpointSigned, type CommitRun, LOG_STREAM } from '../../../domain/log/events.ts';
import { append, emptyFrontier, type Frontier, rootOf } from '../../../domain/log/frontier.ts';
import { leafHash } from '../../../domain/log/hash.ts';
import { checkRows } from '../../gate/checkRows.ts';
import { logAggregate } from '../../gate/logAggregate.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import { CorruptStore } from '../../platform/store/errors.ts';
import { eventsOf } from '../../platform/store/load.ts';
import type { Store, StoredCommit } from '../../platform/store/port.ts';
import { assertFollows } from '../../platform/store/record.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { readPublished } from '../sequencer/checkpoint.ts';
import type { LogSigner } from '../sequencer/signer.ts';
import { type CommitEntry, readRun } from '../sequencer/staging.ts';
import { LogFault } from './fault.ts';
import { readLog } from './readLog.ts';
import { NamedTexts, type TextCount } from './texts.ts';

export interface FsckPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
  readonly blobs: Blobs;
  readonly signer: LogSigner;
}

/** What of the store and of the public log agrees. */
interface Agreement {
  readonly size: number;
  readonly checkpoints: number;
  /** The newest version of each stream that is in the log. */
  readonly streams: ReadonlyMap<string, number>;
  readonly texts: TextCount & {
    /** Gone from the side store, and nobody redacted them: lost, or taken away behind the gate's back. */
    readonly missing: readonly { readonly commitment: string; readonly namedBy: string }[];
  };
}

/** The log's own commits, their chain checked. */
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

/** The commits of a run, read by the page; where a page cannot be read, one by one, so that the first bad one is known. */
async function* commitsOf(store: Store, run: CommitRun): AsyncGenerator<CommitEntry> {
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

/** The commits that a checkpoint says it added. Throws LogFault with the index of the first that cannot be read. */
async function* addedBy(store: Store, { runs }: CheckpointSigned, start: number): AsyncGenerator<CommitEntry> {
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
  readonly streams = new Map<string, number>();
  readonly #texts = new NamedTexts();
  readonly #entries: AsyncIterator<{ readonly bytes: Uint8Array }>;

  constructor(entries: AsyncIterator<{ readonly bytes: Uint8Array }>) {
    this.#entries = entries;
  }

  /** A commit of the store against the entry of the public log at its place. */
  async take({ stream, version, bytes }: CommitEntry): Promise<void> {
    const index = this.tree.size;
    const place = `${stream}@${version}`;
    if (version !== (this.streams.get(stream) ?? 0) + 1) throw new LogFault(`${place} leaves a gap in its stream`, index);
    const logged = await this.#entries.next();
    if (logged.done === true) throw new LogFault(`${place} is in the store and not in the public log`, index);
    if (Buffer.compare(logged.value.bytes, bytes) !== 0)
      throw new LogFault(`${place} in the store is not what is in the public log (${hashOf(bytes)})`, index);
    this.tree = append(this.tree, leafHash(bytes));
    this.streams.set(stream, version);
    this.#texts.take(decodeCommit(bytes));
  }

  checkpoint({ size, root }: CheckpointSigned): void {
    this.checkpoints += 1;
    if (this.tree.size !== size || Buffer.from(rootOf(this.tree)).toString('base64') !== root)
      throw new LogFault(`the checkpoint at size ${size} was signed over other entries`, size - 1);
  }

  async report(ports: FsckPorts): Promise<Agreement> {
    const texts = { ...this.#texts.count, missing: await this.#texts.missing(ports) };
    return { size: this.tree.size, checkpoints: this.checkpoints, streams: this.streams, texts };
  }

  /** Nothing more may be published than the store knows. */
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
  tick: (done: number, of: number) => void = () => undefined,
): Promise<Agreement> => {
  const { store, blobs, signer } = ports;
  const published = await readPublished(blobs, signer);
  if (published === undefined) throw new LogFault('no checkpoint of this log is published');
  const comparison = new Comparison(readLog(blobs, published));
  for await (const commit of logCommits(store)) {
    for (const signed of eventsOf(logAggregate, commit)) {
      // Signed and not published yet: the sequencer is about to.
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

/** What was checked; `rows`: every row of the store, the log's own and those that are not in the log yet included. */
export interface FsckReport extends Agreement {
  readonly rows: number;
}

/**
 * Checks everything: the store against the public log ({@link compareWithLog}), then every row by itself: its MAC, its place in its
 * stream, and that the state beside it is what its events give. Throws LogFault that names the first difference.
 */
export const fsck = async (ports: FsckPorts, tick: (done: number, of: number) => void = () => undefined): Promise<FsckReport> => {
  const agreement = await compareWithLog(ports, tick);
  const { rows, problems } = await checkRows(ports.store);
  const [first] = problems;
  if (first !== undefined) throw new LogFault(first.problem);
  return { ...agreement, rows };
};
