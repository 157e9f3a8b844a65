import { ABSENT, type Head, UNREADABLE } from '../../domain/feature/evaluate.ts';
import { isFeatureStream } from '../../domain/feature/keys.ts';
import type { FeatureState } from '../../domain/feature/state.ts';
import { latest, plusMs } from '../../domain/kernel/order.ts';
import { LOG_STREAM } from '../../domain/log/events.ts';
import { countsFrom, type LogTimes } from '../../domain/log/late.ts';
import { headUnder, type RevocationState } from '../../domain/revocation/decide.ts';
import { CachedValue } from './age.ts';
import type { Finding, HealthCheck } from './health.ts';
import { CorruptStore, ifReadable } from './store/errors.ts';
import { type Loaded, readCommit } from './store/load.ts';
import { ANY_CHANGED, type HistoryRange, type Store, type StoredCommit } from './store/port.ts';
import { type AlteredRecord, isSideKind, type SideStore } from './store/sideStore.ts';

/**
 * Decides whether a stream may be believed, and up to which version. Nothing else does: every store that is read comes from
 * {@link Ledger.judged} or {@link Ledger.believed}, and every head behind an answer from {@link headNow} or {@link commitAt}.
 *
 * | what speaks against it | what is refused | who finds it |
 * |---|---|---|
 * | a database is not the file or the schema that the gate made | everything | {@link StoreEvidence.fault} |
 * | the store was not yet compared with the public log | everything, but to what compares it | {@link Ledger.doubt} |
 * | a row without a valid MAC, or one that does not decode | that row | the store itself; kept as an alteration |
 * | a row that is missing before another of its stream | a history across it | this; kept as an alteration |
 * | the gate was put back from a copy: something newer may be missing | every feature, but to the sequencer | {@link StoreEvidence.held} |
 * | on AWS the sequencer does not compare the store with the log | the same | {@link StoreEvidence.held} |
 * | the public log has commits that the store never signed | the streams of those commits | {@link StoreEvidence.contradicted} |
 * | the judge refuses a commit, or the store lacks one | the stream from there on, but to the sequencer | {@link StoreEvidence.held} |
 * | the same, where no sequencer need run | the stream | {@link Ledger.lacking} |
 * | a commit more than five minutes ahead of the clock | its feature, in an answer | {@link headNow} |
 * | a recorded revocation that the feature does not show yet | its feature, in an answer, also one about the past | {@link headUnder} |
 * | an approval that has begun by the newest commit, and not by the clock | its feature, in an answer | the heads of the gate |
 * | a commit that entered the log late | it counts only from then on, in an answer about the past | {@link commitAt} |
 */
export interface StoreEvidence {
  /** The fault found within the last half second. Absent if a service keeps the databases. */
  readonly fault?: () => CorruptStore | undefined;
  /** Throws if the files are at fault now. Called after each append, which is then not acknowledged. */
  readonly assertFiles?: () => void;
  readonly contradicted?: () => Promise<readonly StreamLimit[]>;
  readonly held: () => Promise<readonly StreamLimit[]>;
}

/** A stream that may be believed only up to a version. */
export interface StreamLimit extends Finding {
  /** A stream, {@link EVERY_FEATURE}, or {@link EVERY_STREAM}, which is every one except the log's own. */
  readonly stream: string;
  /** The first version that may not be read. 0: the whole stream, because commits are missing. */
  readonly from: number;
}

export const EVERY_STREAM = '*';
export const EVERY_FEATURE = 'feature/*';

/** The longest time until a stream that the sequencer began to hold is refused. */
const LIMITS_AGE_MS_MAX = 500;

/** `text`: all limits, after a space. */
interface StreamLimits {
  readonly of: (stream: string) => StreamLimit | undefined;
  readonly all: readonly StreamLimit[];
  readonly text: string;
}

