import { partitionPoint } from '../../domain/kernel/order.ts';

/** What a list loses, of entries that are in it, and what it gains. */
export interface ListChange<T> {
  readonly removed: readonly T[];
  readonly added: readonly T[];
}

/** More entries than this are sorted into a list together with those that it has. */
const MERGED_MAX = 1_000;

/**
 * An ordered list. What {@link entries} returned never changes: the first change after it copies the list, and those after that change the
 * copy in place, so that a long list which is made or changed without being read is not copied each time. Entries that compare as equal
 * are interchangeable. `order` depends on its arguments alone.
 */
export class OrderedList<T> {
  readonly #order: (a: T, b: T) => number;
  #list: T[];
  #isRead = false;

  constructor(order: (a: T, b: T) => number, entries: Iterable<T> = []) {
    this.#order = order;
    this.#list = [...entries].sort(order);
  }

  get length(): number {
    return this.#list.length;
  }

  /** Returns one entry; undefined behind the last. */
  at(index: number): T | undefined {
    return this.#list[index];
  }

  /** Returns the index of the first entry that does not come before another one, which need not be in the list. */
  indexOf(entry: T): number {
    return partitionPoint(this.#list, (each) => this.#order(each, entry) < 0);
  }

  /** Iterates over the list, which must not change meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return this.#list[Symbol.iterator]();
  }

  get entries(): readonly T[] {
    this.#isRead = true;
    return this.#list;
  }

  change({ removed, added }: ListChange<T>): void {
    if (removed.length + added.length === 0) return;
    if (this.#isRead) this.#list = [...this.#list];
    this.#isRead = false;
    for (const entry of removed) this.#list.splice(this.indexOf(entry), 1);
    if (added.length > MERGED_MAX) this.#list = [...this.#list, ...added].sort(this.#order);
    else this.#insert(added.toSorted(this.#order));
  }

  /** Inserts ordered entries from the last to the first, so that what stands behind several of them is moved once. */
  #insert(added: readonly T[]): void {
    const list = this.#list;
    const places = added.map((entry) => this.indexOf(entry));
    let end = list.length;
    list.push(...added);
    for (let count = added.length; count > 0; count -= 1) {
      const place = places[count - 1] as number;
      for (let at = end - 1; at >= place; at -= 1) list[at + count] = list[at] as T;
      list[place + count - 1] = added[count - 1] as T;
      end = place;
    }
  }
}
