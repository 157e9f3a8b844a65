import { setImmediate } from 'node:timers/promises';
import { sharesStatic } from '../../domain/feature/evaluate.ts';
import { ALWAYS, isWithin, narrowed, type TimeWindow, windowAround } from '../../domain/feature/instants.ts';
import { prefixesOf, vendorOf } from '../../domain/feature/keys.ts';
import { openChanges } from '../../domain/feature/state.ts';
import { ascending, partitionPoint } from '../../domain/kernel/order.ts';
import type { Logger } from '../platform/logging.ts';
import { isBeneath, isOpenDoc, type RegisterDoc } from './documents.ts';
import { type DocSource, feedSource, IndexedDocs } from './indexedDocs.ts';
import type { ProjectorPorts } from './project.ts';
import {
  type BulkKeys,
  BY_KEY,
  BY_STATUS,
  type DocumentsQuery,
  type Facet,
  type FacetOf,
  type FeatureRow,
  facetOf,
  type PageQuery,
  type RegisterIndex,
  type RowsQuery,
  rowAmong,
} from './rows.ts';

/** Prefixes, most of them vendors, whose facets are kept beside those of all features. */
const PREFIXES_MAX = 100;

/**
 * Features of which what holds is computed anew, or put into a facet, in one turn of the event loop, 40 µs each; what else was asked waits
 * for the turn.
 */
export const COMPUTED_PER_TURN = 100;

const firstOf = <T>(entries: Iterable<T>): readonly T[] => {
  const first: T[] = [];
  for (const entry of entries) {
    if (first.length === COMPUTED_PER_TURN) break;
    first.push(entry);
  }
  return first;
};

/** Reports whether a query says who asks, or for which version. */
const asks = ({ context: { agencies = [], own = [], version } = {} }: RowsQuery): boolean =>
  version !== undefined || agencies.length > 0 || own.length > 0;

/** The features in which only a commit can record something, by why: what time has done, or a change to which no policy is bound. */
const DUE: FacetOf<string> = {
  entriesOf: ({ key, unreadable, state, stateNow }) => {
    if (unreadable) return [];
    const unpinned = openChanges(stateNow).some(({ pin }) => pin === null);
    return [...(stateNow === state ? [] : ['time']), ...(unpinned ? ['unpinned'] : [])].map((why) => [why, key]);
  },
  order: ascending,
};

type Order<T> = FacetOf<T>['order'];

/** Returns the index of the first entry of an ordered list that does not come before another one. */
const indexIn = <T>(list: readonly T[], entry: T, order: Order<T>): number =>
  partitionPoint(list, (each) => order(each, entry) < 0);

/** Returns an ordered list without some of its entries. Those that compare as equal are interchangeable. */
const without = <T>(list: readonly T[], removed: readonly T[], order: Order<T>): readonly T[] => {
  if (removed.length === 0) return list;
  const left = [...list];
  for (const entry of removed) left.splice(indexIn(left, entry, order), 1);
  return left;
};

/** Returns an ordered list with some entries more, in one pass however many they are. */
const withEntries = <T>(list: readonly T[], added: readonly T[], order: Order<T>): readonly T[] => {
  const parts: (readonly T[])[] = [];
  let from = 0;
  for (const entry of added.toSorted(order)) {
    const to = indexIn(list, entry, order);
    parts.push(list.slice(from, to), [entry]);
    from = to;
  }
  return parts.length === 0 ? list : ([] as readonly T[]).concat(...parts, list.slice(from));
};

/** The lists of a facet, brought up to date when they are asked for. */
class KeptFacet<T> {
  readonly #of: FacetOf<T>;
  /** The keys whose entries may be old, each with the row whose entries are in the lists. */
  readonly #stale = new Map<string, FeatureRow | undefined>();
  #lists: Facet<T> = new Map();

  constructor(of: FacetOf<T>, keys: Iterable<string>) {
    this.#of = of;
    for (const key of keys) this.#stale.set(key, undefined);
  }