const limitsOf = (all: readonly StreamLimit[]): StreamLimits => {
  const byStream = new Map<string, StreamLimit>();
  for (const limit of all) {
    const known = byStream.get(limit.stream);
    if (known === undefined || limit.from < known.from) byStream.set(limit.stream, limit);
  }
  const [every, features] = [byStream.get(EVERY_STREAM), byStream.get(EVERY_FEATURE)];
  const ofFeature = (stream: string) => (isFeatureStream(stream) ? features : undefined);
  return {
    // No other limit of a stream is lower than those of all.
    of: (stream) => (stream === LOG_STREAM ? byStream.get(stream) : (every ?? ofFeature(stream) ?? byStream.get(stream))),
    all,
    text: ` ${JSON.stringify(all)}`,
  };
};

const refusal = ({ from, code, detail }: StreamLimit, asked: string): CorruptStore =>
  new CorruptStore(
    `${asked}@${from}: ${detail.replace(/\.$/, '')}`,
    code === 'not-compared' || code === 'restored' ? { code } : {},
  );

/** Throws CorruptStore if a commit is missing before another: without it, its act would count as not done. */
const withoutGap = (stream: string, { after = 0 }: HistoryRange, page: readonly StoredCommit[]): readonly StoredCommit[] => {
  const gap = page.findIndex(({ version }, index) => version !== after + index + 1);
  if (gap >= 0) throw new CorruptStore(`${stream}@${after + gap + 1} is missing`);
  return page;
};

interface View {
  readonly fault: () => CorruptStore | undefined;
  readonly limits: CachedValue<StreamLimits>;
  readonly lacking?: Lacking;
}

export type Lacking = (stream: string, head: StoredCommit | undefined) => Promise<string | undefined> | undefined;

export class Ledger {
  readonly #evidence: StoreEvidence;
  readonly #contradicted: CachedValue<StreamLimits>;
  readonly #limits: CachedValue<StreamLimits>;
  readonly alterations: Alterations;
  /** Why the store may not be used for answers yet; set by the server. */
  doubt: CorruptStore | undefined;
  /** Set by a process that may run without a sequencer, and therefore compares each head itself. */
  lacking: Lacking = () => undefined;

