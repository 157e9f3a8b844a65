import * as z from 'zod';
import type { Requirement, Threshold } from './schema.ts';

/** Absent and excused seats did not take part; recused seats stepped aside; a vacant seat has no holder. */
export const Vote = z.enum(['yes', 'no', 'abstain', 'absent', 'excused', 'recused', 'vacant']);
export type Vote = z.infer<typeof Vote>;

/** `present`: those who took part (yes, no, abstain); `recused` are counted separately. */
export interface Count {
  readonly seats: number;
  readonly filled: number;
  readonly present: number;
  readonly recused: number;
}

/**
 * `seats`: every seat, vacant or not. `filled`: seats with a holder. `present`: those who voted or abstained, and the recused,
 * who were there. With `recused: excluded` a recused seat leaves whichever of the three it is in.
 */
export const denominatorOf = ({ of, recused }: Threshold, count: Count): number => {
  const counted = of === 'seats' ? count.seats : of === 'filled' ? count.filled : count.present + count.recused;
  return recused === 'excluded' ? counted - count.recused : counted;
};

/**
 * Majority: more than half of the denominator. Two-thirds: rounded up. Unanimous: the whole, so an abstention prevents it. A
 * number: that number; nothing is clamped. At least 1 always.
 */
export const needed = (threshold: Threshold, count: Count): number => {
  const denominator = denominatorOf(threshold, count);
  return Math.max(1, ofDenominator(threshold.yes, denominator));
};

const ofDenominator = (yes: Threshold['yes'], denominator: number): number => {
  switch (yes) {
    case 'majority':
      return Math.floor(denominator / 2) + 1;
    case 'two-thirds':
      return Math.ceil((2 * denominator) / 3);
    case 'unanimous':
      return denominator;
    default:
      return yes;
  }
};

export const thresholdOf = (requirement: Requirement): Threshold => {
  if (requirement.threshold === undefined) throw new Error(`broken invariant: requirement ${requirement.id} has no threshold`);
  return requirement.threshold;
};
