import { type Evaluation, mayBeOn, type Variant } from '../../../../../domain/feature/evaluate.ts';
import { isDrift } from '../../../../../domain/observation/drift.ts';
import type { Seen } from './item.ts';

/** Variants of an approval that has ended. */
const ENDED: readonly Variant[] = ['revoked', 'expired', 'outdated', 'removed'];

/** The facts about one key. */
export interface Known {
  readonly evaluation: Evaluation;
  readonly seen: Seen | null;
  /** Since when the evaluation is what it is, as far as the record shows. */
  readonly since: string | null;
  /** True if its own approval stands and an ancestor's approval has ended. */
  readonly lostAncestor: boolean;
}

/** The task for a key, if any. */
export type TaskVerdict = 'off-urgent' | 'off' | 'on' | 'settled' | 'none';

/**
 * Compares the evaluation with the observation. A key seen on that may not be on is drift, for whatever reason. An approval that ended must
 * be switched off until it was seen off afterwards. A key that may be on is to be switched on until it was seen on. A key that was never
 * approved and never seen on gives no task.
 */
export const judge = ({ evaluation, seen, since, lostAncestor }: Known): TaskVerdict => {
  if (isDrift(seen?.on === true, evaluation.variant)) return 'off-urgent';
  if (mayBeOn(evaluation.variant)) return seen?.on === true ? 'settled' : 'on';
  const ended = ENDED.includes(evaluation.variant) || (evaluation.variant === 'blocked' && lostAncestor);
  if (!ended) return seen === null ? 'none' : 'settled';
  const seenOffSince = seen !== null && (since === null || seen.observedAt >= since);
  return seenOffSince ? 'settled' : 'off';
};
