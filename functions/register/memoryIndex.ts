import { setImmediate } from 'node:timers/promises';
import { sharesStatic } from '../../domain/feature/evaluate.ts';
import { ALWAYS, isWithin, narrowed, type TimeWindow, windowAround } from '../../domain/feature/instants.ts';
import { prefixesOf } from '../../domain/feature/keys.ts';
import { openChanges } from '../../domain/feature/state.ts';
import { ascending, partitionPoint } from '../../domain/kernel/order.ts';
import type { Logger } from '../platform/logging.ts';
import { isOpenDoc, type RegisterDoc } from './documents.ts';
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

/** Rows computed, or put into a facet, in one turn of the event loop, 40 µs each. */
export const COMPUTED_PER_TURN = 100;

const firstOf = <T>(entries: Iterable<T>): readonly T[] => {
  const first: T[] = [];
  for (const entry of entries) {
    if (first.length === COMPUTED_PER_TURN) break;
    first.push(entry);
  }
  return first;
};

/** Whether a query says who asks, or for which version. */
const asks = ({ context: { agencies = [], own = [], version } = {} }: RowsQuery): boolean =>
  version !== undefined || agencies.length > 0 || own.length > 0;

/** The features in which only a commit can record something, by why. */
const DUE: FacetOf<string> = {
  entriesOf: ({ key, unreadable, state, stateNow }) => {
    if (unreadable) return [];
    const unpinned = openChanges(stateNow).some(({ pin }) => pin === null);
    return [...(stateNow === state ? [] : ['time']), ...(unpinned ? ['unpinned'] : [])].map((why) => [why, key]);
  },
  order: ascending,
};

interface KeptFacet {
  /** What a row adds, as long as it is a row of its feature. */
  readonly entries: WeakMap<FeatureRow, readonly (readonly [string, unknown])[]>;
  /** Of all features, at the version of the rows. */
  lists: Facet<unknown>;
  version: number;
}

/**
 * Keeps what holds in each feature, without a context, and the facets made of it. A row is computed again after a commit in its feature
 * or above it, and when its time is over; the lists of a facet are put together anew once rows have changed.
 */
class KeptRows {
  readonly #docs: IndexedDocs;
  readonly #rows = new Map<string, { readonly row: FeatureRow; readonly window: TimeWindow }>();
  readonly #facets = new Map<FacetOf<unknown>, KeptFacet>();
  /** The time in which the state of a document alone says the same. */
  readonly #windows = new WeakMap<RegisterDoc, TimeWindow>();
  /** To be computed. */
  readonly #stale = new Set<string>();
  /** A time in which every row holds that is not stale. */
  #window = ALWAYS;
  #version = 0;

  constructor(docs: IndexedDocs) {
    this.#docs = docs;
  }

  /** As many as one turn of the event loop may compute; returns whether all are there. */
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

  /** As of the last update. */
  readonly get = (key: string): FeatureRow | undefined => this.#rows.get(key)?.row;

  asked(row: FeatureRow, query: RowsQuery): FeatureRow {
    const doc = this.#docs.get(row.key);
    if (doc === undefined || (row.evaluation.reason === 'STATIC' && sharesStatic(query.context ?? {}))) return row;
    return rowAmong(doc, (each) => this.#docs.get(each), query);
  }

  /** As of the last update, which must have brought all rows; undefined if more is to be computed than one turn may take. */
  facet<T>(of: FacetOf<T>, prefix: string | undefined): Facet<T> | undefined {
    const kept = this.#keptFor(of as FacetOf<unknown>);
    if (prefix === undefined && kept.version === this.#version) return kept.lists as Facet<T>;
    const rows = [...this.#docs.keysOf(prefix, '')].flatMap((key) => this.get(key) ?? []);
    const fresh = rows.filter((row) => !kept.entries.has(row));
    for (const row of firstOf(fresh)) kept.entries.set(row, [...of.entriesOf(row)]);
    if (fresh.length > COMPUTED_PER_TURN) return undefined;
    const lists = facetOf(of, rows, (row) => (kept.entries.get(row) ?? []) as readonly (readonly [string, T])[]);
    if (prefix === undefined) [kept.lists, kept.version] = [lists, this.#version];
    return lists;
  }

  #keptFor(of: FacetOf<unknown>): KeptFacet {
    const kept = this.#facets.get(of) ?? { entries: new WeakMap(), lists: new Map(), version: -1 };
    this.#facets.set(of, kept);
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
    this.#window = narrowed(this.#window, window);
    this.#rows.set(key, { row: rowAmong(doc, (each) => this.#docs.get(each), { now }), window });
  }

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
 * The register in memory: parsed documents, what holds in each feature, and the lists made of that. A list costs what it shows and,
 * after a commit, a walk over what all features add. Serves one process, and finds what another one writes.
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

  /** `read` is synchronous, since the next question may be about another instant. */
  async #read<T>(now: string, read: (rows: KeptRows) => T): Promise<T> {
    while (!this.#rows.update(now)) await setImmediate();
    return read(this.#rows);
  }

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
