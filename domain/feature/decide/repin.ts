import type { DecisionContext } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import { evolve } from '../evolve.ts';
import { unpackImpact } from '../notice.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { findChange, openChanges } from '../state.ts';
import { fitsBudget } from '../stateBudget.ts';
import { pin } from './pin.ts';

/**
 * Returns no pin when no policy is adopted, or when the decisions that the new rule requires do not fit beside the other open
 * changes.
 */
const pinning = (state: FeatureState, change: ChangeState, context: DecisionContext): readonly FeatureEvent[] => {
  const { kind, version, documents } = change;
  const wording = { key: state.key ?? '', kind, impact: unpackImpact(change.impact), documents, version };
  const pinned = pin(wording, change.since, context);
  const others = { ...state, changes: state.changes.filter((other) => other !== change) };
  if (pinned === null || !fitsBudget(others, wording, pinned, context)) return [];
  return [
    {
      type: 'PolicyPinned',
      v: 1,
      at: context.at,
      change: change.number,
      revision: change.revision,
      pinned,
      voids: change.pin !== null,
    },
  ];
};

/** Binds changes one after the other: space that one reserves is not available to the next. */
const bindEach = (state: FeatureState, changes: readonly ChangeState[], context: DecisionContext): readonly FeatureEvent[] => {
  const events: FeatureEvent[] = [];
  let current = state;
  for (const { number: n } of changes) {
    const change = findChange(current, n);
    const bound = change === undefined ? [] : pinning(current, change, context);
    events.push(...bound);
    current = bound.reduce(evolve, current);
  }
  return events;
};

/** Binds open changes that arrived before any policy was adopted to the one in force. */
export const pinUnpinned = (state: FeatureState, context: DecisionContext): readonly FeatureEvent[] =>
  bindEach(
    state,
    openChanges(state).filter(({ pin: bound }) => bound === null),
    context,
  );

/** Binds every open change to the policy in force, voiding decisions made under another. */
export const repin = (state: FeatureState, context: DecisionContext): readonly FeatureEvent[] =>
  bindEach(
    state,
    openChanges(state).filter(({ pin: bound }) => bound?.startsWith(`${context.policy?.number ?? 0}/`) !== true),
    context,
  );
