import { documentStream } from '../../../domain/documents/decide.ts';
import { ENDING_STREAM } from '../../../domain/ending/events.ts';
import { featureStream, POLICY_KEY, vendorOf } from '../../../domain/feature/keys.ts';
import { hashOf } from '../../../domain/kernel/commit.ts';
import { type CommitRun, LOG_STREAM } from '../../../domain/log/events.ts';
import { POLICY_STREAM } from '../../../domain/policy/state.ts';
import { isRedactionStream } from '../../../domain/redaction/decide.ts';
import { REVOCATION_STREAM } from '../../../domain/revocation/events.ts';
import { ROSTER_STREAM } from '../../../domain/roster/state.ts';
import { SETTINGS_STREAM } from '../../../domain/settings/events.ts';
import { commitsAbove } from '../../platform/feed/commitsAbove.ts';
import { CorruptStore, ifReadable } from '../../platform/store/errors.ts';
import type { FeedPage, StoredCommit, UnreadableRow } from '../../platform/store/port.ts';
import { commitOf } from '../../platform/store/record.ts';
import { type HeldStream, readCursor } from './logIndex.ts';
import type { LoggedEnd, SequencerPorts } from './ports.ts';

/** Limits of one checkpoint: entries, bytes of stream names (its event must fit into a commit) and bytes of entries (memory). */
export const ENTRIES_MAX = 1_024;
const NAME_BYTES_MAX = 30_000;
const BYTES_MAX = 8_000_000;
const PAGE = 200;

/** Commits that are not in the log yet, in the order in which they will enter it. */
export interface Pending {
  readonly commits: readonly StoredCommit[];
  /** The position up to which the feed was read: everything before is in the log, in `commits`, or of a held stream. */
  readonly cursor: string | undefined;
  /** Streams that were held and can continue. */
  readonly released: readonly string[];
  readonly held: readonly HeldStream[];
  /** The checkpoint is full; more may be pending. */
  readonly isFull: boolean;
}

/** Returns the commits as runs of consecutive versions. */
export const runsOf = (commits: readonly Pick<StoredCommit, 'stream' | 'version'>[]): CommitRun[] => {
  const runs: CommitRun[] = [];
  for (const { stream, version } of commits) {
    const last = runs.at(-1);
    if (last?.stream === stream && last.to === version - 1) runs[runs.length - 1] = { ...last, to: version };
    else runs.push({ stream, from: version, to: version });
  }
  return runs;
};

/** Returns the streams of the documents that a commit attaches, or of what it withholds. */
const namedIn = (commit: StoredCommit): readonly string[] => {
  if (isRedactionStream(commit.stream))
    return commitOf(commit).events.flatMap(({ stream }) => (typeof stream === 'string' ? [stream] : []));
  if (!commit.stream.startsWith(featureStream(''))) return [];
  return commitOf(commit).events.flatMap(({ type, sha256 }) =>
    type === 'DocumentAttached' && typeof sha256 === 'string' ? [documentStream(sha256)] : [],
  );
};

/** The streams whose versions commits of a stream may name: they enter the log first. */
const namedBy = (stream: string): readonly string[] => {
  const [kind = '', name = ''] = stream.split('/', 2);
  if (kind === 'feature') return [SETTINGS_STREAM, ROSTER_STREAM, POLICY_STREAM, REVOCATION_STREAM, `vendor/${vendorOf(name)}`];
  if (stream === POLICY_STREAM) return [SETTINGS_STREAM, ROSTER_STREAM, featureStream(POLICY_KEY)];
  if (stream === REVOCATION_STREAM) return [SETTINGS_STREAM, ROSTER_STREAM];
  return stream === ROSTER_STREAM ? [SETTINGS_STREAM, ENDING_STREAM] : [];
};

class Collection {
  readonly commits: StoredCommit[] = [];
  readonly held = new Map<string, HeldStream>();
  isFull = false;
  readonly #ports: SequencerPorts;
  readonly #named = new Set<string>();
  readonly #taken = new Map<string, LoggedEnd>();
  #bytes = 0;
  #nameBytes = 0;

  constructor(ports: SequencerPorts) {
    this.#ports = ports;
  }

  /** Takes a commit after those of its stream that precede it and are not in the log, and after the streams whose versions it names. */
  async take(commit: StoredCommit): Promise<void> {
    await this.#takeNamed(commit.stream);
    await this.#takeWithEarlier(commit);
  }

  /** Takes all of the streams that commits of a stream may name, read consistently: the feed may not have them yet. */
  async #takeNamed(stream: string): Promise<void> {
    for (const named of namedBy(stream)) {
      if (this.#named.has(named)) continue;
      this.#named.add(named);
      await this.takeStream(named);
    }
  }

  /** Takes all of a stream, read consistently, after the streams whose versions it names. */
  async takeStream(stream: string): Promise<void> {
    const head = await this.#headOf(stream);
    if (head !== undefined) await this.take(head);
  }

  /** Returns the newest commit of a stream; holds nothing and returns undefined if it cannot be read, since the feed reports such a row. */
  #headOf(stream: string): Promise<StoredCommit | undefined> {
    return ifReadable(this.#ports.store.head(stream));
  }