  constructor(evidence: StoreEvidence, alterations: Alterations) {
    const { contradicted = async () => [], held } = evidence;
    this.#evidence = evidence;
    this.#contradicted = new CachedValue(async () => limitsOf(await contradicted()), Number.POSITIVE_INFINITY);
    this.#limits = new CachedValue(async () => {
      const { all } = await this.#contradicted.read();
      return limitsOf([...all, ...(await held())]);
    }, LIMITS_AGE_MS_MAX);
    this.alterations = alterations;
  }

  readonly fault = (): CorruptStore | undefined => this.#evidence.fault?.() ?? this.doubt;

  /** Returns the store as the sequencer reads it: including held streams, and before it was compared with the log. */
  judged(store: Store): Store {
    return this.#over(store, {
      fault: () => this.#evidence.fault?.(),
      limits: this.#contradicted,
    });
  }

  believed(store: Store): Store {
    return this.#over(store, {
      fault: this.fault,
      limits: this.#limits,
      lacking: (stream, head) => this.lacking(stream, head),
    });
  }

  readonly check: HealthCheck = async () => (await this.#limits.read()).all.map(({ code, detail }) => ({ code, detail }));

  #over(store: Store, { fault, limits, lacking }: View): Store {
    const { assertFiles = () => undefined } = this.#evidence;
    const assertWhole = (): void => {
      const found = fault();
      if (found !== undefined) throw found;
    };
    const whole = async <T>(work: () => Promise<T>): Promise<T> => {
      assertWhole();
      return work();
    };
    return {
      ...store,
      head: async (stream) => {
        assertWhole();
        const head = await this.#noting(stream, () => store.head(stream));
        const limit = (limits.known ?? (await limits.read())).of(stream);
        if (limit !== undefined && (head?.version ?? 0) >= limit.from) throw refusal(limit, stream);
        const looking = lacking?.(stream, head);
        const problem = looking && (await looking);
        if (problem !== undefined) throw new CorruptStore(`${stream}: ${problem}`);
        return head;
      },
      history: async (stream, range) => {
        assertWhole();
        const limit = (limits.known ?? (await limits.read())).of(stream);
        const page = await this.#noting(stream, async () => withoutGap(stream, range, await store.history(stream, range)));
        if (limit === undefined) return page;
        const standing = page.filter(({ version }) => version < limit.from);
        if (standing.length === 0 && (page.length > 0 || limit.from === 0)) throw refusal(limit, stream);
        return standing;
      },
      feed: async (cursor, limit, unreadable) => {
        assertWhole();
        const page = await this.#fed(store, cursor, limit, unreadable);
        const { of } = limits.known ?? (await limits.read());
        const items = page.items.filter(({ stream, version }) => {
          const known = of(stream);
          if (known === undefined || version < known.from) return true;
          if (unreadable === undefined) throw refusal(known, stream);
          unreadable({ stream, version, problem: known.detail });
          return false;
        });
        return { ...page, items };
      },
      append: async (records) => {
        assertWhole();
        const answer = await store.append(records);
        assertFiles();
        return answer;
      },
      places: (...page) => whole(() => store.places(...page)),
      // These fail closed by themselves.
      newestAt: () => ifReadable(whole(() => store.newestAt())),
      changed: async (prefixes, since) => {
        if (fault() !== undefined) return ANY_CHANGED;
        const { text } = await limits.read();
        const end = since?.indexOf(' ') ?? -1;
        const { moment, streams } = await store.changed(prefixes, since?.slice(end) === text ? since.slice(0, end) : undefined);
        return moment === '' ? ANY_CHANGED : { moment: moment + text, streams };
      },
      isUnchangedSince: (moment) => {
        const text = limits.known?.text;
        if (fault() !== undefined || text === undefined || !moment.endsWith(text)) return false;
        return store.isUnchangedSince(moment.slice(0, -text.length));
      },
    };
  }

  async #noting<T>(stream: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      // A fault of the whole store is not an alteration of a row.
      if (error instanceof CorruptStore && error.code === 'store-unreadable')
        this.alterations.row(stream, error.message, () => this.#noting(stream, read));
      throw error;
    }
  }

  #fed(store: Store, ...[cursor, limit, unreadable]: Parameters<Store['feed']>): ReturnType<Store['feed']> {
    if (unreadable === undefined) return store.feed(cursor, limit);
    return store.feed(cursor, limit, (row) => {
      const { stream, version, problem } = row;
      this.alterations.row(stream, problem, () => this.#noting(stream, () => readCommit(store, stream, version)));
      unreadable(row);
    });
  }
}

/** `at`: the instant of its commit; undefined without a readable one. */
export interface DatedHead {
  readonly head: Head;
  readonly at: string | undefined;
}

const AHEAD_MS_MAX = 5 * 60_000;

/** Returns the latest plausible instant of a commit, given the clock and the newest instant known from elsewhere. */
export const latestPossible = (now: string, newest: string | null = null): string =>
  plusMs(latest(now, newest ?? undefined), AHEAD_MS_MAX);

/**
 * Returns the newest state of a feature for use in an answer: unreadable if the store refuses its stream, if its commit is too far ahead of
 * the clock, or if it does not show yet a recorded revocation that ends it.
 */
export const headNow = async (
  loading: Promise<Loaded<FeatureState>>,
  revocations: Promise<RevocationState>,
  now: string,
): Promise<DatedHead> => {
  try {
    const [{ head, state }, recorded] = await Promise.all([loading, revocations]);
    if (head === undefined) return { head: ABSENT, at: undefined };
    const isAhead = head.at > now && head.at > latestPossible(now);
    return { head: isAhead ? UNREADABLE : headUnder(recorded, state), at: head.at };
  } catch (error) {
    if (error instanceof CorruptStore) return { head: UNREADABLE, at: undefined };
    throw error;
  }
};

