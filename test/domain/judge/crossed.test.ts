import { expect, test } from 'vitest';
import { GRAFTED, graftedIn } from './grafted.ts';

// What one history allows, written into every other of the same instant: the judge lets stand what the gate decides there, and
// nothing else. ALDERGATE_PROPERTY_RUNS makes them more.
const HISTORIES_MAX = process.env.ALDERGATE_PROPERTY_RUNS === undefined ? 40 : 90;

test.each(Object.entries(GRAFTED))('an act of one history stands in another where the gate decides the same: %s', (_, world) => {
  const { count, stood, wrong } = graftedIn(world, HISTORIES_MAX);
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(250);
  expect(stood).toBeGreaterThan(50);
});