  /** Notes that a feature no longer has this row. */
  replace(key: string, row: FeatureRow | undefined): void {
    if (!this.#stale.has(key)) this.#stale.set(key, row);
  }

  /** Returns the lists; undefined if more has changed than one turn of the event loop may put into them. */
  listed(rowOf: (key: string) => FeatureRow | undefined): Facet<T> | undefined {
    const keys = firstOf(this.#stale);
    if (keys.length > 0) this.#change(keys, rowOf);
    return this.#stale.size === 0 ? this.#lists : undefined;
  }

  #change(keys: readonly (readonly [string, FeatureRow | undefined])[], rowOf: (key: string) => FeatureRow | undefined): void {
    const { entriesOf, order } = this.#of;
    const changes = new Map<string, { readonly removed: T[]; readonly added: T[] }>();
    const collect = (row: FeatureRow | undefined, side: 'removed' | 'added'): void => {
      for (const [group, entry] of row === undefined ? [] : entriesOf(row)) {
        const change = changes.get(group) ?? { removed: [], added: [] };
        changes.set(group, change);
        change[side].push(entry);
      }
    };
    for (const [key, before] of keys) {
      this.#stale.delete(key);
      collect(before, 'removed');
      collect(rowOf(key), 'added');
    }
    // What was returned before does not change.
    const lists = new Map(this.#lists);
    for (const [group, { removed, added }] of changes) {
      const list = withEntries(without(lists.get(group) ?? [], removed, order), added, order);
      if (list.length > 0) lists.set(group, list);
      else lists.delete(group);
    }
    this.#lists = lists;
  }
}

/**
 * Keeps what holds in each feature, without a context, and the facets made of it. A row is computed again after a commit in its feature
 * or above it, and when its time is over; facets get the difference. So a question costs what changed since the one before it.
 */
class KeptRows {
  readonly #docs: IndexedDocs;
  /** Each row, and the time in which it holds. */
  readonly #rows = new Map<string, { readonly row: FeatureRow; readonly window: TimeWindow }>();
  /** By prefix; '' for all features. */
  readonly #facets = new Map<string, Map<FacetOf<unknown>, KeptFacet<unknown>>>([['', new Map()]]);
  /** The time in which the state of a document alone says the same. */
  readonly #windows = new WeakMap<RegisterDoc, TimeWindow>();
  /** The keys whose rows are to be computed. */
  readonly #stale = new Set<string>();
  /** A time in which every row holds that is not stale. */
  #window = ALWAYS;

  constructor(docs: IndexedDocs) {
    this.#docs = docs;
  }

  /** Brings rows to an instant, as many as one turn of the event loop may compute. Returns whether all are there. */
  update(now: string): boolean {
    for (const key of this.#docs.takeTouched()) this.#stale.add(key);
    if (!isWithin(this.#window, now)) {
      this.#window = ALWAYS;
      for (const [key, { window }] of this.#rows) {
        if (isWithin(window, now)) this.#window = narrowed(this.#window, window);
        else this.#stale.add(key);
      }
    }
    for (const key of firstOf(this.#stale)) {
      this.#stale.delete(key);
      this.#replace(key, now);
    }
    return this.#stale.size === 0;
  }

  /** Returns the row of a feature as of the last update. */
  readonly get = (key: string): FeatureRow | undefined => this.#rows.get(key)?.row;

  /** Returns a row as it is for who asks. */
  asked(row: FeatureRow, query: RowsQuery): FeatureRow {
    const doc = this.#docs.get(row.key);
    if (doc === undefined || (row.evaluation.reason === 'STATIC' && sharesStatic(query.context ?? {}))) return row;
    return rowAmong(doc, (each) => this.#docs.get(each), query);
  }

  /**
   * Returns a facet as of the last update, which must have brought all rows; undefined if more is to be put into it than one turn of the
   * event loop may take.
   */
  facet<T>(of: FacetOf<T>, prefix = ''): Facet<T> | undefined {
    const facets = this.#facetsOf(prefix);
    // A facet is kept under what defines it, so it has that type of entries.
    const known = facets.get(of as FacetOf<unknown>) as KeptFacet<T> | undefined;
    const facet = known ?? new KeptFacet(of, this.#docs.keysOf(prefix === '' ? undefined : prefix, ''));
    if (known === undefined) facets.set(of as FacetOf<unknown>, facet as KeptFacet<unknown>);
    return facet.listed(this.get);
  }

  #facetsOf(prefix: string): Map<FacetOf<unknown>, KeptFacet<unknown>> {
    const known = this.#facets.get(prefix);
    if (known !== undefined) return known;
    const oldest = [...this.#facets.keys()].find((each) => each !== '');
    if (this.#facets.size > PREFIXES_MAX && oldest !== undefined) this.#facets.delete(oldest);
    const facets = new Map<FacetOf<unknown>, KeptFacet<unknown>>();
    this.#facets.set(prefix, facets);
    return facets;
  }

  #replace(key: string, now: string): void {
    const before = this.get(key);
    const doc = this.#docs.get(key);
    if (doc === undefined) this.#rows.delete(key);
    else {
      const window = this.#windowOf(doc, now);
      this.#window = narrowed(this.#window, window);
      this.#rows.set(key, { row: rowAmong(doc, (each) => this.#docs.get(each), { now }), window });
    }
    for (const [prefix, facets] of this.#facets) {
      if (prefix !== '' && !isBeneath(key, prefix)) continue;
      for (const facet of facets.values()) facet.replace(key, before);
    }
  }

  /** Returns the time around an instant in which a feature's state, and those above it, say the same. */
  #windowOf({ key }: RegisterDoc, now: string): TimeWindow {
    return prefixesOf(key).reduce((narrow, each) => {
      const doc = this.#docs.get(each);
      if (doc === undefined) return narrow;
      const known = this.#windows.get(doc);
      const window = known !== undefined && isWithin(known, now) ? known : windowAround(doc.state, now);
      this.#windows.set(doc, window);
      return narrowed(narrow, window);
    }, ALWAYS);
  }
}

const NONE: BulkKeys['off'] = new Map();

/**
 * Keeps the register in memory: parsed documents by key, brought up to date by what `source` reports as changed (on one machine every
 * commit), and what holds in each feature, with every list made of that (see {@link KeptRows}). A list and a figure cost what they show
 * and what changed since the last question, and the clock what is due. Serves one process, and finds what another one writes.
 */
export class MemoryIndex implements RegisterIndex {
  readonly #docs: IndexedDocs;
  readonly #rows: KeptRows;

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

  readonly vendors = async (): Promise<readonly string[]> => {
    await this.#docs.settle();
    return [...new Set(this.#docs.keys.map(vendorOf))].sort();
  };

  readonly bulk = async (): Promise<BulkKeys> => {
    await this.#docs.settle();
    return { keys: this.#docs.keys, off: NONE };
  };

  readonly facet = async <T>(of: FacetOf<T>, query: RowsQuery): Promise<Facet<T>> => {
    if (!asks(query)) return this.#facet(of, query, (lists) => lists);
    return this.#facet(BY_KEY, query, (lists, rows) =>
      facetOf(
        of,
        (lists.get('') ?? []).map((row) => rows.asked(row, query)),
      ),
    );
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

  readonly due = async (now: string, unpinned: boolean): Promise<readonly RegisterDoc[]> =>
    this.#facet(DUE, { now }, (lists) => {
      const keys = new Set([...(lists.get('time') ?? []), ...((unpinned && lists.get('unpinned')) || [])]);
      return [...keys].sort().flatMap((key) => this.#docs.get(key) ?? []);
    });

  /** Reads rows as of an instant. `read` is synchronous, since the next question may be about another one. */
  async #read<T>(now: string, read: (rows: KeptRows) => T): Promise<T> {
    while (!this.#rows.update(now)) await setImmediate();
    return read(this.#rows);
  }

  /** Reads a facet as of an instant, which the first question makes, in turns. */
  async #facet<T, R>(of: FacetOf<T>, { prefix, now }: RowsQuery, read: (lists: Facet<T>, rows: KeptRows) => R): Promise<R> {
    await this.#docs.settle();
    for (;;) {
      const found = await this.#read(now, (rows) => {
        const lists = rows.facet(of, prefix);
        return lists === undefined ? undefined : { result: read(lists, rows) };
      });
      if (found !== undefined) return found.result;
      await setImmediate();
    }
  }
}
