import type { DecisionContext } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import { unpackImpact } from '../impact.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { openChanges } from '../state.ts';
import { pin, roomOf } from './pin.ts';

const pinning = (
  state: FeatureState,
  change: ChangeState,
  voids: boolean,
  context: DecisionContext,
): FeatureEvent | undefined => {
  const { kind, version, documents } = change;
  const pinned = pin(
    { key: state.key ?? '', kind, impact: unpackImpact(change.impact), documents, version },
    change.since,
    context,
  );
  if (pinned === null) return undefined;
  return {
    type: 'PolicyPinned',
    v: 1,
    at: context.at,
    change: change.n,
    revision: change.rev,
    pinned,
    voids,
    room: roomOf(pinned, { version, documents }, context),
  };
};

/** Binds open changes that arrived before any policy was adopted to the one in force now. */
export const pinUnpinned = (state: FeatureState, context: DecisionContext): readonly FeatureEvent[] =>
  openChanges(state).flatMap((change) => (change.pin === null ? (pinning(state, change, false, context) ?? []) : []));

/** Binds every open change to the policy in force, voiding what was decided under another one. */
export const repin = (state: FeatureState, context: DecisionContext): readonly FeatureEvent[] =>
  openChanges(state).flatMap((change) =>
    change.pin?.startsWith(`${context.policy?.number ?? 0}/`) === true
      ? []
      : (pinning(state, change, change.pin !== null, context) ?? []),
  );
