import { expect, test } from 'vitest';
import { ascending, earliest, soonest } from '../../../domain/kernel/order.ts';

const [MARCH, MAY] = ['2026-03-01T00:00:00.000Z', '2026-05-01T00:00:00.000Z'];

test('the earliest instant that is set', () => {
  expect(earliest(MAY, null, MARCH)).toBe(MARCH);
  expect(earliest(MARCH, null, MAY)).toBe(MARCH);
  expect(earliest(null, MAY)).toBe(MAY);
  expect(earliest(null, null)).toBeNull();
  expect(earliest()).toBeNull();
});

test('what has no end comes last, whatever stands before it', () => {
  expect([null, MAY, null, MARCH].toSorted(soonest)).toStrictEqual([MARCH, MAY, null, null]);
});

test('texts are ordered by code units, not as any language has them', () => {
  expect(['b', 'a', 'É', 'Z', 'a'].toSorted(ascending)).toStrictEqual(['Z', 'a', 'a', 'b', 'É']);
  expect([ascending('a', 'b'), ascending('b', 'a'), ascending('a', 'a')]).toStrictEqual([-1, 1, 0]);
});
