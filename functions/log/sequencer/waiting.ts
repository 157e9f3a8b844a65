import { hashOf } from '../../../domain/kernel/commit.ts';
import { type CommitRun, LOG_STREAM } from '../../../domain/log/events.ts';
import { commitsAbove } from '../../platform/feed/commitsAbove.ts';
import { CorruptStore } from '../../platform/store/errors.ts';
import type { FeedPage, StoredCommit, UnreadableRow } from '../../platform/store/port.ts';
import { commitOf } from '../../platform/store/record.ts';
import { type Held, heldStreams, readCursor, readPlace } from './places.ts';
import type { SequencerPorts } from './ports.ts';

/** Most entries of one checkpoint, and most bytes of their names (its event must fit into a commit) and of themselves (memory). */
export const ENTRIES_MAX = 1_024;
const NAME_BYTES_MAX = 30_000;
const BYTES_MAX = 8_000_000;
const PAGE = 200;

/** Commits that are not in the log yet, in the order in which they will be. */
export interface Waiting {
  readonly commits: readonly StoredCommit[];
  /** Where the feed was read up to; everything before is in the log or in `commits`, or its stream is held. */
  readonly cursor: string | undefined;
  /** Streams that were held and can go on. */
  readonly released: readonly string[];
  readonly held: readonly Held[];
  /** The checkpoint is full: more may wait. */
  readonly isFull: boolean;
}

/** The same commits as runs of consecutive versions. */
export const runsOf = (commits: readonly Pick<StoredCommit, 'stream' | 'version'>[]): CommitRun[] => {
  const runs: CommitRun[] = [];
  for (const { stream, version } of commits) {
    const last = runs.at(-1);
    if (last?.stream === stream && last.to === version - 1) runs[runs.length - 1] = { ...last, to: version };
    else runs.push({ stream, from: version, to: version });
  }
  return runs;
};

class Gathering {
  readonly commits: StoredCommit[] = [];
  readonly held = new Map<string, Held>();
  isFull = false;
  readonly #ports: SequencerPorts;
  readonly #taken = new Map<string, { readonly version: number; readonly hash: string }>();
  #bytes = 0;
  #nameBytes = 0;

  constructor(ports: SequencerPorts) {
    this.#ports = ports;
  }

