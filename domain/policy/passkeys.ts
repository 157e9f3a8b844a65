import type { PasskeyRule } from './schema.ts';

/** Reports whether a decision under a rule must carry a passkey of a person who is enrolled (`enrolled`) or is not. */
export const mustUsePasskey = (rule: PasskeyRule, enrolled: boolean): boolean =>
  rule === 'required' || (rule === 'when-enrolled' && enrolled);

const STRICTNESS: readonly PasskeyRule[] = ['off', 'when-enrolled', 'required'];

export const stricter = (one: PasskeyRule, other: PasskeyRule): PasskeyRule =>
  STRICTNESS.indexOf(one) > STRICTNESS.indexOf(other) ? one : other;
