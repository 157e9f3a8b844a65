import * as z from 'zod';
import type { PinnedRequirement, Requirement, Threshold } from './schema.ts';

/** Absent and excused seats did not take part; recused seats stepped aside; a vacant seat has no holder. */
export const Vote = z.enum(['yes', 'no', 'abstain', 'absent', 'excused', 'recused', 'vacant']);
export type Vote = z.infer<typeof Vote>;

/** `present`: those who took part (yes, no, abstain); `recused` are counted separately. */
interface Count {
  readonly seats: number;
  readonly filled: number;
  readonly present: number;
  readonly recused: number;
}

/**
 * Returns the denominator. `seats`: every seat, vacant or not. `filled`: seats with a holder. `present`: those who voted or abstained, and
 * the recused, who attended. With `recused: excluded` a recused seat is subtracted from any of the three.
 */
export const denominatorOf = ({ of, recused }: Threshold, count: Count): number => {
  const counted = of === 'seats' ? count.seats : of === 'filled' ? count.filled : count.present + count.recused;
  return recused === 'excluded' ? counted - count.recused : counted;
};

/**
 * Returns the yes votes needed, at least 1. Majority: more than half of the denominator. Two-thirds: rounded up. Unanimous: the whole, so
 * an abstention prevents it. A number: that number, never clamped.
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

export interface JudgedRollCall {
  readonly outcome: 'met' | 'below' | 'no-quorum';
  readonly yes: number;
  readonly no: number;
  /** Seats that count towards the quorum: yes, no and abstain, and the recused unless the policy excludes them. */
  readonly present: number;
  readonly denominator: number;
  readonly needed: number;
}

/**
 * Judges a roll call, which names each of `seats` exactly once. A missed quorum is decided before the threshold: a vote at that meeting
 * has no effect. `yesOverride`: the yes votes that overturn a veto, in place of the threshold.
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
  const all = Math.max(seats.length, requirement.seats ?? seats.length);
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

export interface Ballot {
  readonly seat: string;
  readonly decision: 'approve' | 'refuse' | 'abstain';
}

interface BallotBox {
  readonly seats: readonly string[];
  readonly filled: readonly string[];
  readonly ballots: readonly Ballot[];
}

interface JudgedBallots {
  readonly outcome: 'open' | 'met' | 'refused';
  readonly yes: number;
  readonly no: number;
  readonly abstain: number;
  readonly denominator: number;
  readonly needed: number;
}

/**
 * Judges ballots as they arrive. Refused means that no later ballot could change it: for a threshold of `seats`, even if every seat,
 * including vacant ones, still voted yes; for one of `filled`, if everyone now in office did. A threshold that was out of reach before the
 * first no stays open. A seat that voted counts as filled permanently. Silence never counts.
 */
export const judgeBallots = (requirement: PinnedRequirement, box: BallotBox): JudgedBallots => {
  const threshold = thresholdOf(requirement);
  const cast = new Map(box.ballots.toReversed().map(({ seat, decision }) => [seat, decision]));
  const seats = new Set([...box.seats, ...cast.keys()]);
  const filled = new Set([...box.filled.filter((seat) => seats.has(seat)), ...cast.keys()]);
  const of = (wanted: Ballot['decision']): number => [...cast.values()].filter((decision) => decision === wanted).length;

  const count = {
    seats: Math.max(seats.size, requirement.seats ?? seats.size),
    filled: filled.size,
    present: cast.size,
    recused: 0,
  };
  const [yes, no, abstain] = [of('approve'), of('refuse'), of('abstain')];
  const enough = needed(threshold, count);
  const quorum = requirement.quorum ?? 0;
  const yesAtMost = (voters: number): number => voters - no - abstain;
  const pool = threshold.of === 'filled' && filled.size >= enough ? filled.size : seats.size;

  const outcome =
    yes >= enough && cast.size >= quorum ? 'met' : yesAtMost(pool) < enough && seats.size >= enough ? 'refused' : 'open';
  return { outcome, yes, no, abstain, denominator: denominatorOf(threshold, count), needed: enough };
};
