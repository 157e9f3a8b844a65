import { assertionFault, challengeOf } from '../../kernel/assertion.ts';
import { accept, reject } from '../../kernel/decider.ts';
import { mustUsePasskey } from '../../policy/passkeys.ts';
import type { PasskeyRule, Policy } from '../../policy/schema.ts';
import type { FeatureCommand } from '../commands.ts';
import { decisionInEvent, isDecision } from '../decisionToSign.ts';
import type { FeatureEvent } from '../events.ts';
import { type FeatureState, findChange } from '../state.ts';
import type { Decided } from './guard.ts';

/**
 * Returns the passkey rule of the policy pinned in the change. If the pin has none (its policy had none, or the pin predates
 * passkey rules), the policy in force applies.
 */
export const passkeyRule = (state: FeatureState, n: number, inForce: Policy | undefined): PasskeyRule => {
  const pin = findChange(state, n)?.pin ?? null;
  const pinned = pin === null ? undefined : state.pins[pin]?.passkeys;
  return pinned ?? inForce?.passkeys ?? 'off';
};

/**
 * Makes the final check on a decision that passes all others: its assertion, if any, must prove this exact event, and under a
 * policy that requires passkeys, or requires them of enrolled holders, there must be one. One act is enough to switch off: a
 * revocation never waits for a key.
 */
export const attested = (command: FeatureCommand, state: FeatureState, decided: Decided): Decided => {
  if (!decided.ok) return decided;
  const act = decided.events.find(isDecision);
  if (act === undefined) return decided;
  const assertion = 'assertion' in command ? command.assertion : undefined;
  if (assertion === undefined) {
    const inForce = command.policy?.policy;
    const rule = act.type === 'RollbackConfirmed' ? (inForce?.passkeys ?? 'off') : passkeyRule(state, act.change, inForce);
    const enrolled = 'enrolled' in command && command.enrolled === true;
    return mustUsePasskey(rule, enrolled)
      ? reject('passkey-required', 'the policy asks for a passkey, and this decision came without one')
      : decided;
  }
  const fault = assertionFault(assertion, challengeOf(decisionInEvent(state.key ?? '', act, assertion)), command.at);
  if (fault !== undefined) return reject('passkey-refused', `the passkey does not prove this decision: ${fault}`);
  return accept(...decided.events.map((event): FeatureEvent => (event === act ? { ...act, assertion } : event)));
};
