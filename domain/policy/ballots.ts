import type { PinnedRequirement } from './schema.ts';
import { denominatorOf, needed, thresholdOf } from './threshold.ts';

/** One seat's ballot. */
export interface Ballot {
  readonly seat: string;
  readonly decision: 'approve' | 'refuse' | 'abstain';
}

/** A body and the ballots it has cast so far: all its seats, and those filled today. */
export interface BallotBox {
  readonly seats: readonly string[];
  readonly filled: readonly string[];
  readonly ballots: readonly Ballot[];
}

export interface JudgedBallots {
  readonly outcome: 'open' | 'met' | 'refused';
  readonly yes: number;
  readonly no: number;
  readonly abstain: number;
  readonly denominator: number;
  readonly needed: number;
  /**
   * False when those in office could not reach the threshold even if all who are left voted yes: it stays open and raises an
   * alarm.
   */
  readonly reachable: boolean;
}

/**
 * Judges ballots as they arrive: met or refused once that is arithmetically certain, otherwise open. Refused means that no later
 * ballot could change it: for a threshold of `seats` even if every seat, vacant ones included, still voted yes; for one of
 * `filled` if everybody now in office did. A threshold that was out of reach before the first no is not a refusal: it stays open
 * and is not `reachable` (vacancies can be filled; otherwise a lapse ends it). An abstention is not a yes. A seat that voted
 * counts as filled permanently, so a ballot stays valid after its holder leaves. Silence never counts as anything.
 */
export const judgeBallots = (requirement: PinnedRequirement, box: BallotBox): JudgedBallots => {
  const threshold = thresholdOf(requirement);
  const cast = new Map(box.ballots.toReversed().map(({ seat, decision }) => [seat, decision]));
  const seats = new Set([...box.seats, ...cast.keys()]);
  const filled = new Set([...box.filled.filter((seat) => seats.has(seat)), ...cast.keys()]);
  const of = (wanted: Ballot['decision']): number => [...cast.values()].filter((decision) => decision === wanted).length;

  const count = { seats: Math.max(seats.size, requirement.seats ?? 0), filled: filled.size, present: cast.size, recused: 0 };
  const [yes, no, abstain] = [of('approve'), of('refuse'), of('abstain')];
  const enough = needed(threshold, count);
  const quorum = requirement.quorum ?? 0;
  const yesAtMost = (voters: number): number => voters - no - abstain;
  const pool = threshold.of === 'filled' && filled.size >= enough ? filled.size : seats.size;

  const outcome =
    yes >= enough && cast.size >= quorum ? 'met' : yesAtMost(pool) < enough && seats.size >= enough ? 'refused' : 'open';
  const reachable = yesAtMost(filled.size) >= enough && filled.size >= quorum;
  return { outcome, yes, no, abstain, denominator: denominatorOf(threshold, count), needed: enough, reachable };
};
