import { setImmediate } from 'node:timers/promises';
import { ALWAYS, intersectWindows, isWithin, type TimeWindow, windowAround } from '../../domain/feature/due.ts';
import { evaluate, sharesStatic } from '../../domain/feature/evaluate.ts';
import { featureOf, isFeatureStream, prefixesOf } from '../../domain/feature/keys.ts';
import { partitionPoint } from '../../domain/kernel/order.ts';
import { troubledStreams } from '../platform/feed/consume.ts';
import { readFeedCursor } from '../platform/feed/consumers.ts';
import { errorFields, type Logger } from '../platform/logging.ts';
import { CorruptStore, StoreUnavailable } from '../platform/store/errors.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { allDone, inTurns } from '../platform/turns.ts';
import {
  getRegister,
  isOpenDoc,
  keyPrefix,
  listRegisterKeys,
  type RegisterDoc,
  type RegisterEntry,
  readRegisterEdition,
  registerAfter,
} from './documents.ts';
import { catchUp, emptyRegister, PROJECTOR, type ProjectorPorts, snapshotOf } from './project.ts';
import {
  type BulkKeys,
  BY_KEY,
  BY_STATUS,
  type DocumentsQuery,
  type Facet,
  type FacetOf,
  type FeatureRow,
  facetOf,
  headOf,
  type PageQuery,
  type RegisterIndex,
  type RowsQuery,
  rowAmong,
} from './rows.ts';

// Documents

/** `next`: the cursor to continue from; `done`: whether nothing more has changed yet. */
interface Changes {
  readonly keys: Iterable<string>;
  readonly next: string;
  readonly done: boolean;
}

type Entries = AsyncIterable<RegisterEntry> | Iterable<RegisterEntry>;

/** The source of the documents and of their changes. */
export interface DocSource {
  /** `cursor`: for changes from then on, including those during the load. */
  readonly load: () => Promise<{ readonly entries: Entries; readonly cursor: string | undefined }>;
  /** Returns the keys whose document may be newer than the known one. */
  readonly changes: (cursor: string | undefined, known: (key: string) => RegisterDoc | undefined) => Promise<Changes>;
  /** Undefined if the feature has no commit. Rejects with CorruptStore, or marks the document unreadable, if it cannot be read. */
  readonly refresh: (key: string, known: RegisterDoc | undefined) => Promise<RegisterDoc | undefined>;
  /** Pause between two reads of unreadable features. */
  readonly retryMs: number;
}

const PAGE = 200;
/** Documents read per turn of the event loop, 60 µs each. */
export const READ_PER_TURN = 100;

/** For one machine: reads the side store, then the feed of commits, and folds each feature up to its head. Writes nothing. */
export const feedSource = (ports: ProjectorPorts): DocSource => ({
  // The feed after the projector's cursor has what was committed since its last sweep. Troubled streams, which it could not write, lie
  // before that.
  load: async () => {
    const { sideStore } = ports;
    const cursor = await readFeedCursor(sideStore, PROJECTOR);
    const troubled = await troubledStreams(sideStore, PROJECTOR);
    const entries = async function* (): AsyncGenerator<RegisterEntry> {
      yield* registerAfter(sideStore, { after: '', chunk: READ_PER_TURN });
      for (const stream of troubled) yield { key: featureOf(stream), doc: undefined };
    };
    return { entries: entries(), cursor };
  },
  changes: async (cursor, known) => {
    const streams = new Map<string, number>();
    const note = ({ stream, version }: { readonly stream: string; readonly version: number }): void => {
      if (isFeatureStream(stream)) streams.set(featureOf(stream), version);
    };
    const { items, next, done } = await ports.store.feed(cursor, PAGE, note);
    for (const item of items) note(item);
    const keys = [...streams].filter(([key, version]) => (known(key)?.version ?? 0) < version).map(([key]) => key);
    return { keys, next, done };
  },
  // A feature that is not known began after the load, or its document cannot be parsed: all its commits are folded.
  refresh: async (key, known) => (await snapshotOf(ports, key, known ?? emptyRegister(key)))?.register,
  retryMs: 1_000,
});

