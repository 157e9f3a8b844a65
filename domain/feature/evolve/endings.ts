import type { EventOf } from '../events.ts';
import { prune } from '../room.ts';
import type { ChangeState, FeatureState, RequirementState } from '../state.ts';
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
  const closed: ChangeState = { ...change, status, stale: null, veto: null };
  return prune({ ...state, changes: [...state.changes.filter((known) => known !== change), closed], stale }, at);
};

/**
 * An approval: it stands, replaces the one before, and ends what earlier changes had made untrue or removed, open ones too: its
 * words came after theirs. A later change that cannot be held back still makes them untrue.
 */
export const approve = (state: FeatureState, event: EventOf<'ChangeApproved'>): FeatureState => {
  const { at, terms, validUntil, change: n } = event;
  const before =
    event.replaces === null
      ? state
      : update(state, event.replaces, (known) => ({ ...known, status: 'replaced', approved: null }));
  const cleared: FeatureState = {
    ...before,
    changes: before.changes.map((change) => (change.number < n ? { ...change, stale: null } : change)),
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
      requirements: openAll(change.requirements, event.opens),
    }),
  );

/** A refusal that can still be overturned. */
export const vetoed = (state: FeatureState, event: EventOf<'ChangeVetoed'>): FeatureState =>
  update(
    updateRequirement(state, event.change, event.requirement, (requirement) => ({ ...requirement, status: 'refused' })),
    event.change,
    (change) => ({ ...change, status: 'vetoed', veto: { requirement: event.requirement, at: event.at, until: event.until } }),
  );

/** A veto is overturned: the change is pending again, and no clock of it ran while nobody but the overriding body could act. */
export const overridden = (state: FeatureState, event: EventOf<'VetoOverridden'>): FeatureState => {
  const veto = findChange(state, event.change)?.veto ?? null;
  const resumed = update(state, event.change, (change) => ({
    ...change,
    status: 'pending',
    veto: null,
    closesAt: event.closesAt,
    requirements:
      veto === null
        ? change.requirements
        : mapValues(change.requirements, (requirement) => resume(requirement, veto.at, event.at)),
  }));
  return satisfied(resumed, event, 'overridden');
};

const mapValues = <T>(record: Readonly<Record<string, T>>, map: (value: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));

const resume = (requirement: RequirementState, from: string, to: string): RequirementState =>
  requirement.status === 'open'
    ? {
        ...requirement,
        deadlineAt: extended(requirement.deadlineAt, from, to),
        overrideUntil: extended(requirement.overrideUntil, from, to),
      }
    : requirement;

/** A clock that stood still from one instant to another: it ends later by as much. */
export const extended = (end: string | null, from: string, to: string): string | null =>
  end === null ? null : new Date(Date.parse(end) + Date.parse(to) - Date.parse(from)).toISOString();

/** A refusal for good. */
export const changeRefused = (state: FeatureState, event: EventOf<'ChangeRefused'>): FeatureState => {
  const known = findChange(state, event.change)?.requirements[event.requirement];
  const marked =
    known === undefined
      ? state
      : updateRequirement(state, event.change, event.requirement, (requirement) => ({ ...requirement, status: 'refused' }));
  return close(marked, event.change, 'refused', event.at);
};
