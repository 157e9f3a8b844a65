import { lingeringOf } from './arrival.ts';
import { type FeatureState, findChange } from './state.ts';

/** Each as a person's fingerprint and a body. */
export const rollbackConfirmations = (state: FeatureState, n: number): readonly string[] =>
  lingeringOf(state, n)?.confirmed ?? findChange(state, n)?.confirmed ?? [];

export const rollbackWords = (
  state: FeatureState,
  n: number,
): { readonly revision: number; readonly digest: string } | undefined => lingeringOf(state, n) ?? findChange(state, n);