/** The documents in memory, by key: those stored, then those that the source reports as changed. */
class IndexedDocs {
  readonly #sideStore: SideStore;
  readonly #source: DocSource;
  readonly #log: Logger;
  #docs = new Map<string, RegisterDoc>();
  #keys: readonly string[] = [];
  #cursor: string | undefined;
  #edition: number | undefined;
  #unreadable = new Set<string>();
  #retried = Number.NEGATIVE_INFINITY;
  #touched = new Set<string>();
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(sideStore: SideStore, source: DocSource, logger: Logger) {
    this.#sideStore = sideStore;
    this.#source = source;
    this.#log = logger;
  }

  get keys(): readonly string[] {
    return this.#keys;
  }

  get(key: string): RegisterDoc | undefined {
    return this.#docs.get(key);
  }

  get holdsBack(): boolean {
    return this.#unreadable.size > 0;
  }

  /** Returns the keys whose document, or an ancestor's, changed since the last call, including removed keys. */
  takeTouched(): ReadonlySet<string> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  /** Yields the keys above `after`, ascending; with a prefix, only it and those beneath it. */
  *keysOf(prefix: string | undefined, after: string): Generator<string> {
    const [keys, root] = [this.#keys, prefix === undefined ? '' : keyPrefix(prefix)];
    if (prefix !== undefined && prefix !== root && this.#docs.has(prefix) && prefix > after) yield prefix;
    const first = after > root ? after : root;
    for (let at = partitionPoint(keys, (key) => key <= first); keys[at]?.startsWith(root); at += 1) yield keys[at] ?? '';
  }

  /**
   * Brings the documents up to every commit acknowledged before the call. If reading fails, keeps them and logs an error. Rejects with
   * StoreUnavailable only if they were never read.
   */
  async settle(): Promise<void> {
    // A run that began before this call may have missed the newest commit, so one that begins after it is awaited.
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      this.#running = this.#follow().catch((error: unknown) =>
        this.#log({ level: 'error', event: 'register lags', ...errorFields(error) }),
      );
      return this.#running;
    });
    await this.#next;
    if (this.#edition === undefined) throw new StoreUnavailable('the register cannot be read');
  }

  async #follow(): Promise<void> {
    const edition = await readRegisterEdition(this.#sideStore);
    if (edition !== this.#edition) await this.#load(edition);
    if (this.#unreadable.size > 0 && performance.now() - this.#retried > this.#source.retryMs) {
      this.#retried = performance.now();
      await this.#refreshAll(this.#unreadable);
    }
    for (;;) {
      const { keys, next, done } = await this.#source.changes(this.#cursor, (key) => this.#docs.get(key));
      await this.#refreshAll(keys);
      this.#cursor = next;
      if (done) return;
      await setImmediate();
    }
  }

  async #load(edition: number): Promise<void> {
    const { entries, cursor } = await this.#source.load();
    const docs = new Map<string, RegisterDoc>();
    const unreadable = new Set<string>();
    let read = 0;
    for await (const { key, doc } of entries) {
      if (doc !== undefined) docs.set(key, doc);
      if (doc?.unreadable !== false) unreadable.add(key);
      read += 1;
      if (read % READ_PER_TURN === 0) await setImmediate();
    }
    this.#touched = new Set([...this.#keys, ...docs.keys()]);
    this.#docs = docs;
    this.#keys = [...docs.keys()].sort();
    this.#unreadable = unreadable;
    this.#retried = Number.NEGATIVE_INFINITY;
    this.#cursor = cursor;
    this.#edition = edition;
  }

