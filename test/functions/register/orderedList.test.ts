import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { OrderedList } from '../../../functions/register/orderedList.ts';

const byNumber = (a: number, b: number): number => a - b;

/** A step: which of the entries go, by their places, what comes, and whether the list is read afterwards. */
const step = fc.record({
  gone: fc.uniqueArray(fc.nat(40), { maxLength: 5 }),
  added: fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 12 }),
  isRead: fc.boolean(),
});

test('has what was added and not removed, in order; what was read stays as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -20, max: 20 })), fc.array(step, { maxLength: 12 }), (first, steps) => {
      const list = new OrderedList(byNumber, first);
      let expected = first.toSorted(byNumber);
      const read: { readonly entries: readonly number[]; readonly copy: readonly number[] }[] = [];
      for (const { gone, added, isRead } of steps) {
        const places = new Set(gone);
        const removed = expected.filter((_, at) => places.has(at));
        expected = [...expected.filter((_, at) => !places.has(at)), ...added].sort(byNumber);
        list.change({ removed, added });
        expect([...list]).toEqual(expected);
        expect([list.length, list.at(0), list.at(expected.length)]).toEqual([expected.length, expected[0], undefined]);
        expect(list.indexOf(3)).toBe(expected.filter((each) => each < 3).length);
        if (isRead) read.push({ entries: list.entries, copy: expected });
      }
      for (const { entries, copy } of read) expect(entries).toEqual(copy);
    }),
  );
});

test('many entries at once are sorted in', () => {
  const list = new OrderedList(byNumber, [5_000]);
  const many = Array.from({ length: 3_000 }, (_, n) => (n * 7_919) % 10_007);
  list.change({ removed: [], added: many });
  expect([...list]).toEqual([5_000, ...many].sort(byNumber));
});

test('a list that was read is another one once something has changed, and the same until then', () => {
  const list = new OrderedList(byNumber);
  for (let n = 0; n < 100; n += 1) list.change({ removed: [], added: [(n * 37) % 100] });
  const before = list.entries;
  list.change({ removed: [], added: [200] });
  expect(before).toHaveLength(100);
  const after = list.entries;
  expect(after).not.toBe(before);
  expect(list.entries).toBe(after);
  list.change({ removed: [], added: [] });
  expect(list.entries).toBe(after);
});

/** Returns how often a list of at least so many entries is spread while `work` runs. */
const copiesIn = (work: () => void, entries: number): number => {
  const iterate = Array.prototype[Symbol.iterator];
  let copies = 0;
  Array.prototype[Symbol.iterator] = function (this: unknown[]) {
    if (this.length >= entries) copies += 1;
    return iterate.call(this);
  };
  try {
    work();
  } finally {
    Array.prototype[Symbol.iterator] = iterate;
  }
  return copies;
};

test('a long list is not copied by its changes, but by the first after it was read', () => {
  const numbers = Array.from({ length: 1_000 }, (_, n) => n);
  const list = new OrderedList(byNumber, numbers);
  const change = (): void => {
    for (let n = 0; n < 5; n += 1) list.change({ removed: [n], added: [n + 0.5] });
    for (let n = 0; n < 5; n += 1) list.change({ removed: [n + 0.5], added: [n] });
  };
  expect(copiesIn(change, numbers.length)).toBe(0);
  expect(list.entries).toEqual(numbers);
  expect(copiesIn(change, numbers.length)).toBe(1);
});
