import { expect, test } from 'vitest';
import { isYounger, readClocks } from '../../../functions/platform/age.ts';

test.each([
  ['both clocks run', 9, 9, true],
  ['both clocks reach the age', 10, 10, false],
  ['the monotonic clock stands still, as in a frozen function', 10, 0, false],
  ['the wall clock stands still', 0, 10, false],
  ['the wall clock is set back', -1, 0, false],
])('%s', (_, wall, monotonic, young) => {
  const asked = readClocks({ wallMs: () => 1_000, monotonicMs: () => 500 });
  expect(isYounger(asked, 10, { wallMs: () => 1_000 + wall, monotonicMs: () => 500 + monotonic })).toBe(young);
});
