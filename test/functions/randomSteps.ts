import * as fc from 'fast-check';
import { findChange } from '../../domain/feature/state.ts';
import { NO_TERMS } from '../../domain/feature/terms.ts';
import { featureAggregate } from '../../functions/gate/aggregates.ts';
import { load } from '../../functions/platform/store/load.ts';
import { type Gate, NOON } from './openGate.ts';

const REMOVED_AT = '2026-06-01T00:00:00.000Z';

/** Keys that are prefixes of each other, and two that only look so. */
export const KEYS = ['acme', 'acme.lpr', 'acme.lpr.search', 'acme-two', 'other'] as const;

/** Instants before and after everything that time ends. */
export const TIMES = [
  NOON,
  '2026-03-20T00:00:00.000Z',
  REMOVED_AT,
  '2027-02-01T00:00:00.000Z',
  '2027-06-01T00:00:00.000Z',
] as const;

export type Op = 'notify' | 'approve' | 'audience' | 'withdraw' | 'revoke' | 'remove';
/** What is done to which feature, and at which of {@link TIMES} it is looked at. */
export const step = fc.record({
  key: fc.constantFrom(...KEYS),
  op: fc.constantFrom<Op>('notify', 'approve', 'approve', 'audience', 'withdraw', 'revoke', 'remove'),
  now: fc.nat(TIMES.length - 1),
});

/** Carries a step out; one that the rules refuse changes nothing. */
export const carryOut = async (gate: Gate, { key, op }: { readonly key: string; readonly op: Op }): Promise<void> => {
  const { state } = await load(gate.ports.store, featureAggregate, `feature/${key}`);
  const change = `${key}/${state.count}`;
  try {
    if (op === 'notify') await gate.notice({ feature: key });
    else if (op === 'remove') await gate.notice({ feature: key, kind: 'removal', effectiveAt: REMOVED_AT });
    else if (op === 'withdraw') await gate.withdraw(change);
    else if (op === 'revoke') await gate.revoke(change);
    else {
      const digest = findChange(state, state.count)?.digest ?? '';
      await gate.decide({ change, digest }, { terms: { ...NO_TERMS, audience: op === 'audience' ? ['police'] : null } });
    }
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('refused')) throw error;
  }
};
