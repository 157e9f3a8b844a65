import type { EventOf } from '../events.ts';
import { prune } from '../room.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { findChange, isOpen } from '../state.ts';
import { openAll, update, updateRequirement } from './edit.ts';

/** Ends a change. One that could not be held back goes on making the approved words untrue, unless its vendor withdrew it. */
export const close = (state: FeatureState, n: number, status: ChangeState['status'], at: string): FeatureState => {
  const change = findChange(state, n);
  if (change === undefined || !isOpen(change)) throw new Error(`broken invariant: change ${n} is not open`);
  const mark = status === 'withdrawn' || status === 'approved' ? null : change.stale;
  const stale =
    mark === null
      ? state.stale
      : {
          change: Math.max(n, state.stale?.change ?? 0),
          from: state.stale !== null && state.stale.from < mark ? state.stale.from : mark,
        };
  return prune({ ...update(state, n, (known) => ({ ...known, status, stale: null, veto: null })), stale }, at);
};

/** An approval: it stands, replaces the one before, and ends what earlier changes had made untrue or removed. */
export const approve = (state: FeatureState, event: EventOf<'ChangeApproved'>): FeatureState => {
  const { at, terms, validUntil, change: n } = event;
  const before =
    event.replaces === null
      ? state
      : update(state, event.replaces, (known) => ({ ...known, status: 'replaced', approved: null }));
  const cleared: FeatureState = {
    ...before,
    standing: n,
    stale: before.stale !== null && before.stale.change <= n ? null : before.stale,
    removal: before.removal !== null && before.removal.change <= n ? null : before.removal,
  };
  return update(close(cleared, n, 'approved', at), n, (change) => ({ ...change, approved: { at, validUntil, terms } }));
};

/** A requirement is satisfied, and others may open. */
export const satisfied = (
  state: FeatureState,
  event: EventOf<'RequirementMet'> | EventOf<'VetoOverridden'>,
  status: 'met' | 'overridden',
): FeatureState =>
  update(
    updateRequirement(state, event.change, event.requirement, (requirement) => ({ ...requirement, status })),
    event.change,
    (change) => ({
      ...change,
      reqs: openAll(change.reqs, event.opens),
    }),
  );

/** A refusal that can still be overturned. */
export const vetoed = (state: FeatureState, event: EventOf<'ChangeVetoed'>): FeatureState =>
  update(
    updateRequirement(state, event.change, event.requirement, (requirement) => ({ ...requirement, status: 'refused' })),
    event.change,
    (change) => ({ ...change, status: 'vetoed', veto: { requirement: event.requirement, at: event.at, until: event.until } }),
  );

/** A refusal for good. */
export const refused = (state: FeatureState, event: EventOf<'ChangeRefused'>): FeatureState => {
  const known = findChange(state, event.change)?.reqs[event.requirement];
  const marked =
    known === undefined
      ? state
      : updateRequirement(state, event.change, event.requirement, (requirement) => ({ ...requirement, status: 'refused' }));
  return close(marked, event.change, 'refused', event.at);
};
