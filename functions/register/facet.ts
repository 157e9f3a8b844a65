import { partitionPoint } from '../../domain/kernel/order.ts';
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

interface Difference<T> {
  readonly removed: T[];
  readonly added: T[];
}

/**
 * Returns an ordered list without some entries and with others. Costs a copy of references, and a search and a move for each
 * difference.
 */
export const changedList = <T>(
  list: readonly T[],
  { removed, added }: Difference<T>,
  order: (a: T, b: T) => number,
): readonly T[] => {
  const next = [...list];
  const indexOf = (entry: T): number => partitionPoint(next, (each) => order(each, entry) < 0);
  for (const entry of removed) next.splice(indexOf(entry), 1);
  // As many as there are: sorting costs less than moving all behind each.
  if (added.length > next.length) return [...next, ...added].sort(order);
  for (const entry of added) next.splice(indexOf(entry), 0, entry);
  return next;
};

/** A facet that is kept while rows are replaced. */
export class KeptFacet<T> {
  readonly #of: FacetOf<T>;
  #groups: Facet<T> = new Map();

  constructor(of: FacetOf<T>, rows: Iterable<FeatureRow>) {
    this.#of = of;
    this.replace([], rows);
  }

  get groups(): Facet<T> {
    return this.#groups;
  }

  /** Removes the entries of rows that are in it, and adds those of others. */
  replace(removed: Iterable<FeatureRow>, added: Iterable<FeatureRow>): void {
    const differences = new Map<string, Difference<T>>();
    const differenceIn = (group: string): Difference<T> => {
      const known = differences.get(group) ?? { removed: [], added: [] };
      differences.set(group, known);
      return known;
    };
    for (const row of removed) for (const [group, entry] of this.#of.entriesOf(row)) differenceIn(group).removed.push(entry);
    for (const row of added) for (const [group, entry] of this.#of.entriesOf(row)) differenceIn(group).added.push(entry);
    if (differences.size === 0) return;
    const groups = new Map(this.#groups);
    for (const [group, difference] of differences) {
      const list = changedList(groups.get(group) ?? [], difference, this.#of.order);
      if (list.length === 0) groups.delete(group);
      else groups.set(group, list);
    }
    this.#groups = groups;
  }
}
