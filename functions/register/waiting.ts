import { awaitedActs } from '../../domain/feature/awaited.ts';
import {
  type ChangeState,
  counts,
  decidableUntil,
  type FeatureState,
  openChanges,
  requirementsOf,
} from '../../domain/feature/state.ts';

/** An open change and the bodies whose turn it is. */
export interface WaitingChange {
  readonly change: ChangeState;
  readonly bodies: readonly string[];
  /** The instant until which it can be decided; null without a window. */
  readonly until: string | null;
}

/** Returns the bodies whose turn it is. Advice is requested but never awaited. */
const bodiesOf = (state: FeatureState, change: ChangeState): readonly string[] => {
  const rules = requirementsOf(state, change);
  const statusOf = (id: string) => change.requirements[id]?.status;
  const awaited = new Set(awaitedActs({ ...change, rules, statusOf }).map(({ requirement }) => requirement));
  return [...new Set(rules.filter((rule) => counts(rule) && awaited.has(rule.id)).map(({ body }) => body))];
};

/** Returns the open changes of a feature, each with the bodies it waits for. `state`: at an instant, with what time alone has done. */
export const waitingIn = (state: FeatureState): readonly WaitingChange[] =>
  openChanges(state).map((change) => ({
    change,
    bodies: bodiesOf(state, change),
    until: decidableUntil(change),
  }));
