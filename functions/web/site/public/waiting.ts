import { advance } from '../../../../domain/feature/due.ts';
import {
  type ChangeState,
  counts,
  decidableUntil,
  type FeatureState,
  openChanges,
  requirementsOf,
} from '../../../../domain/feature/state.ts';

/** An open change and the bodies whose turn it is. */
export interface Waiting {
  readonly change: ChangeState;
  readonly bodies: readonly string[];
  /** Until when it can be decided; null without a window. */
  readonly until: string | null;
}

const bodiesOf = (state: FeatureState, change: ChangeState): readonly string[] => {
  const requirements = requirementsOf(state, change);
  const overriding = requirements.find(({ id }) => id === change.veto?.requirement)?.override?.requirement;
  const due = requirements.filter((requirement) =>
    change.veto === null ? counts(requirement) && change.reqs[requirement.id]?.status === 'open' : requirement.id === overriding,
  );
  return [...new Set(due.map(({ body }) => body))];
};

/** The open changes of a feature at an instant, with whom each waits for. */
export const waitingIn = (state: FeatureState, now: string): readonly Waiting[] => {
  const current = advance(state, now);
  return openChanges(current).map((change) => ({
    change,
    bodies: bodiesOf(current, change),
    until: decidableUntil(change),
  }));
};
