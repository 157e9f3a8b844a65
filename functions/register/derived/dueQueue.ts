import { ascending } from '../../../domain/kernel/order.ts';

/** A moment at which something is due: of a key, or of a source by its id. */
export interface DueMoment {
  readonly instant: string;
  readonly of: string;
}

/** Orders by instant, then by what it is of. */
export const byInstant = (one: DueMoment, other: DueMoment): number =>
  ascending(one.instant, other.instant) || ascending(one.of, other.of);

/** What is due, the first first: a binary heap. */
export class DueQueue {
  readonly #heap: DueMoment[] = [];

  peek(): DueMoment | undefined {
    return this.#heap[0];
  }

  push(due: DueMoment): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapped(parent, at)) return;
      at = parent;
    }
  }

  pop(): DueMoment | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const least = right < heap.length && this.#isBefore(right, left) ? right : left;
      if (least >= heap.length || !this.#swapped(at, least)) return first;
      at = least;
    }
  }

  #isBefore(one: number, other: number): boolean {
    return byInstant(this.#heap[one] as DueMoment, this.#heap[other] as DueMoment) < 0;
  }

  /** Swaps two entries if the second comes before the first. */
  #swapped(first: number, second: number): boolean {
    if (!this.#isBefore(second, first)) return false;
    [this.#heap[first], this.#heap[second]] = [this.#heap[second] as DueMoment, this.#heap[first] as DueMoment];
    return true;
  }
}
