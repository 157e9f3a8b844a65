import { describe, expect, test } from 'vitest';
import type { Threshold } from '../../../domain/policy/schema.ts';
import { denominatorOf, needed } from '../../../domain/policy/threshold.ts';

const full = { seats: 13, filled: 13, present: 13, recused: 0 };
const thin = { seats: 13, filled: 11, present: 8, recused: 2 };

const rows: readonly [Threshold, typeof full, number, number][] = [
  // threshold, count, denominator, yes needed
  [{ yes: 'majority', of: 'seats' }, full, 13, 7],
  [{ yes: 'two-thirds', of: 'seats' }, full, 13, 9],
  [{ yes: 'unanimous', of: 'seats' }, full, 13, 13],
  [{ yes: 9, of: 'seats' }, full, 13, 9],
  [{ yes: 'majority', of: 'seats' }, { ...full, seats: 12 }, 12, 7],
  [{ yes: 'two-thirds', of: 'seats' }, { ...full, seats: 12 }, 12, 8],
  [{ yes: 'majority', of: 'seats' }, { ...full, seats: 1 }, 1, 1],
  [{ yes: 'two-thirds', of: 'seats' }, { ...full, seats: 1 }, 1, 1],
  [{ yes: 'majority', of: 'seats' }, thin, 13, 7],
  [{ yes: 'majority', of: 'filled' }, thin, 11, 6],
  [{ yes: 'majority', of: 'present' }, thin, 10, 6],
  [{ yes: 'two-thirds', of: 'present' }, thin, 10, 7],
  [{ yes: 'unanimous', of: 'present' }, thin, 10, 10],
  [{ yes: 'majority', of: 'seats', recused: 'excluded' }, thin, 11, 6],
  [{ yes: 'majority', of: 'filled', recused: 'excluded' }, thin, 9, 5],
  [{ yes: 'majority', of: 'present', recused: 'excluded' }, thin, 8, 5],
  [{ yes: 'unanimous', of: 'present', recused: 'excluded' }, thin, 8, 8],
  [{ yes: 14, of: 'seats' }, full, 13, 14],
  [{ yes: 9, of: 'present' }, { ...thin, present: 3 }, 5, 9],
  [{ yes: 'majority', of: 'present' }, { seats: 13, filled: 13, present: 0, recused: 0 }, 0, 1],
  [{ yes: 'two-thirds', of: 'present' }, { seats: 13, filled: 13, present: 0, recused: 0 }, 0, 1],
  [{ yes: 'unanimous', of: 'filled' }, { seats: 13, filled: 0, present: 0, recused: 0 }, 0, 1],
];

describe('the yes votes a threshold asks for', () => {
  test.each(rows)('%j of %j: denominator %i, needed %i', (threshold, count, denominator, votes) => {
    expect(denominatorOf(threshold, count)).toBe(denominator);
    expect(needed(threshold, count)).toBe(votes);
  });

  test('a majority is more than half and two thirds are two thirds, whatever the size', () => {
    for (let seats = 1; seats <= 200; seats += 1) {
      const count = { seats, filled: seats, present: seats, recused: 0 };
      const majority = needed({ yes: 'majority', of: 'seats' }, count);
      expect(majority * 2 > seats && (majority - 1) * 2 <= seats).toBe(true);
      const twoThirds = needed({ yes: 'two-thirds', of: 'seats' }, count);
      expect(twoThirds * 3 >= seats * 2 && (twoThirds - 1) * 3 < seats * 2).toBe(true);
    }
  });
});