  /** Concurrent, since each may call another machine. Waits for all, also if one fails. */
  async #refreshAll(keys: Iterable<string>): Promise<void> {
    await allDone([...keys].map((key) => this.#refresh(key)));
  }

  async #refresh(key: string): Promise<void> {
    const known = this.#docs.get(key);
    try {
      const doc = await this.#source.refresh(key, known);
      if (doc?.unreadable === true) this.#unreadable.add(key);
      else this.#unreadable.delete(key);
      if (doc !== undefined && doc !== known) this.#put(doc);
    } catch (error) {
      if (!(error instanceof CorruptStore)) throw error;
      const stored = known ?? (await getRegister(this.#sideStore, key)) ?? emptyRegister(key);
      if (known?.unreadable !== true) this.#put({ ...stored, unreadable: true });
      this.#unreadable.add(key);
    }
  }

  #put(doc: RegisterDoc): void {
    const { key } = doc;
    if (!this.#docs.has(key))
      this.#keys = this.#keys.toSpliced(
        partitionPoint(this.#keys, (each) => each < key),
        0,
        key,
      );
    this.#docs.set(key, doc);
    for (const each of this.keysOf(key, '')) this.#touched.add(each);
  }
}

// Rows and lists

/** Rows computed, or entered in a facet, per turn of the event loop, 40 µs each. */
export const COMPUTED_PER_TURN = 100;

const firstOf = <T>(entries: Iterable<T>): readonly T[] => {
  const first: T[] = [];
  for (const entry of entries) {
    if (first.length === COMPUTED_PER_TURN) break;
    first.push(entry);
  }
  return first;
};

/** Reports whether a query names agencies, own agencies or a version. */
const asks = ({ context: { agencies = [], own = [], version } = {} }: RowsQuery): boolean =>
  version !== undefined || agencies.length > 0 || own.length > 0;

interface KeptFacet {
  /** What each current row adds. */
  readonly entries: WeakMap<FeatureRow, readonly (readonly [string, unknown])[]>;
  lists: Facet<unknown>;
  version: number;
}

/**
 * Keeps the row of each feature, without a context, and the facets of the rows. A row is computed again after a commit in its feature
 * or an ancestor, and once its time window is over. The lists of a facet are rebuilt after rows changed.
 */
class KeptRows {
  readonly #docs: IndexedDocs;
  readonly #rows = new Map<string, { readonly row: FeatureRow; readonly window: TimeWindow }>();
  readonly #facets = new Map<FacetOf<unknown>, KeptFacet>();
  /** The time in which a document's own state does not change. */
  readonly #windows = new WeakMap<RegisterDoc, TimeWindow>();
  readonly #stale = new Set<string>();
  /** A time in which every row that is not stale holds. */
  #window = ALWAYS;
  #version = 0;

  constructor(docs: IndexedDocs) {
    this.#docs = docs;
  }

  /** Computes as many stale rows as one turn of the event loop may; returns whether none is left. */
  update(now: string): boolean {
    for (const key of this.#docs.takeTouched()) this.#stale.add(key);
    if (!isWithin(this.#window, now)) {
      this.#window = ALWAYS;
      for (const [key, { window }] of this.#rows) {
        if (isWithin(window, now)) this.#window = intersectWindows(this.#window, window);
        else this.#stale.add(key);
      }
    }
    for (const key of firstOf(this.#stale)) {
      this.#stale.delete(key);
      this.#replace(key, now);
    }
    return this.#stale.size === 0;
  }

  readonly get = (key: string): FeatureRow | undefined => this.#rows.get(key)?.row;

  asked(row: FeatureRow, { context = {}, now }: RowsQuery): FeatureRow {
    if (row.evaluation.reason === 'STATIC' && sharesStatic(context)) return row;
    const heads = prefixesOf(row.key).map((each) => headOf(each === row.key ? row : this.#docs.get(each)));
    return { ...row, evaluation: evaluate(row.key, heads, context, now) };
  }

  /**
   * Returns the facet as of the last update, which must have left no stale row. If one turn cannot compute it, returns the `missing`
   * rows: call {@link enter} with them first.
   */
  facet<T>(of: FacetOf<T>, prefix: string | undefined): Facet<T> | { readonly missing: readonly FeatureRow[] } {
    const kept = this.#keptFor(of);
    if (prefix === undefined && kept.version === this.#version) return kept.lists as Facet<T>;
    const rows = [...this.#docs.keysOf(prefix, '')].flatMap((key) => this.get(key) ?? []);
    const missing = rows.filter((row) => !kept.entries.has(row));
    if (missing.length > COMPUTED_PER_TURN) return { missing };
    this.enter(of, missing);
    const lists = facetOf(of, rows, (row) => (kept.entries.get(row) ?? []) as readonly (readonly [string, T])[]);
    if (prefix === undefined) [kept.lists, kept.version] = [lists, this.#version];
    return lists;
  }

  enter<T>(of: FacetOf<T>, rows: readonly FeatureRow[]): void {
    const { entries } = this.#keptFor(of);
    for (const row of rows) entries.set(row, [...of.entriesOf(row)]);
  }

  #keptFor<T>(of: FacetOf<T>): KeptFacet {
    const kept = this.#facets.get(of as FacetOf<unknown>) ?? { entries: new WeakMap(), lists: new Map(), version: -1 };
    this.#facets.set(of as FacetOf<unknown>, kept);
    return kept;
  }

  #replace(key: string, now: string): void {
    const doc = this.#docs.get(key);
    this.#version += 1;
    if (doc === undefined) {
      this.#rows.delete(key);
      return;
    }
    const window = this.#windowOf(doc, now);
    this.#window = intersectWindows(this.#window, window);
    this.#rows.set(key, { row: rowAmong(doc, (each) => this.#docs.get(each), { now }), window });
  }

  #windowOf({ key }: RegisterDoc, now: string): TimeWindow {
    return prefixesOf(key).reduce((narrow, each) => {
      const doc = this.#docs.get(each);
      if (doc === undefined) return narrow;
      const known = this.#windows.get(doc);
      const window = known !== undefined && isWithin(known, now) ? known : windowAround(doc.state, now);
      this.#windows.set(doc, window);
      return intersectWindows(narrow, window);
    }, ALWAYS);
  }
}

const NONE: BulkKeys['off'] = new Map();

/**
 * The register in memory: parsed documents, the row of each feature, and the lists of rows. A list costs what it shows and, after
 * a commit, a walk over the entries of all features. Serves one process, and finds what another one writes.
 */
export class MemoryIndex implements RegisterIndex {
  readonly #docs: IndexedDocs;
  readonly #rows: KeptRows;

  readonly holdsBack = (): boolean => this.#docs.holdsBack;

  constructor(ports: ProjectorPorts, logger: Logger, source: DocSource = feedSource(ports)) {
    this.#docs = new IndexedDocs(ports.sideStore, source, logger);
    this.#rows = new KeptRows(this.#docs);
  }

  readonly document = async (key: string): Promise<RegisterDoc | undefined> => {
    await this.#docs.settle();
    return this.#docs.get(key);
  };

  async *documents({ prefix, after, open = false }: DocumentsQuery): AsyncGenerator<RegisterDoc> {
    await this.#docs.settle();
    for (const key of this.#docs.keysOf(prefix, after)) {
      const doc = this.#docs.get(key);
      if (doc !== undefined && (!open || isOpenDoc(doc))) yield doc;
    }
  }

  readonly bulk = async (): Promise<BulkKeys> => {
    await this.#docs.settle();
    return { keys: this.#docs.keys, off: NONE };
  };

  readonly facet = async <T>(of: FacetOf<T>, query: RowsQuery): Promise<Facet<T>> => {
    if (!asks(query)) return this.#facet(of, query, (lists) => lists);
    const rows = await this.#facet(BY_KEY, query, (lists) => lists.get('') ?? []);
    const asked = await inTurns(rows, COMPUTED_PER_TURN, async (part) => part.map((row) => this.#rows.asked(row, query)));
    return facetOf(of, asked.flat());
  };

  readonly page = async (query: PageQuery): Promise<readonly FeatureRow[]> => {
    const { prefix, status, after, limit } = query;
    if (status !== undefined && !asks(query))
      return this.#facet(BY_STATUS, query, (lists) => {
        const list = lists.get(status) ?? [];
        const from = partitionPoint(list, ({ key }) => key <= after);
        return list.slice(from, from + limit);
      });
    await this.#docs.settle();
    return this.#read(query.now, (rows) => {
      const items: FeatureRow[] = [];
      for (const key of this.#docs.keysOf(prefix, after)) {
        const kept = rows.get(key);
        if (kept === undefined) continue;
        const row = asks(query) ? rows.asked(kept, query) : kept;
        if (status !== undefined && row.evaluation.variant !== status) continue;
        items.push(row);
        if (items.length === limit) break;
      }
      return items;
    });
  };

  /** `read` is synchronous, since the next call may be for another instant. */
  async #read<T>(now: string, read: (rows: KeptRows) => T): Promise<T> {
    while (!this.#rows.update(now)) await setImmediate();
    return read(this.#rows);
  }

  async #facet<T, R>(of: FacetOf<T>, { prefix, now }: RowsQuery, read: (lists: Facet<T>) => R): Promise<R> {
    await this.#docs.settle();
    for (;;) {
      const found = await this.#read(now, (rows) => {
        const lists = rows.facet(of, prefix);
        return 'missing' in lists ? lists : { result: read(lists) };
      });
      if ('result' in found) return found.result;
      await inTurns(found.missing, COMPUTED_PER_TURN, async (part) => this.#rows.enter(of, part));
    }
  }
}

// Without a memory

const CHUNK = 200;
const PAGE_CHUNK_MAX = 500;

/**
 * Reads the documents from the side store each time; the cost is what it looks through. `settled`: brings them up to date; absent:
 * lists may lag.
 */
export const storedIndex = (ports: ProjectorPorts, settled: () => Promise<void> = async () => undefined): RegisterIndex => {
  const { sideStore } = ports;
  async function* documents({ open = false, ...query }: DocumentsQuery, chunk = CHUNK): AsyncGenerator<RegisterDoc> {
    await settled();
    for await (const { key, doc: listed } of registerAfter(sideStore, { ...query, chunk })) {
      const doc = listed ?? (await catchUp(ports, key));
      if (doc !== undefined && (!open || isOpenDoc(doc))) yield doc;
    }
  }
  const keys = async (): Promise<readonly string[]> => {
    await settled();
    return listRegisterKeys(sideStore);
  };
  const page = async ({ status, limit, ...query }: PageQuery): Promise<readonly FeatureRow[]> => {
    const { prefix, after } = query;
    const items: FeatureRow[] = [];
    // The prefix itself comes first, or has no document.
    const known = new Map<string, RegisterDoc | undefined>(prefix !== undefined && prefix > after ? [[prefix, undefined]] : []);
    for await (const doc of documents({ prefix, after }, Math.min(limit, PAGE_CHUNK_MAX))) {
      known.set(doc.key, doc);
      // A prefix sorts before its key, so it is read separately only if the list began after it.
      for (const each of prefixesOf(doc.key)) if (!known.has(each)) known.set(each, await getRegister(sideStore, each));
      const row = rowAmong(doc, (each) => known.get(each), query);
      if (status === undefined || row.evaluation.variant === status) items.push(row);
      if (items.length === limit) break;
    }
    return items;
  };
  return {
    document: async (key) => {
      await settled();
      return (await getRegister(sideStore, key)) ?? (await catchUp(ports, key));
    },
    documents,
    bulk: async () => ({ keys: await keys(), off: new Map() }),
    facet: async (of, query) => facetOf(of, await page({ ...query, after: '', limit: Number.POSITIVE_INFINITY })),
    page,
    holdsBack: () => false,
  };
};
