import type { Requirement, Threshold } from '../policy/schema.ts';
import { must } from './verdict.ts';

/** What a body was at a vote: its seats, those with a holder, those that took part (yes, no, abstain), those that stepped aside. */
export interface Strength {
  readonly seats: number;
  readonly filled: number;
  readonly present: number;
  readonly recused: number;
}

/** The number that a threshold is a share of. Stepping aside makes it smaller only where the policy says so. */
export const denominator = ({ of, recused }: Threshold, strength: Strength): number => {
  const whole = { seats: strength.seats, filled: strength.filled, present: strength.present + strength.recused }[of];
  return recused === 'excluded' ? whole - strength.recused : whole;
};

/** The fewest yes votes that pass: never fewer than one, and never lowered to who happens to be there. */
export const votesNeeded = (threshold: Threshold, strength: Strength): number => {
  const { yes } = threshold;
  if (typeof yes === 'number') return Math.max(1, yes);
  const of = denominator(threshold, strength);
  // More than half: twice the votes exceed the whole. Two thirds: three times the votes reach twice the whole.
  const share = { majority: Math.floor((of + 2) / 2), 'two-thirds': Math.floor((2 * of + 2) / 3), unanimous: of }[yes];
  return Math.max(1, share);
};

/** The threshold of a vote. A pinned rule without one approves nothing. */
export const thresholdOf = ({ threshold }: Requirement): Threshold => {
  must(threshold !== undefined, 'policy-invalid', 'a vote without a threshold');
  return threshold;
};

export type BallotDecision = 'approve' | 'refuse' | 'abstain';

/**
 * What ballots amount to once nothing that is still to come could change it. `seats`: of the body; `filled`: those with a holder. A
 * seat that has voted counts as both. Not out of reach by a no, but by vacancies: that stays open, since vacancies can be filled.
 */
export const ballotsOutcome = (
  requirement: Requirement,
  seats: readonly string[],
  filled: readonly string[],
  cast: ReadonlyMap<string, BallotDecision>,
): 'open' | 'met' | 'refused' => {
  const all = new Set([...seats, ...cast.keys()]);
  const taken = new Set([...filled.filter((seat) => all.has(seat)), ...cast.keys()]);
  const threshold = thresholdOf(requirement);
  const needed = votesNeeded(threshold, { seats: all.size, filled: taken.size, present: cast.size, recused: 0 });
  const yes = [...cast.values()].filter((decision) => decision === 'approve').length;
  if (yes >= needed && cast.size >= (requirement.quorum ?? 0)) return 'met';
  const voters = threshold.of === 'filled' && taken.size >= needed ? taken.size : all.size;
  const lost = cast.size - yes;
  return voters - lost < needed && all.size >= needed ? 'refused' : 'open';
};
