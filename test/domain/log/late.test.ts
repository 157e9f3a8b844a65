import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countsFrom, EffectiveInstants, type EntryTime, NO_TIMES, timesOfEntries, withTimes } from '../../../domain/log/late.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 2, 2, 12, minute)).toISOString();
const entry = (stream: string, version: number, minute: number): EntryTime => ({ stream, version, at: at(minute) });
/** The log's times after checkpoints with these entries. */
const timesAfter = (...checkpoints: readonly (readonly EntryTime[])[]) =>
  checkpoints.reduce((times, entries) => withTimes(times, timesOfEntries(times, entries)), NO_TIMES);

test('a quarter of an hour is not late; more is, and counts from the newest instant before it', () => {
  const times = timesAfter([entry('a', 1, 60), entry('b', 1, 45)], [entry('c', 1, 44), entry('c', 2, 50), entry('c', 3, 61)]);
  expect(times).toEqual({ newest: at(61), late: [{ stream: 'c', version: 1, from: at(60) }], unknownBefore: null });
  expect(countsFrom(times, entry('b', 1, 45))).toBe(at(45));
  expect(countsFrom(times, entry('c', 1, 44))).toBe(at(60));
  // What follows a late commit in its stream counts no earlier than it.
  expect(countsFrom(times, entry('c', 2, 50))).toBe(at(60));
  expect(countsFrom(times, entry('c', 3, 61))).toBe(at(61));
});

test('more late entries than fit leave nothing known of the time before them', () => {
  const many = Array.from({ length: 129 }, (_, index) => entry(`s${index}`, 1, 0));
  expect(timesAfter([entry('a', 1, 60)], many)).toEqual({ newest: at(60), late: [], unknownBefore: at(60) });
  const twice = timesAfter([entry('a', 1, 60)], many.slice(0, 100), [entry('a', 2, 90)], many.slice(100));
  expect(twice.unknownBefore).toBe(at(60));
  expect(twice.late).toHaveLength(128);
});

test('nothing is backdated, whatever the order; checkpoints of any size agree with one walk over all entries', () => {
  const entries = fc.array(fc.record({ stream: fc.constantFrom('a', 'b', 'c'), minute: fc.nat(120), cut: fc.boolean() }), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(entries, (drawn) => {
      const [versions, minutes] = [new Map<string, number>(), new Map<string, number>()];
      const checkpoints: EntryTime[][] = [[]];
      for (const { stream, minute, cut } of drawn) {
        const version = (versions.get(stream) ?? 0) + 1;
        const own = Math.max(minute, minutes.get(stream) ?? 0);
        versions.set(stream, version);
        minutes.set(stream, own);
        checkpoints.at(-1)?.push(entry(stream, version, own));
        if (cut) checkpoints.push([]);
      }
      const times = timesAfter(...checkpoints);
      const walk = new EffectiveInstants();
      let newest = '';
      const last = new Map<string, string>();
      for (const each of checkpoints.flat()) {
        const { from } = walk.take(each);
        expect(countsFrom(times, each)).toBe(from);
        expect(from >= each.at && from >= (last.get(each.stream) ?? '')).toBe(true);
        // More than a quarter of an hour behind what was known then, nothing counts.
        expect(Date.parse(newest || from) - Date.parse(from)).toBeLessThanOrEqual(15 * 60_000);
        newest = newest > each.at ? newest : each.at;
        last.set(each.stream, from);
      }
    }),
    { seed: 11, numRuns: 500 },
  );
});