/**
 * Returns the last commit of a stream that counts by an instant, by binary search, since the instant from which a commit counts never
 * decreases within a stream. Throws CorruptStore if too many late entries make that unknown.
 */
export const commitAt = async (
  store: Store,
  stream: string,
  instant: string,
  times: LogTimes | Promise<LogTimes>,
): Promise<StoredCommit | undefined> => {
  const [head, known] = await Promise.all([store.head(stream), times]);
  if (known.unknownBefore !== null && instant < known.unknownBefore)
    throw new CorruptStore(`too many commits entered the log late to know what held before ${known.unknownBefore}`);
  if (head === undefined || countsFrom(known, head) <= instant) return head;
  let found: StoredCommit | undefined;
  for (let [low, high] = [1, head.version - 1]; low <= high; ) {
    const middle = Math.floor((low + high) / 2);
    const commit = await readCommit(store, stream, middle);
    if (commit === undefined) throw new CorruptStore(`${stream}: version ${middle} is missing`);
    if (countsFrom(known, commit) <= instant) {
      found = commit;
      low = middle + 1;
    } else high = middle - 1;
  }
  return found;
};

/** `look`: finds it again unless it was repaired. */
interface Alteration extends Finding {
  readonly look: (sideStore: SideStore) => Promise<unknown>;
}

/** Maximum alterations kept, so that a store that was rewritten as a whole does not fill the memory. */
const KNOWN_MAX = 1_000;
/** Characters shown of an id, since some ids are hashes of links. */
const ID_CHARS = 40;

const rowDetail = (problem: string): string => `${problem}. What rests on it answers false.`;

/** Rows and records without a valid MAC. `announce` is called once for each. */
export class Alterations {
  readonly #known = new Map<string, Alteration>();
  readonly #announced = new Set<string>();
  announce: (name: string, finding: Finding) => void = () => undefined;

  readonly record = ({ kind, id, problem }: AlteredRecord): void => {
    const detail = `The record ${kind}/${id.slice(0, ID_CHARS)} was not written by this gate: ${problem}. It counts as absent.`;
    this.#add(`record/${kind}/${id}`, {
      code: 'record-altered',
      detail,
      look: async (sideStore) => (isSideKind(kind) ? sideStore.get(kind, id) : undefined),
    });
  };

  readonly row = (stream: string, problem: string, look: () => Promise<unknown>): void =>
    this.#add(`row/${stream}`, { code: 'row-altered', detail: rowDetail(problem), look });

  /** Checks each known alteration again, so that repaired ones are dropped. */
  async present(sideStore: SideStore): Promise<readonly Finding[]> {
    const known = [...this.#known.values()];
    this.#known.clear();
    for (const { look } of known)
      await look(sideStore).catch((error: unknown) => {
        if (!(error instanceof CorruptStore)) throw error;
      });
    return [...this.#known.values()].map(({ code, detail }) => ({ code, detail }));
  }

  #add(name: string, found: Alteration): void {
    if (this.#known.size >= KNOWN_MAX && !this.#known.has(name)) return;
    this.#known.set(name, found);
    if (this.#announced.has(name) || this.#announced.size >= KNOWN_MAX) return;
    this.#announced.add(name);
    this.announce(name, { code: found.code, detail: found.detail });
  }
}

const WATCHED_KINDS = [
  'vendor-secret',
  'vendor',
  'vendor-form',
  'token',
  'directory',
  'directory-proposed',
  'subscription',
] as const;

/** Reports alterations that were encountered, and any of the watched kinds. */
export const alterationsCheck =
  (alterations: Alterations, sideStore: SideStore): HealthCheck =>
  async () => {
    for (const kind of WATCHED_KINDS) await sideStore.list(kind);
    return alterations.present(sideStore);
  };