  async #takeWithEarlier(commit: StoredCommit): Promise<void> {
    const { stream, version } = commit;
    const before = this.#endOf(stream);
    if (stream === LOG_STREAM || this.held.has(stream) || version <= before.version) return;
    const missing = before.version + 1 === version ? [] : await this.#between(stream, before.version, version);
    let last: LoggedEnd = before;
    for (const next of this.held.has(stream) ? missing : [...missing, commit]) {
      for (const named of namedIn(next)) await this.takeStream(named);
      if (!this.#add(last, next)) return;
      last = { version: next.version, hash: hashOf(next.bytes) };
    }
  }

  /** Returns the commits between two versions; those before the first that cannot be read, which holds the stream. */
  async #between(stream: string, after: number, version: number, limit = ENTRIES_MAX): Promise<readonly StoredCommit[]> {
    try {
      return await this.#ports.store.history(stream, { after, upTo: version - 1, limit });
    } catch (error) {
      if (!(error instanceof CorruptStore)) throw error;
      if (limit > 1) return this.#oneByOne(stream, after, version);
      this.held.set(stream, { stream, version: after + 1, problem: error.message });
      return [];
    }
  }

  async #oneByOne(stream: string, after: number, version: number): Promise<readonly StoredCommit[]> {
    const found: StoredCommit[] = [];
    while (found.length < ENTRIES_MAX) {
      const [next] = await this.#between(stream, after + found.length, version, 1);
      if (next === undefined) break;
      found.push(next);
    }
    return found;
  }

  /** Holds a stream from an unreadable row on. The commits before the row were taken. */
  withhold({ stream, version, problem }: UnreadableRow): void {
    const end = this.#endOf(stream);
    if (stream === LOG_STREAM || this.held.has(stream) || version <= end.version) return;
    this.held.set(stream, { stream, version: end.version + 1, problem });
  }

  /** Returns the last commit of a stream that is taken or in the log: by the log itself, since an index of it can be forged. */
  #endOf(stream: string): LoggedEnd {
    return this.#taken.get(stream) ?? this.#ports.judge.endOf(stream);
  }

  /** Adds a commit that continues the hash chain of its stream; holds the stream if it does not. */
  #add(before: LoggedEnd, commit: StoredCommit): boolean {
    const { stream, version, bytes } = commit;
    const startsRun = this.commits.at(-1)?.stream !== stream;
    const nameBytes = startsRun ? Buffer.byteLength(stream) + 64 : 0;
    this.isFull ||=
      this.commits.length >= ENTRIES_MAX ||
      this.#bytes + bytes.length > BYTES_MAX ||
      this.#nameBytes + nameBytes > NAME_BYTES_MAX;
    if (this.isFull) return false;
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

const page = async ({ store, logger }: SequencerPorts, cursor: string | undefined): Promise<ReadPage> => {
  const read = async (from: string | undefined): Promise<ReadPage> => {
    const unreadable: UnreadableRow[] = [];
    return { ...(await store.feed(from, PAGE, (row) => unreadable.push(row))), unreadable };
  };
  try {
    return await read(cursor);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    logger({ level: 'error', event: 'feed cursor is invalid, the sequencer reads from the start' });
    return read(undefined);
  }
};

/** Takes the commits of a held stream that can enter the log now. */
const retry = async ({ store }: SequencerPorts, collection: Collection, held: HeldStream): Promise<void> => {
  const { stream, version } = held;
  try {
    for await (const commit of commitsAbove(store, stream, Math.max(0, version - 1))) await collection.take(commit);
  } catch (error) {
    if (!(error instanceof CorruptStore)) throw error;
    collection.held.set(stream, held);
  }
};

/**
 * Returns the commits that are to enter the log: each stream by its versions, those of `nudged` streams first, others in the order of the
 * feed, which may lag. A stream whose next row is unreadable is held, and all others continue. `before`: the streams that are held now.
 * Throws CorruptStore if the feed itself cannot be read.
 */
export const collectPending = async (
  ports: SequencerPorts,
  nudged: readonly string[],
  before: readonly HeldStream[],
): Promise<Pending> => {
  const collection = new Collection(ports);
  for (const held of before) await retry(ports, collection, held);
  for (const stream of nudged) await collection.takeStream(stream);
  let cursor = await readCursor(ports.sideStore);
  for (;;) {
    const read = await page(ports, cursor);
    const isBehind = ({ stream, version }: StoredCommit): boolean =>
      read.unreadable.some((row) => row.stream === stream && row.version < version);
    for (const item of read.items) {
      if (!collection.isFull && !isBehind(item)) await collection.take(item);
    }
    if (collection.isFull) break;
    for (const row of read.unreadable) collection.withhold(row);
    cursor = read.next;
    if (read.done) break;
  }
  const { commits, held, isFull } = collection;
  // Commits that did not fit are behind the cursor: such a stream stays held until all of them were taken.
  const released = isFull ? [] : before.map(({ stream }) => stream).filter((stream) => !held.has(stream));
  return { commits, cursor, released, held: [...held.values()], isFull };
};
