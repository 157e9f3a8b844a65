import { CheckpointSigned, LOG_STREAM } from '../../../../domain/log/events.ts';
import { CorruptStore } from '../errors.ts';
import { KeptRecords } from '../keptRecords.ts';
import type { Store, StoredCommit, UnreadableRow } from '../port.ts';
import { assertFollows, commitOf } from '../record.ts';
import { encodeLine, HEADER, LinesDigest } from './line.ts';

const PAGE = 200;

/** Judges the commits of an export. `refused` returns the first commit of each stream that no import would take. */
export interface ExportJudge {
  next(commit: StoredCommit): void;
  refused(): readonly UnreadableRow[];
}

/** What an export may omit. `leftOut`: called with each row that it omits first of a stream. */
interface PartialExport {
  readonly leftOut: (row: UnreadableRow) => void;
  readonly judge: ExportJudge;
}

/** Yields the commits of a store, without rows that fail and commits that may not stand, also for lack of those. */
async function* exportable(store: Store, { leftOut, judge }: PartialExport): AsyncGenerator<StoredCommit> {
  const failed = new Failed(leftOut);
  const kept = new KeptRecords();
  for await (const record of everyCommit(store, failed)) {
    judge.next(record);
    kept.add(record);
  }
  for (const row of judge.refused()) failed.note(row);
  if (kept.all === undefined) return yield* everyCommit(store, failed);
  for (const record of kept.all) {
    failed.noteCheckpoint(record);
    if (!failed.holdsBack(record)) yield record;
  }
}

/**
 * Yields every commit of a store with its attachments as lines of an archive (without ends of line), in the order of the feed,
 * each once, each stream in version order and with its hash chain checked. A commit written during the export may or may not be
 * in it. Passes a row that fails to `leftOut`, and the first commit of a stream that `judge` refuses, and omits it, all later rows of its
 * stream, and the log's checkpoints over it; without them throws CorruptStore.
 */
export async function* exportArchive(store: Store, partial?: PartialExport): AsyncGenerator<string> {
  const digest = new LinesDigest();
  let commits = 0;
  const header = JSON.stringify(HEADER);
  digest.add(header);
  yield header;
  const records = partial === undefined ? everyCommit(store, new Failed(undefined)) : exportable(store, partial);
  for await (const record of records) {
    const line = encodeLine(record);
    digest.add(line);
    commits += 1;
    yield line;
  }
  yield JSON.stringify({ commits, sha256: String(digest) });
}

/** Tracks the first version of each stream that cannot be exported. */
class Failed {
  readonly #from = new Map<string, number>();
  readonly #leftOut: ((row: UnreadableRow) => void) | undefined;

  constructor(leftOut: ((row: UnreadableRow) => void) | undefined) {
    this.#leftOut = leftOut;
  }

  /** The callback for the feed; undefined where a row that fails must throw. */
  get unreadable(): ((row: UnreadableRow) => void) | undefined {
    return this.#leftOut && ((row) => this.note(row));
  }

  note(row: UnreadableRow): void {
    const known = this.#from.get(row.stream);
    if (known === undefined) this.#leftOut?.(row);
    if (known === undefined || row.version < known) this.#from.set(row.stream, row.version);
  }

  /** Records a failure of `item` or of a row before it. Throws it where no row may be omitted. */
  caught(error: unknown, { stream }: StoredCommit, version: number): void {
    if (this.#leftOut === undefined || !(error instanceof CorruptStore)) throw error;
    this.note({ stream, version, problem: error.message });
  }

  holdsBack({ stream, version }: { readonly stream: string; readonly version: number }): boolean {
    return version >= (this.#from.get(stream) ?? Number.POSITIVE_INFINITY);
  }

  /** Omits a checkpoint over omitted rows, and the checkpoints that follow it. */
  noteCheckpoint(record: StoredCommit): void {
    if (record.stream !== LOG_STREAM || this.#from.size === 0) return;
    const covers = commitOf(record)
      .events.map((event) => CheckpointSigned.parse(event))
      .some(({ runs }) => runs.some(({ stream, to }) => this.holdsBack({ stream, version: to })));
    if (covers) this.note({ ...record, problem: `${LOG_STREAM}@${record.version} was signed over what is left out` });
  }
}

/** Yields the commits of the feed without repeats; fetches commits that the feed shows out of order from the stream itself. */
async function* everyCommit(store: Store, failed: Failed): AsyncGenerator<StoredCommit> {
  const last = new Map<string, StoredCommit>();
  let cursor: string | undefined;
  for (;;) {
    const page = await store.feed(cursor, PAGE, failed.unreadable);
    for (const item of page.items) {
      const known = last.get(item.stream);
      failed.noteCheckpoint(item);
      if (item.version <= (known?.version ?? 0) || failed.holdsBack(item)) continue;
      try {
        for await (const record of upTo(store, known, item)) {
          last.set(record.stream, withoutAttachments(record));
          yield record;
        }
      } catch (error) {
        failed.caught(error, item, (last.get(item.stream)?.version ?? 0) + 1);
      }
    }
    if (page.done) return;
    cursor = page.next;
  }
}

/** Yields the commits between `known` and `item`, then `item`; ordinarily only `item`. */
async function* upTo(store: Store, known: StoredCommit | undefined, item: StoredCommit): AsyncGenerator<StoredCommit> {
  let previous = known;
  while ((previous?.version ?? 0) < item.version - 1) {
    const missing = await store.history(item.stream, { after: previous?.version ?? 0, upTo: item.version - 1, limit: PAGE });
    if (missing.length === 0) throw new CorruptStore(`${item.stream}: nothing after version ${previous?.version ?? 0}`);
    for (const record of missing) {
      assertFollows(previous, record);
      yield record;
      previous = record;
    }
  }
  assertFollows(previous, item);
  yield item;
}

/**
 * Returns a record without its attachments and state. Checking the next commit needs only the bytes, so a notice's attachment
 * need not stay in memory.
 */
const withoutAttachments = (record: StoredCommit): StoredCommit => ({ ...record, attachments: [], state: '' });
