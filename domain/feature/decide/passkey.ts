import { assertionFault, challengeOf } from '../../kernel/assertion.ts';
import { accept, reject } from '../../kernel/decider.ts';
import { mustUsePasskey } from '../../policy/passkeys.ts';
import type { PasskeyRule, Policy } from '../../policy/schema.ts';
import type { FeatureCommand } from '../commands.ts';
import { decisionInEvent, isDecision } from '../decisionToSign.ts';
import type { FeatureEvent } from '../events.ts';
import { type FeatureState, findChange } from '../state.ts';
import type { Decided } from './guard.ts';

/** Returns the passkey rule pinned in the change, or if the pin has none that of the policy in force. */
export const passkeyRule = (state: FeatureState, n: number, inForce: Policy | undefined): PasskeyRule => {
  const pin = findChange(state, n)?.pin ?? null;
  const pinned = pin === null ? undefined : state.pins[pin]?.passkeys;
  return pinned ?? inForce?.passkeys ?? 'off';
};

/**
 * Checks the passkey under a decision that passes all other checks: it must prove this exact event, and be there where the policy
 * requires it. Acts that switch off never wait for a key.
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
