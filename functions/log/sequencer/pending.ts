import { documentStream } from '../../../domain/documents/decide.ts';
import { featureStream, POLICY_KEY, vendorOf } from '../../../domain/feature/keys.ts';
import { hashOf } from '../../../domain/kernel/commit.ts';
import { LOG_STREAM } from '../../../domain/log/events.ts';
import { POLICY_STREAM } from '../../../domain/policy/decide.ts';
import { REVOCATION_STREAM } from '../../../domain/revocation/events.ts';
import { ROSTER_STREAM } from '../../../domain/roster/state.ts';
import { SETTINGS_STREAM } from '../../../domain/settings/events.ts';
import { latestPossible } from '../../platform/ledger.ts';
import { type CorruptStore, ifReadable } from '../../platform/store/errors.ts';
import { fromCursor, readCommit } from '../../platform/store/load.ts';
import type { StoredCommit, UnreadableRow } from '../../platform/store/port.ts';
import { commitOf, type LoggedEnd } from '../../platform/store/record.ts';
import { type HeldStream, readCursor } from './logIndex.ts';
import type { SequencerPorts } from './ports.ts';

/** Limits of one checkpoint: entries, bytes of stream names (its event must fit into a commit) and bytes of entries (memory). */
export const ENTRIES_MAX = 1_024;
const NAME_BYTES_MAX = 30_000;
const BYTES_MAX = 8_000_000;
const PAGE = 200;

/** Commits that are not in the log yet, in the order in which they will enter it. */
export interface Pending {
  readonly commits: readonly StoredCommit[];
  /** Everything before it is in the log, in `commits`, or in a held stream. */
  readonly cursor: string | undefined;
  readonly held: readonly HeldStream[];
  readonly released: readonly string[];
  /** Streams that were held and continue; their further commits are taken for the next checkpoint. */
  readonly resumed: readonly string[];
  readonly isFull: boolean;
}

/** Returns what a redaction or an attached document names: a commit, or without `version` a whole stream. */
const namedIn = (commit: StoredCommit): readonly { readonly stream: string; readonly version?: number }[] =>
  commitOf(commit).events.flatMap(({ type, stream, version, sha256 }) => {
    if (type === 'DocumentAttached' && typeof sha256 === 'string') return [{ stream: documentStream(sha256) }];
    if (typeof stream !== 'string') return [];
    return [{ stream, ...(typeof version === 'number' && { version }) }];
  });

/** Returns the streams whose versions a stream's commits may name; they enter the log first. */
const namedBy = (stream: string): readonly string[] => {
  const [kind = '', name = ''] = stream.split('/');
  if (kind === 'feature') return [SETTINGS_STREAM, ROSTER_STREAM, POLICY_STREAM, REVOCATION_STREAM, `vendor/${vendorOf(name)}`];
  if (stream === POLICY_STREAM) return [SETTINGS_STREAM, ROSTER_STREAM, featureStream(POLICY_KEY)];
  if (stream === REVOCATION_STREAM) return [SETTINGS_STREAM, ROSTER_STREAM];
  return stream === ROSTER_STREAM ? [SETTINGS_STREAM] : [];
};

/**
 * The commits of one checkpoint. Only the next commit of a previously held stream is tried, so that the commits after one that may not stand
 * do not fill checkpoints.
 */
class Collection {
  readonly commits: StoredCommit[] = [];
  readonly held = new Map<string, HeldStream>();
  isFull = false;
  readonly #ports: SequencerPorts;
  readonly #skipped: ReadonlySet<string>;
  /** The commits beyond the log of streams that others name, as first read; null while they are being taken. */
  readonly #named = new Map<string, readonly StoredCommit[] | null>();
  readonly #taken = new Map<string, LoggedEnd>();
  #bytes = 0;
  #nameBytes = 0;
  #lastStream = '';

  /** `skipped`: streams held before. */
  constructor(ports: SequencerPorts, skipped: ReadonlySet<string>) {
    this.#ports = ports;
    this.#skipped = skipped;
  }

