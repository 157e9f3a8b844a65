import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { CorruptStore } from '../errors.ts';
import type { Changed, StoredCommit } from '../port.ts';
import { chainProblem, heldBytes, type LoggedEnd, missingCommitProblem } from '../record.ts';

/** A head with its parsed state takes some 5 kB, with a raw notice up to 400 kB. */
const LIMITS = { heads: 2_048, bytes: 8_388_608 } as const;

/** Newest versions are evicted half at a time: finding the oldest entry of a large Map takes long. */
const NEWEST_HALF = 32_768;

const WRITTEN_MAX = 4_096;

/** `none`: an empty stream, such as the recorded revocations, which every answer reads and most cities never use. */
type Head = StoredCommit | 'none';

/** From a version to another, both included. */
type Between = (stream: string, from: number, to: number) => readonly StoredCommit[];

const bytesIn = (head: Head): number => (head === 'none' ? 0 : heldBytes(head));

/**
 * Caches the heads of streams, strongly consistent: `PRAGMA data_version` changes when another connection has committed, and then the cache
 * is cleared. A stream that has become shorter, or does not continue what is known of the log, is refused: removing a row, or putting one
 * of before a restore in its place, could revive what it ended.
 * https://www.sqlite.org/pragma.html#pragma_data_version
 */
export class HeadCache {
  readonly #dataVersion: StatementSync;
  readonly #changedElsewhere: () => void;
  readonly #between: Between;
  readonly #limits: { readonly heads: number; readonly bytes: number };
  readonly #heads = new Map<string, Head>();
  #bytes = 0;
  #newest = new Map<string, number>();
  #newestBefore: ReadonlyMap<string, number> = new Map();
  /** Set by {@link expect}. */
  readonly #expected = new Map<string, LoggedEnd>();
  #seen: unknown;
  #asked = false;
  #foreign = 0;
  #written: string[] = [];
  #forgotten = 0;

  /**
   * `changedElsewhere`: called when another connection has committed; while it throws, so does every read. `between`: reads the commits of
   * a stream.
   */
  constructor(
    database: DatabaseSync,
    changedElsewhere: () => void,
    between: Between,
    limits: { readonly heads: number; readonly bytes: number } = LIMITS,
  ) {
    this.#changedElsewhere = changedElsewhere;
    this.#between = between;
    this.#limits = limits;
    this.#dataVersion = database.prepare('PRAGMA data_version');
  }

  head(stream: string, read: () => StoredCommit | undefined): StoredCommit | undefined {
    this.forgetIfChangedElsewhere();
    const known = this.#heads.get(stream);
    if (known !== undefined) {
      // Moves it to the end: the first key of the Map is the least recently used.
      this.#heads.delete(stream);
      this.#heads.set(stream, known);
      return known === 'none' ? undefined : known;
    }
    const found = read();
    const newest = this.#newestOf(stream);
    if ((found?.version ?? 0) < newest)
      throw new CorruptStore(`${stream}: its newest commit was version ${newest}, and is ${found?.version ?? 'not there'}`);
    if (found) this.#assertContinues(found);
    this.#keep(stream, found ?? 'none');
    if (found) this.#remember(found);
    return found;
  }

  /**
   * Refuses streams that do not continue these commits, which another thread read from the log. This detects also a row that is removed
   * before this connection first reads its stream. A stream that is longer than known, or of which another commit is kept, counts as changed.
   */
  expect(ends: ReadonlyMap<string, LoggedEnd>): void {
    for (const [stream, end] of ends) {
      const before = this.#expected.get(stream)?.version ?? 0;
      // What is known of a commit is not forgotten for its version alone.
      if (end.version < before || (end.version === before && end.hash === null)) continue;
      const known = this.#heads.get(stream);
      const isLogged = known !== 'none' && known?.version === end.version && missingCommitProblem(known, end) === undefined;
      if (known === undefined ? end.version > this.#newestOf(stream) : !isLogged) this.forget(stream);
      this.#expected.set(stream, end);
    }
  }

  #assertContinues(head: StoredCommit): void {
    const { stream, version } = head;
    const end = this.#expected.get(stream);
    if (end === undefined) return;
    const [first, ...later] = version === end.version ? [head] : this.#between(stream, end.version, version);
    let [last, problem] = [first, missingCommitProblem(first?.version === end.version ? first : undefined, end)];
    for (const commit of later) {
      problem ??= chainProblem(last, commit);
      last = commit;
    }
    if (problem === undefined && last?.version !== version) problem = `commits before version ${version} are missing`;
    if (problem !== undefined) throw new CorruptStore(`${stream}: ${problem}`);
  }

  /** Returns a number that grows when another connection has committed; 1 at the first call. */
  foreignCommits(): number {
    this.forgetIfChangedElsewhere();
    return this.#foreign;
  }

  wrote(record: StoredCommit): void {
    const known = this.#heads.get(record.stream);
    if (known !== undefined && known !== 'none' && known.version >= record.version) return;
    this.#keep(record.stream, record);
    this.#remember(record);
  }

