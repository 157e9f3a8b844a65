import type { Requirement } from '../policy/schema.ts';
import type { ChangeStatus } from './state.ts';

/** An act that a change waits for: the decision of a requirement, or the second vote of a body on a veto. */
export interface AwaitedAct {
  readonly requirement: string;
  readonly asks: 'decide' | 'override';
}

/** What of a change says whose turn it is; `statusOf` returns undefined for a requirement that is not open yet. */
export interface AwaitingChange {
  readonly status: ChangeStatus;
  readonly veto: { readonly requirement: string } | null;
  readonly rules: readonly Requirement[];
  readonly statusOf: (requirement: string) => string | undefined;
}

/**
 * Returns the acts that an open change waits for, in the order of its rules; none once it is closed. Under a veto only the body
 * that may overturn it decides; advice is heard throughout, although it never counts.
 */
export const awaitedActs = ({ status, veto, rules, statusOf }: AwaitingChange): readonly AwaitedAct[] => {
  if (status !== 'pending' && status !== 'vetoed') return [];
  const overriding = rules.find(({ id }) => id === veto?.requirement)?.override?.requirement;
  return rules.flatMap(({ id, instrument }): readonly AwaitedAct[] => {
    if (veto !== null && id === overriding) return [{ requirement: id, asks: 'override' }];
    const decides = statusOf(id) === 'open' && (veto === null || instrument === 'advice');
    return decides ? [{ requirement: id, asks: 'decide' }] : [];
  });
};
