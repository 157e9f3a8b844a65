import { type Evaluation, mayBeOn, type Variant } from '../../../../../domain/feature/evaluate.ts';
import { isDrift } from '../../../../../domain/observation/drift.ts';
import type { Seen } from './item.ts';

/** Off because an approval that was in force is so no longer. */
const ENDED: readonly Variant[] = ['revoked', 'expired', 'outdated', 'removed'];

/** What is known of one key: what holds, since when, and whether what ended was ever on. */
export interface Known {
  readonly evaluation: Evaluation;
  readonly seen: Seen | null;
  /** Since when the evaluation is what it is, as far as the record tells. */
  readonly since: string | null;
  /** Its own approval stands, and an ancestor's that was in force ended. */
  readonly lostAncestor: boolean;
}

/** What is to be done about a key: nothing when it was seen as it should be. */
export type Verdict = 'off-urgent' | 'off' | 'on' | 'settled' | 'none';

/**
 * Compares what holds with what was seen. Seen on and not allowed is drift, whatever the reason. What was allowed and is no longer
 * goes off until it was seen off after that. What may be on goes on until it was seen on. What was never allowed, and never seen on, is no work.
 */
export const judge = ({ evaluation, seen, since, lostAncestor }: Known): Verdict => {
  if (isDrift(seen?.on === true, evaluation.variant)) return 'off-urgent';
  if (mayBeOn(evaluation.variant)) return seen?.on === true ? 'settled' : 'on';
  const ended = ENDED.includes(evaluation.variant) || (evaluation.variant === 'blocked' && lostAncestor);
  if (!ended) return seen === null ? 'none' : 'settled';
  const seenOffSince = seen !== null && (since === null || seen.observedAt >= since);
  return seenOffSince ? 'settled' : 'off';
};
