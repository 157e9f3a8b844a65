import { sharesStatic } from '../../domain/feature/evaluate.ts';
import { ALWAYS, isWithin, narrowed, type TimeWindow, windowAround } from '../../domain/feature/instants.ts';
import { prefixesOf } from '../../domain/feature/keys.ts';
import { ascending, latest } from '../../domain/kernel/order.ts';
import { isBeneath } from './docs.ts';
import { type Facet, type FacetOf, KeptFacet } from './facet.ts';
import type { IndexedDoc, IndexedDocs } from './indexedDocs.ts';
import { OrderedList } from './orderedList.ts';
import { viewOf } from './read.ts';
import type { RowsQuery } from './registerIndex.ts';
import { type FeatureRow, headsBy, rowOf } from './rows.ts';

/** A row, and the time in which it holds. */
interface KeptRow {
  readonly row: FeatureRow;
  readonly window: TimeWindow;
}

/** When a row stops holding. */
interface End {
  readonly until: string;
  readonly key: string;
}

/** A facet of a prefix. `missing`: the keys whose rows are not in it yet. */
interface Kept<T> {
  readonly facet: KeptFacet<T>;
  readonly missing: Set<string>;
}

interface Replaced {
  readonly key: string;
  readonly before: KeptRow | undefined;
  readonly after: KeptRow | undefined;
}

/** Prefixes, most of them vendors, whose facets are kept beside those of all features. */
const PREFIXES_MAX = 100;

/**
 * Features of which what holds is computed anew, or put into a facet, in one turn of the event loop, 40 µs each; what else was asked waits
 * for the turn.
 */
export const COMPUTED_PER_TURN = 100;

const firstOf = (keys: Iterable<string>): readonly string[] => {
  const first: string[] = [];
  for (const key of keys) {
    if (first.length === COMPUTED_PER_TURN) break;
    first.push(key);
  }
  return first;
};

const byEnd = (a: End, b: End): number => ascending(a.until, b.until) || ascending(a.key, b.key);

/** Reports whether a query says who asks, or for which version. */
export const asks = ({ context: { agencies = [], own = [], version } = {} }: RowsQuery): boolean =>
  version !== undefined || agencies.length > 0 || own.length > 0;

/**
 * Keeps what holds in each feature, without a context, and the facets made of it. A row is computed again after a commit in its feature
 * or above it, and when its time is over; facets get the difference. So a question costs what changed since the one before it.
 */
export class KeptRows {
  readonly #docs: IndexedDocs;
  readonly #rows = new Map<string, KeptRow>();
  /** By prefix; '' for all features. */
  readonly #facets = new Map<string, Map<FacetOf<unknown>, Kept<unknown>>>([['', new Map()]]);
  /** The keys whose rows are to be computed. */
  #stale = new Set<string>();
  /** The ends of all rows that have one, the soonest first. */
  readonly #ends = new OrderedList<End>(byEnd);
  /** No row begins to hold after this instant. */
  #from = '';

  constructor(docs: IndexedDocs) {
    this.#docs = docs;
  }

