import { expect, test } from 'vitest';
import { GRAFTED, graftedIn } from './grafted.ts';

// What one history allows, written into every other of the same instant: the judge lets stand what the gate decides there, and nothing else.

test.each(Object.entries(GRAFTED))('an act of one history stands in another where the gate decides the same: %s', (_, world) => {
  const { count, stood, wrong } = graftedIn(world);
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(1000);
  expect(stood).toBeGreaterThan(100);
});