  forget(stream: string): void {
    this.#drop(stream);
    this.#written.push(stream);
    if (this.#written.length <= 2 * WRITTEN_MAX) return;
    this.#forgotten += WRITTEN_MAX;
    this.#written = this.#written.slice(WRITTEN_MAX);
  }

  /** See `Store.changed`. Commits of other connections are not known by stream. */
  changed(prefixes: readonly string[], since: string | undefined): Changed {
    this.forgetIfChangedElsewhere();
    const moment = this.#moment();
    if (moment === since) return { moment, streams: [] };
    const [foreign, written] = (since ?? '').split('.').map(Number);
    const isKnown = since !== undefined && foreign === this.#foreign && (written ?? 0) >= this.#forgotten;
    if (!isKnown) return { moment, streams: undefined };
    const later = new Set(this.#written.slice((written ?? 0) - this.#forgotten));
    return { moment, streams: [...later].filter((stream) => prefixes.some((prefix) => stream.startsWith(prefix))) };
  }

  isUnchangedSince(moment: string): boolean {
    try {
      this.forgetIfChangedElsewhere();
      return moment === this.#moment();
    } catch {
      // The next read throws the same.
      return false;
    }
  }

  #moment(): string {
    return `${this.#foreign}.${this.#forgotten + this.#written.length}`;
  }

  #keep(stream: string, head: Head): void {
    this.#drop(stream);
    this.#heads.set(stream, head);
    this.#bytes += bytesIn(head);
    for (const oldest of this.#heads.keys()) {
      if (this.#heads.size <= this.#limits.heads && this.#bytes <= this.#limits.bytes) break;
      this.#drop(oldest);
    }
  }

  #newestOf(stream: string): number {
    const read = this.#newest.get(stream) ?? this.#newestBefore.get(stream) ?? 0;
    return Math.max(read, this.#expected.get(stream)?.version ?? 0);
  }

  #remember({ stream, version }: StoredCommit): void {
    const newest = Math.max(version, this.#newestOf(stream));
    if (this.#newest.size === NEWEST_HALF && !this.#newest.has(stream)) {
      this.#newestBefore = this.#newest;
      this.#newest = new Map();
    }
    this.#newest.set(stream, newest);
  }

  #drop(stream: string): void {
    const known = this.#heads.get(stream);
    if (known === undefined) return;
    this.#heads.delete(stream);
    this.#bytes -= bytesIn(known);
  }

  /** For a read that bypasses the cache and may show commits of this turn by other connections: no later head may be older than those. */
  askAgain(): void {
    this.#asked = false;
  }

  /**
   * Checks once for all reads up to the next turn or {@link askAgain}, since no request of another process can arrive within a turn. Checking
   * less often could answer from older heads than those acknowledged before the request was sent.
   */
  forgetIfChangedElsewhere(): void {
    if (this.#asked) return;
    const now = this.#dataVersion.get()?.data_version;
    if (now !== this.#seen) this.#forget(now);
    this.#asked = true;
    // Runs when the promises of this turn have settled, before any I/O is processed.
    process.nextTick(() => {
      this.#asked = false;
    });
  }

  #forget(dataVersion: unknown): void {
    this.#heads.clear();
    this.#bytes = 0;
    this.#foreign += 1;
    this.#changedElsewhere();
    // Set only now, so that the check is repeated after a throw.
    this.#seen = dataVersion;
  }
}

type ReadRow = (seq: bigint) => readonly StoredCommit[];

/**
 * The newest instant of any commit. Reads all rows once, then only those of other connections. A row without a valid MAC does not count.
 */
export class NewestInstant {
  readonly #last: StatementSync;
  readonly #latest: StatementSync;
  readonly #read: ReadRow;
  #at: string | undefined;
  #seq: bigint | number = Number.NEGATIVE_INFINITY;
  #foreignCommits = 0;

  constructor(database: DatabaseSync, read: ReadRow) {
    this.#last = database.prepare('SELECT max(seq) AS seq FROM commits');
    // In canonical JSON the first `"at":"` is the commit's own: only `actor` comes before it, in which quotes are escaped. Compared as bytes,
    // regardless of the file's encoding.
    const mark = Buffer.from('"at":"').toString('hex');
    this.#latest = database.prepare(
      `SELECT seq FROM commits WHERE seq > ? ORDER BY substr(bytes, instr(bytes, x'${mark}'), 30) DESC`,
    );
    for (const statement of [this.#last, this.#latest]) statement.setReadBigInts(true);
    this.#read = read;
  }

  wrote({ at }: Pick<StoredCommit, 'at'>): void {
    if (this.#at === undefined || at > this.#at) this.#at = at;
  }

  at(foreignCommits: number): string | undefined {
    if (foreignCommits === this.#foreignCommits) return this.#at;
    const upTo = (this.#last.get()?.seq ?? 0n) as bigint;
    const newest = this.#newestAbove(this.#seq);
    if (newest !== undefined) this.wrote(newest);
    this.#seq = upTo;
    this.#foreignCommits = foreignCommits;
    return this.#at;
  }

  #newestAbove(seq: bigint | number): StoredCommit | undefined {
    for (const row of this.#latest.iterate(seq)) {
      const [commit] = this.#read(row.seq as bigint);
      if (commit !== undefined) return commit;
    }
    return undefined;
  }
}
