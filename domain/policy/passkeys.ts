import type { PasskeyRule } from './schema.ts';

/** Whether a decision under a rule must come with a passkey of a person who has one (`enrolled`), or has none. */
export const mustUsePasskey = (rule: PasskeyRule, enrolled: boolean): boolean =>
  rule === 'required' || (rule === 'when-enrolled' && enrolled);

const STRICTNESS: readonly PasskeyRule[] = ['off', 'when-enrolled', 'required'];

/** Whichever of two rules asks for more. */
export const stricter = (one: PasskeyRule, other: PasskeyRule): PasskeyRule =>
  STRICTNESS.indexOf(one) > STRICTNESS.indexOf(other) ? one : other;
