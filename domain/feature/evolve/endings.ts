import type { EventOf } from '../events.ts';
import { prune } from '../room.ts';
import type { ChangeState, FeatureState, Outdating, RequirementState } from '../state.ts';
import { findChange, isOpen } from '../state.ts';
import { openAll, rememberAct, update, updateRequirement } from './edit.ts';

/** As many closed changes that could not be held back are kept apart; the two oldest beyond that count as one. */
const OUTDATING_MAX = 3;

/**
 * Adds words that could not be held back. Earlier ones that do not make anything untrue sooner add nothing and are dropped, so what
 * is left is in the order of arrival and of time.
 */
const withOutdating = (known: readonly Outdating[], added: Outdating): Outdating[] => {
  if (known.some(({ arrival, from }) => arrival >= added.arrival && from <= added.from)) return [...known];
  const kept = known.filter(({ arrival, from }) => arrival > added.arrival || from < added.from);
  const all = [...kept, added].sort((one, other) => one.arrival - other.arrival);
  const [first, second, ...rest] = all;
  if (all.length <= OUTDATING_MAX || first === undefined || second === undefined) return all;
  return [{ arrival: second.arrival, from: first.from }, ...rest];
};

/** The words that still count once those that arrived as number `arrival` are approved: the later ones. */
const outdatingAfter = (known: readonly Outdating[], arrival: number): Outdating[] =>
  known.filter((each) => each.arrival > arrival);

/**
 * Ends a change. One that could not be held back goes on making earlier words untrue, unless its vendor withdrew it or it is the one
 * that was approved.
 */
export const close = (state: FeatureState, n: number, status: ChangeState['status'], at: string): FeatureState => {
  const change = findChange(state, n);
  if (change === undefined || !isOpen(change)) throw new Error(`broken invariant: change ${n} is not open`);
  const stale = status === 'withdrawn' || status === 'approved' ? null : change.stale;
  const closed: ChangeState = { ...change, status, stale, veto: null, confirmation: null };
  const changes = [...state.changes.filter((known) => known !== change), closed];
  if (stale === null) return prune({ ...state, changes }, at);
  const list = change.maintenance ? 'maintained' : 'stale';
  return prune({ ...state, changes, [list]: withOutdating(state[list], { arrival: change.arrival, from: stale }) }, at);
};

/**
 * An approval: it stands, replaces the one before, and ends what words that arrived earlier had made untrue or removed, those of open
 * changes too. Words that arrived later and cannot be held back still make it untrue.
 */
export const approve = (state: FeatureState, event: EventOf<'ChangeApproved'>): FeatureState => {
  const { at, terms, validUntil, change: n } = event;
  const before =
    event.replaces === null
      ? state
      : update(state, event.replaces, (known) => ({ ...known, status: 'replaced', approved: null }));
  const arrival = findChange(state, n)?.arrival ?? 0;
  const cleared: FeatureState = {
    ...before,
    changes: before.changes.map((change) => (change.arrival < arrival ? { ...change, stale: null } : change)),
    standing: n,
    stale: outdatingAfter(before.stale, arrival),
    maintained: outdatingAfter(before.maintained, arrival),
    removal: before.removal !== null && before.removal.arrival <= arrival ? null : before.removal,
  };
  return update(close(cleared, n, 'approved', at), n, (change) => ({ ...change, approved: { at, validUntil, terms } }));
};

/** Maintenance that somebody contests: from then on it counts as a change, whether it is still open or not. */
export const contested = (state: FeatureState, event: EventOf<'MaintenanceContested'>): FeatureState => {
  const change = findChange(state, event.change);
  if (change === undefined) throw new Error(`broken invariant: change ${event.change} is gone`);
  const stale = change.stale === null || change.stale > event.at ? change.stale : event.at;
  const noted = update(state, event.change, (known) => ({ ...rememberAct(known, event.act), maintenance: false, stale }));
  if (isOpen(change) || stale === null) return noted;
  return { ...noted, stale: withOutdating(noted.stale, { arrival: change.arrival, from: stale }) };
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
    confirmation: null,
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

/** Returns the requirements with the clocks of the open ones set on by as long as they stood still. */
export const resumeAll = (requirements: ChangeState['requirements'], from: string, to: string): ChangeState['requirements'] =>
  mapValues(requirements, (requirement) => resume(requirement, from, to));

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