  async take(commit: StoredCommit): Promise<void> {
    const { stream, version } = commit;
    if (this.#isClosed(stream)) return;
    await this.#takeNamed(stream, commit.at);
    const before = this.#endOf(stream);
    if (version <= before.version) return;
    const missing = before.version + 1 === version ? [] : await this.#between(stream, before.version, version);
    await this.#takeRun(before, this.held.has(stream) ? missing : [...missing, commit]);
  }

  /**
   * Takes a stream, up to `version` if later commits may be much later. An unreadable row does not hold the stream here, since the feed
   * reports it.
   */
  async takeStream(stream: string, version?: number): Promise<void> {
    // Once the checkpoint is full, none of thousands of nudged streams is read.
    if (this.#isClosed(stream)) return;
    const { store } = this.#ports;
    const commit = await ifReadable(version === undefined ? store.head(stream) : readCommit(store, stream, version));
    if (commit !== undefined) await this.take(commit);
  }

  /** Takes the next commit of a stream that was held before; holds it further if that cannot be read. */
  async tryNext({ stream }: HeldStream): Promise<void> {
    const before = this.#endOf(stream);
    // Nothing follows a commit of the log that may not stand.
    if (this.isFull || before.version === Number.POSITIVE_INFINITY) return;
    await this.#takeNamed(stream);
    await this.#takeRun(before, await this.#readable(stream, before.version, 1));
  }

  hasSome(stream: string): boolean {
    return this.#taken.has(stream);
  }

  async hasAll(stream: string): Promise<boolean> {
    const isAll = (head: StoredCommit | undefined): boolean => (head?.version ?? 0) <= this.#endOf(stream).version;
    return ifReadable(this.#ports.store.head(stream).then(isAll), () => false);
  }

  withhold({ stream, version, problem }: UnreadableRow): void {
    const end = this.#endOf(stream);
    if (this.#isClosed(stream) || version <= end.version) return;
    this.held.set(stream, { stream, version: end.version + 1, problem });
  }

  #isClosed(stream: string): boolean {
    return this.isFull || stream === LOG_STREAM || this.#skipped.has(stream) || this.held.has(stream);
  }

  /**
   * Takes named streams, which the feed may not have yet. Commits much later than the one that may name them wait, since everything after
   * them would otherwise enter late; writers on several machines may differ in their clocks.
   */
  async #takeNamed(stream: string, at?: string): Promise<void> {
    const until = at === undefined ? undefined : latestPossible(at);
    for (const named of namedBy(stream)) {
      const range = { after: this.#endOf(named).version, limit: ENTRIES_MAX };
      const known = this.#named.get(named);
      const rows = known === undefined ? await ifReadable(this.#ports.store.history(named, range)) : known;
      if (rows === null || this.#isClosed(named)) continue;
      this.#named.set(named, null);
      const last = rows?.findLast((row) => until === undefined || row.at <= until);
      if (rows === undefined) await this.takeStream(named);
      else if (last !== undefined) await this.take(last);
      this.#named.set(named, rows ?? []);
    }
  }

  async #takeRun(before: LoggedEnd, commits: readonly StoredCommit[]): Promise<void> {
    let last = before;
    for (const next of commits) {
      for (const { stream, version } of namedIn(next)) await this.takeStream(stream, version);
      if (!this.#add(last, next)) return;
      last = { version: next.version, hash: hashOf(next.bytes) };
    }
  }

  async #between(stream: string, after: number, version: number): Promise<readonly StoredCommit[]> {
    const range = { after, upTo: version - 1, limit: ENTRIES_MAX };
    const all = await ifReadable(this.#ports.store.history(stream, range));
    return all ?? this.#readable(stream, after, ENTRIES_MAX);
  }

  async #readable(stream: string, after: number, count: number): Promise<readonly StoredCommit[]> {
    const found: StoredCommit[] = [];
    const hold = ({ message: problem }: CorruptStore): readonly StoredCommit[] => {
      this.held.set(stream, { stream, version: after + found.length + 1, problem });
      return [];
    };
    while (found.length < count) {
      const [next] = await ifReadable(this.#ports.store.history(stream, { after: after + found.length, limit: 1 }), hold);
      if (next === undefined) break;
      found.push(next);
    }
    return found;
  }

  /** Read from the log itself, since its index can be forged. */
  #endOf(stream: string): LoggedEnd {
    return this.#taken.get(stream) ?? this.#ports.judge.endOf(stream);
  }

  #add(before: LoggedEnd, commit: StoredCommit): boolean {
    const { stream, version, bytes } = commit;
    const nameBytes = this.#lastStream === stream ? 0 : Buffer.byteLength(JSON.stringify(stream)) + 64;
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
    this.#lastStream = stream;
    this.commits.push(commit);
    this.#taken.set(stream, { version, hash: hashOf(bytes) });
    return true;
  }
}

const takeFeed = async ({ store, sideStore, logger }: SequencerPorts, collection: Collection): Promise<string | undefined> => {
  let cursor = await readCursor(sideStore);
  const read = async (from: string | undefined) => {
    const unreadable: UnreadableRow[] = [];
    return { ...(await store.feed(from, PAGE, (row) => unreadable.push(row))), unreadable };
  };
  const lost = () => logger({ level: 'error', event: 'feed cursor is invalid, the sequencer reads from the start' });
  while (!collection.isFull) {
    const { items, unreadable, next, done } = await fromCursor(cursor, read, lost);
    const isBehind = ({ stream, version }: StoredCommit): boolean =>
      unreadable.some((row) => row.stream === stream && row.version < version);
    for (const item of items) if (!isBehind(item)) await collection.take(item);
    if (collection.isFull) break;
    for (const row of unreadable) collection.withhold(row);
    cursor = next;
    if (done) break;
  }
  return cursor;
};

/** Sources besides the feed, which may lag. */
export interface Sources {
  readonly nudged: readonly string[];
  readonly held: readonly HeldStream[];
  readonly resumed: readonly string[];
}

/**
 * Returns the commits to enter the log: those of the feed in feed order, those of resumed and nudged streams, and finally the next commit of
 * each held stream. A stream whose next row is unreadable is held. Throws CorruptStore if the feed itself cannot be read.
 */
export const collectPending = async (ports: SequencerPorts, { nudged, held, resumed }: Sources): Promise<Pending> => {
  const stopped = held.filter(({ stream }) => !resumed.includes(stream));
  const collection = new Collection(ports, new Set(stopped.map(({ stream }) => stream)));
  const cursor = await takeFeed(ports, collection);
  // Taken after the feed: they may be brand-new, and would make commits late that wait for another checkpoint.
  for (const stream of new Set([...resumed, ...nudged])) await collection.takeStream(stream);
  // Commits of held streams must not fill the checkpoint for others.
  const { isFull } = collection;
  for (const one of stopped) await collection.tryNext(one);
  const open = held.map(({ stream }) => stream).filter((stream) => !collection.held.has(stream));
  const whole = new Set<string>();
  for (const stream of open) if (await collection.hasAll(stream)) whole.add(stream);
  return {
    commits: collection.commits,
    cursor,
    held: [...collection.held.values()],
    released: [...whole],
    resumed: open.filter((stream) => !whole.has(stream) && collection.hasSome(stream)),
    isFull,
  };
};
