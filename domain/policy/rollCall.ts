import type { PinnedRequirement } from './schema.ts';
import { type Count, denominatorOf, needed, thresholdOf, type Vote } from './threshold.ts';

/** A judged roll call: the outcome and every figure it rests on, as stored in the event. */
export interface JudgedRollCall {
  readonly outcome: 'met' | 'below' | 'no-quorum';
  readonly yes: number;
  readonly no: number;
  /** Seats that make the quorum: yes, no and abstain, and the recused unless the policy excludes them. */
  readonly present: number;
  readonly denominator: number;
  readonly needed: number;
}

/**
 * Judges a roll call of a body. The roll must name exactly `seats`, each once; the caller refuses a form that does not, so
 * anything else throws. A missed quorum is decided before the threshold: a vote at such a meeting has no effect. `yesOverride` is
 * the number of yes votes that overturns a veto; it replaces the threshold, and the quorum still applies.
 */
export const judgeRollCall = (
  requirement: PinnedRequirement,
  roll: Readonly<Record<string, Vote>>,
  seats: readonly string[],
  yesOverride?: number,
): JudgedRollCall => {
  const threshold = thresholdOf(requirement);
  const votes = seats.map((seat) => voteOf(roll, seat));
  if (Object.keys(roll).length !== votes.length)
    throw new Error(`broken invariant: the roll call of ${requirement.id} names other seats than its body has`);
  const of = (...wanted: readonly Vote[]): number => votes.filter((vote) => wanted.includes(vote)).length;

  const recused = of('recused');
  const all = Math.max(seats.length, requirement.seats ?? 0);
  const count: Count = { seats: all, filled: seats.length - of('vacant'), present: of('yes', 'no', 'abstain'), recused };
  const yes = of('yes');
  const present = threshold.recused === 'excluded' ? count.present : count.present + recused;
  const denominator = denominatorOf(threshold, count);
  const enough = yesOverride ?? needed(threshold, count);
  const outcome = present < (requirement.quorum ?? 0) ? 'no-quorum' : yes >= enough ? 'met' : 'below';
  return { outcome, yes, no: of('no'), present, denominator, needed: enough };
};

const voteOf = (roll: Readonly<Record<string, Vote>>, seat: string): Vote => {
  const vote = Object.hasOwn(roll, seat) ? roll[seat] : undefined;
  if (vote === undefined) throw new Error(`broken invariant: the roll call has no vote of seat ${seat}`);
  return vote;
};