  /** Takes a commit and those of its stream that lie before it and are not in the log: a stream goes in by its versions. */
  async take(commit: StoredCommit): Promise<void> {
    const { stream, version } = commit;
    if (stream === LOG_STREAM || this.held.has(stream) || version <= (this.#taken.get(stream)?.version ?? 0)) return;
    if ((await readPlace(this.#ports.sideStore, stream, version)) !== undefined) return;
    const before = await this.#before(stream, version);
    const missing = before.version + 1 === version ? [] : await this.#between(stream, before.version, version);
    if (missing === undefined) return;
    let last = before;
    for (const next of [...missing, commit]) {
      if (!this.#add(last, next)) return;
      last = { version: next.version, hash: hashOf(next.bytes) };
    }
  }

  /** What lies between two versions; undefined, and the stream held, where a page of it cannot be read. */
  async #between(stream: string, after: number, version: number): Promise<readonly StoredCommit[] | undefined> {
    try {
      return await this.#ports.store.history(stream, { after, upTo: version - 1, limit: ENTRIES_MAX });
    } catch (error) {
      if (!(error instanceof CorruptStore)) throw error;
      this.held.set(stream, { stream, version: after + 1, problem: error.message });
      return undefined;
    }
  }

  /** Keeps a stream out from a row on that gives no commit; what of it lies before the row was taken. */
  async withhold({ stream, version, problem }: UnreadableRow): Promise<void> {
    if (stream === LOG_STREAM || this.held.has(stream)) return;
    if ((await readPlace(this.#ports.sideStore, stream, version)) !== undefined) return;
    this.held.set(stream, { stream, version: (await this.#before(stream, version)).version + 1, problem });
  }

  /** The last commit of a stream before `version` that is in the log or taken. */
  async #before(stream: string, version: number): Promise<{ readonly version: number; readonly hash: string | null }> {
    const taken = this.#taken.get(stream);
    if (taken !== undefined) return taken;
    for (let candidate = version - 1; candidate > 0; candidate -= 1) {
      const place = await readPlace(this.#ports.sideStore, stream, candidate);
      if (place !== undefined) return { version: candidate, hash: place.hash };
    }
    return { version: 0, hash: null };
  }

  /** Nothing is signed that does not continue the hash chain of its stream from what was signed before. */
  #add(before: { readonly version: number; readonly hash: string | null }, commit: StoredCommit): boolean {
    const { stream, version, bytes } = commit;
    const problem =
      version !== before.version + 1
        ? `version ${before.version + 1} is missing`
        : commitOf(commit).prev !== before.hash
          ? 'prev is not the hash of the commit before'
          : undefined;
    if (problem !== undefined) {
      this.held.set(stream, { stream, version: before.version + 1, problem });
      return false;
    }
    const startsRun = this.commits.at(-1)?.stream !== stream;
    const nameBytes = startsRun ? Buffer.byteLength(stream) + 64 : 0;
    this.isFull ||=
      this.commits.length >= ENTRIES_MAX ||
      this.#bytes + bytes.length > BYTES_MAX ||
      this.#nameBytes + nameBytes > NAME_BYTES_MAX;
    if (this.isFull) return false;
    this.#bytes += bytes.length;
    this.#nameBytes += nameBytes;
    this.commits.push(commit);
    this.#taken.set(stream, { version, hash: hashOf(bytes) });
    return true;
  }
}

interface ReadPage extends FeedPage {
  readonly unreadable: readonly UnreadableRow[];
}

const page = async ({ store, log }: SequencerPorts, cursor: string | undefined): Promise<ReadPage> => {
  const read = async (from: string | undefined): Promise<ReadPage> => {
    const unreadable: UnreadableRow[] = [];
    return { ...(await store.feed(from, PAGE, (row) => unreadable.push(row))), unreadable };
  };
  try {
    return await read(cursor);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    log({ level: 'error', event: 'feed cursor cannot be read, the sequencer reads from the start' });
    return read(undefined);
  }
};

/** Of a held stream, what can go on now. */
const retry = async ({ store }: SequencerPorts, gathering: Gathering, { stream, version, problem }: Held): Promise<void> => {
  try {
    for await (const commit of commitsAbove(store, stream, version - 1)) await gathering.take(commit);
  } catch (error) {
    if (!(error instanceof CorruptStore)) throw error;
    gathering.held.set(stream, { stream, version, problem });
  }
};

/**
 * What waits to go into the log: each stream by its versions, across streams in the order of the feed. A stream whose next row gives no
 * commit is held and named, and all others go on. Throws CorruptStore when the feed itself cannot be read: then nothing is signed.
 */
export const gather = async (ports: SequencerPorts): Promise<Waiting> => {
  const gathering = new Gathering(ports);
  const before = await heldStreams(ports.sideStore);
  for (const held of before) await retry(ports, gathering, held);
  let cursor = await readCursor(ports.sideStore);
  for (;;) {
    const read = await page(ports, cursor);
    const isBehind = ({ stream, version }: StoredCommit): boolean =>
      read.unreadable.some((row) => row.stream === stream && row.version < version);
    for (const item of read.items) {
      if (!gathering.isFull && !isBehind(item)) await gathering.take(item);
    }
    if (gathering.isFull) break;
    for (const row of read.unreadable) await gathering.withhold(row);
    cursor = read.next;
    if (read.done) break;
  }
  const { commits, held, isFull } = gathering;
  // What did not fit lies behind the cursor: such a stream stays held until all of it was taken.
  const released = isFull ? [] : before.map(({ stream }) => stream).filter((stream) => !held.has(stream));
  return { commits, cursor, released, held: [...held.values()], isFull };
};
