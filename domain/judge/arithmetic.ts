import type { PinnedRequirement, Requirement, Threshold } from '../policy/schema.ts';
import { must } from './verdict.ts';

export interface Strength {
  readonly seats: number;
  readonly filled: number;
  readonly present: number;
  readonly recused: number;
}

export const denominator = ({ of, recused }: Threshold, strength: Strength): number => {
  const whole = { seats: strength.seats, filled: strength.filled, present: strength.present + strength.recused }[of];
  return recused === 'excluded' ? whole - strength.recused : whole;
};

/** Returns the fewest yes votes that pass: at least one, and never lowered to the number of those present. */
export const votesNeeded = (threshold: Threshold, strength: Strength): number => {
  const { yes } = threshold;
  if (typeof yes === 'number') return Math.max(1, yes);
  const of = denominator(threshold, strength);
  // More than half: twice the votes exceed the whole. Two thirds: three times the votes reach twice the whole.
  const share = { majority: Math.floor((of + 2) / 2), 'two-thirds': Math.floor((2 * of + 2) / 3), unanimous: of }[yes];
  return Math.max(1, share);
};

/** Never less than when the rule was pinned. */
export const sizeOf = ({ seats = 0 }: PinnedRequirement, now: number): number => (now > seats ? now : seats);

export const thresholdOf = ({ threshold }: Requirement): Threshold => {
  must(threshold !== undefined, 'policy-invalid', 'a vote without a threshold');
  return threshold;
};

export type BallotDecision = 'approve' | 'refuse' | 'abstain';

/**
 * Returns the outcome of ballots once no later ballot can change it. A seat that has voted counts as one and as filled. If
 * vacancies and not a no put the threshold out of reach, the vote stays open.
 */
export const ballotsOutcome = (
  requirement: PinnedRequirement,
  seats: readonly string[],
  filled: readonly string[],
  cast: ReadonlyMap<string, BallotDecision>,
): 'open' | 'met' | 'refused' => {
  const all = new Set([...seats, ...cast.keys()]);
  const taken = new Set([...filled.filter((seat) => all.has(seat)), ...cast.keys()]);
  const threshold = thresholdOf(requirement);
  const needed = votesNeeded(threshold, {
    seats: sizeOf(requirement, all.size),
    filled: taken.size,
    present: cast.size,
    recused: 0,
  });
  const yes = [...cast.values()].filter((decision) => decision === 'approve').length;
  if (yes >= needed && cast.size >= (requirement.quorum ?? 0)) return 'met';
  const voters = threshold.of === 'filled' && taken.size >= needed ? taken.size : all.size;
  const lost = cast.size - yes;
  return voters - lost < needed && all.size >= needed ? 'refused' : 'open';
};
