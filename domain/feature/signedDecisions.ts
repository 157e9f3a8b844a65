import { type Assertion, assertionFault, challengeOf } from '../kernel/assertion.ts';
import { passkeyRule } from './decide/passkey.ts';
import { type DecisionEvent, decisionInEvent, isDecision } from './decisionToSign.ts';
import type { FeatureEvent } from './events.ts';
import type { FeatureState } from './state.ts';

/**
 * `twice`: persons with two keys that were each the first, without a reset between: the gate lost its side store, or a key was added
 * without authority.
 */
export interface SignedCount {
  readonly decisions: number;
  readonly signed: number;
  readonly keys: number;
  readonly gates: readonly string[];
  readonly twice: readonly string[];
}

export const assertionProblem = (key: string, event: DecisionEvent & { readonly assertion: Assertion }): string | undefined => {
  const fault = assertionFault(event.assertion, challengeOf(decisionInEvent(key, event, event.assertion)), event.at);
  return fault === undefined ? undefined : `the passkey under ${event.type} of ${event.holder} does not prove it: ${fault}`;
};

interface KnownKey {
  readonly holder: string;
  readonly publicKey: string;
  readonly enrolled: Assertion['enrolled'];
}

/**
 * Verifies the passkeys of a log as its entries arrive, without trusting the gate: every signature over its whole decision; one key
 * behind one id, of one person; none missing where the pinned policy required one.
 */
export class SignedDecisions {
  #decisions = 0;
  #signed = 0;
  readonly #keys = new Map<string, KnownKey>();
  readonly #gates = new Set<string>();

  /** Throws with the reason for a failed check. */
  take(key: string, events: readonly FeatureEvent[], state: FeatureState): void {
    for (const event of events.filter(isDecision)) {
      this.#decisions += 1;
      const { assertion } = event;
      if (assertion !== undefined) this.#proven(key, event, assertion);
      else if (passkeyRule(state, event.change, undefined) === 'required')
        throw new Error(`${event.type} of ${event.holder} has no passkey, and its policy requires one`);
    }
  }

  get count(): SignedCount {
    const firsts = [...this.#keys.values()].filter(({ enrolled }) => enrolled.by === 'link').map(({ holder }) => holder);
    return {
      decisions: this.#decisions,
      signed: this.#signed,
      keys: this.#keys.size,
      gates: [...this.#gates].sort(),
      twice: [...new Set(firsts.filter((holder, index) => firsts.indexOf(holder) !== index))].sort(),
    };
  }

  #proven(key: string, event: DecisionEvent, assertion: Assertion): void {
    const problem = assertionProblem(key, { ...event, assertion }) ?? this.#keyProblem(event.holder, assertion);
    if (problem !== undefined) throw new Error(problem);
    const { credential, publicKey, enrolled, gate } = assertion;
    this.#signed += 1;
    this.#gates.add(gate);
    this.#keys.set(credential, { holder: event.holder, publicKey, enrolled });
  }

  #keyProblem(holder: string, { credential, publicKey, enrolled }: Assertion): string | undefined {
    const known = this.#keys.get(credential);
    if (known === undefined) return undefined;
    const same = known.holder === holder && known.publicKey === publicKey;
    const since = known.enrolled.at === enrolled.at && known.enrolled.by === enrolled.by;
    return same && since ? undefined : `the passkey ${credential} of ${holder} was another's before, or another key`;
  }
}