  /** Brings rows to an instant, as many as one turn of the event loop may compute. Returns whether all are there. */
  update(now: string): boolean {
    for (const key of this.#docs.takeTouched()) this.#stale.add(key);
    if (now < this.#from) {
      // The clock was set back, or a question waited while a later one was answered.
      for (const [key, { window }] of this.#rows) if (!isWithin(window, now)) this.#stale.add(key);
      this.#from = now;
    }
    for (const { until, key } of this.#ends) {
      if (until > now) break;
      this.#stale.add(key);
    }
    const keys = firstOf(this.#stale);
    for (const key of keys) this.#stale.delete(key);
    this.#refresh(keys, now);
    return this.#stale.size === 0;
  }

  /** Returns the row of a feature as of the last update. */
  get(key: string): FeatureRow | undefined {
    return this.#rows.get(key)?.row;
  }

  /**
   * Returns a facet as of the last update, which must have brought all rows; undefined if it is asked for first and more is to be put
   * into it than one turn of the event loop may take.
   */
  facet<T>(of: FacetOf<T>, prefix = ''): Facet<T> | undefined {
    const { facet, missing } = this.#kept(of, prefix);
    const keys = firstOf(missing);
    for (const key of keys) missing.delete(key);
    if (keys.length > 0)
      facet.replace(
        [],
        keys.flatMap((key) => this.get(key) ?? []),
      );
    return missing.size === 0 ? facet.groups : undefined;
  }

  /** Returns a row as it is for who asks. */
  asked(row: FeatureRow, { context = {}, now }: RowsQuery): FeatureRow {
    const known = this.#docs.get(row.key);
    if (known === undefined || (row.evaluation.reason === 'STATIC' && sharesStatic(context))) return row;
    return rowOf(viewOf(known.doc), this.#headsOf(row.key), context, now);
  }

  #kept<T>(of: FacetOf<T>, prefix: string): Kept<T> {
    const facets = this.#facetsOf(prefix);
    // A facet is kept under what defines it, so it has that type of entries.
    const known = facets.get(of as FacetOf<unknown>) as Kept<T> | undefined;
    if (known !== undefined) return known;
    const missing = new Set(this.#docs.keysOf(prefix === '' ? undefined : prefix, ''));
    const made = { facet: new KeptFacet(of, []), missing };
    facets.set(of as FacetOf<unknown>, made as Kept<unknown>);
    return made;
  }

  #facetsOf(prefix: string): Map<FacetOf<unknown>, Kept<unknown>> {
    const known = this.#facets.get(prefix);
    if (known !== undefined) return known;
    const oldest = [...this.#facets.keys()].find((each) => each !== '');
    if (this.#facets.size > PREFIXES_MAX && oldest !== undefined) this.#facets.delete(oldest);
    const facets = new Map<FacetOf<unknown>, Kept<unknown>>();
    this.#facets.set(prefix, facets);
    return facets;
  }

  #refresh(keys: readonly string[], now: string): void {
    if (keys.length === 0) return;
    const replaced = keys.map((key) => this.#replace(key, now));
    const endsOf = (side: 'before' | 'after'): End[] =>
      replaced.flatMap(({ key, [side]: kept }) => (kept?.window.until == null ? [] : [{ until: kept.window.until, key }]));
    this.#ends.change({ removed: endsOf('before'), added: endsOf('after') });
    for (const [prefix, facets] of this.#facets) {
      const own = prefix === '' ? replaced : replaced.filter(({ key }) => isBeneath(key, prefix));
      if (own.length === 0) continue;
      for (const { facet, missing } of facets.values()) {
        const there = own.filter(({ key }) => !missing.has(key));
        facet.replace(
          there.flatMap(({ before }) => before?.row ?? []),
          there.flatMap(({ after }) => after?.row ?? []),
        );
      }
    }
  }

  #replace(key: string, now: string): Replaced {
    const before = this.#rows.get(key);
    const known = this.#docs.get(key);
    const after = known === undefined ? undefined : this.#rowOf(known, now);
    if (after === undefined) this.#rows.delete(key);
    else this.#rows.set(key, after);
    this.#from = latest(this.#from, after?.window.from ?? undefined);
    return { key, before, after };
  }

  #headsOf(key: string) {
    return headsBy(key, (each) => this.#docs.get(each)?.doc);
  }

  #rowOf(known: IndexedDoc, now: string): KeptRow {
    const { key } = known.doc;
    const window = prefixesOf(key).reduce((narrow, each) => {
      const above = this.#docs.get(each);
      return above === undefined ? narrow : narrowed(narrow, stateWindow(above, now));
    }, ALWAYS);
    return { row: rowOf(viewOf(known.doc), this.#headsOf(key), {}, now), window };
  }
}

/** Returns the time around an instant in which a feature's state says the same. */
export const stateWindow = (known: IndexedDoc, now: string): TimeWindow => {
  if (!isWithin(known.window, now)) known.window = windowAround(known.doc.state, now);
  return known.window;
};
