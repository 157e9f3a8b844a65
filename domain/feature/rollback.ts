import { lingeringOf } from './arrival.ts';
import { type FeatureState, findChange } from './state.ts';

/** Returns the confirmations so far of the rollback of a change, each as a person's fingerprint and a body. */
export const rollbackConfirmations = (state: FeatureState, n: number): readonly string[] =>
  lingeringOf(state, n)?.confirmed ?? findChange(state, n)?.confirmed ?? [];

/** Returns the words whose rollback can be confirmed: of a closed change those that count on, else its newest. */
export const rollbackWords = (
  state: FeatureState,
  n: number,
): { readonly revision: number; readonly digest: string } | undefined => lingeringOf(state, n) ?? findChange(state, n);
