import { type ListChange, OrderedList } from './orderedList.ts';
import type { FeatureRow } from './rows.ts';

/**
 * One way to list what the register holds: the entries that a row adds, each in a group, and their order within it. Entries of a group
 * that compare as equal are interchangeable. Both functions depend on their arguments alone, so that an index can keep the lists while
 * rows change. Define it once, as a constant: an index knows it by its identity.
 */
export interface FacetOf<T> {
  readonly entriesOf: (row: FeatureRow) => Iterable<readonly [group: string, entry: T]>;
  readonly order: (a: T, b: T) => number;
}

/** The entries of a facet by group, in order; a group without an entry is absent. Does not change when the register does. */
export type Facet<T> = ReadonlyMap<string, readonly T[]>;

/** A facet that is kept while rows are replaced. */
export class KeptFacet<T> {
  readonly #of: FacetOf<T>;
  readonly #lists = new Map<string, OrderedList<T>>();
  #groups: Facet<T> | undefined;

  constructor(of: FacetOf<T>, rows: Iterable<FeatureRow>) {
    this.#of = of;
    this.replace([], rows);
  }

  get groups(): Facet<T> {
    this.#groups ??= new Map([...this.#lists].map(([group, { entries }]) => [group, entries]));
    return this.#groups;
  }

  /** Removes the entries of rows that are in it, and adds those of others. */
  replace(removed: Iterable<FeatureRow>, added: Iterable<FeatureRow>): void {
    const differences = new Map<string, { readonly removed: T[]; readonly added: T[] }>();
    const collect = (rows: Iterable<FeatureRow>, side: keyof ListChange<T>): void => {
      for (const row of rows)
        for (const [group, entry] of this.#of.entriesOf(row)) {
          const known = differences.get(group) ?? { removed: [], added: [] };
          differences.set(group, known);
          known[side].push(entry);
        }
    };
    collect(removed, 'removed');
    collect(added, 'added');
    for (const [group, difference] of differences) {
      const list = this.#lists.get(group) ?? new OrderedList(this.#of.order);
      list.change(difference);
      if (list.length === 0) this.#lists.delete(group);
      else this.#lists.set(group, list);
      this.#groups = undefined;
    }
  }
}
