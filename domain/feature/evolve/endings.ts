import type { EventOf } from '../events.ts';
import type { ChangeState, FeatureState, Outdating, RequirementState } from '../state.ts';
import { findChange, isOpen, notAfterOf } from '../state.ts';
import { prune } from '../stateBudget.ts';
import { openAll, rememberAct, update, updateRequirement } from './edit.ts';

/** Number of closed changes that could not be held back and are kept separately; beyond it the two oldest count as one. */
const OUTDATING_MAX = 3;

/**
 * Adds words that could not be held back. Earlier ones that make nothing untrue sooner add nothing and are dropped, so that the
 * rest is in order of arrival and of time.
 */
const withOutdating = (known: readonly Outdating[], added: Outdating): Outdating[] => {
  if (known.some(({ arrival, from }) => arrival >= added.arrival && from <= added.from)) return [...known];
  const kept = known.filter(({ arrival, from }) => arrival > added.arrival || from < added.from);
  const all = [...kept, added].sort((one, other) => one.arrival - other.arrival);
  const [first, second, ...rest] = all;
  if (all.length <= OUTDATING_MAX || first === undefined || second === undefined) return all;
  return [{ arrival: second.arrival, from: first.from }, ...rest];
};

/** Returns the words that still count once those that arrived as number `arrival` are approved: the later ones. */
const outdatingAfter = (known: readonly Outdating[], arrival: number): Outdating[] =>
  known.filter((each) => each.arrival > arrival);

/**
 * Ends a change. One that could not be held back still makes earlier words untrue, unless its vendor withdrew it or it is the
 * approved one.
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
 * Applies an approval: it replaces the previous one, and ends what words that arrived earlier had made untrue or removed, those
 * of open changes included. Words that arrived later and cannot be held back still make it untrue.
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

/** Applies a contest of maintenance: from then on the update counts as a change, whether it is still open or not. */
export const contested = (state: FeatureState, event: EventOf<'MaintenanceContested'>): FeatureState => {
  const change = findChange(state, event.change);
  if (change === undefined) throw new Error(`broken invariant: change ${event.change} is gone`);
  const stale = change.stale === null || change.stale > event.at ? change.stale : event.at;
  const noted = update(state, event.change, (known) => ({ ...rememberAct(known, event.act), maintenance: false, stale }));
  if (isOpen(change) || stale === null) return noted;
  return { ...noted, stale: withOutdating(noted.stale, { arrival: change.arrival, from: stale }) };
};

/** Satisfies a requirement, which can open others. */
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

/** Applies a refusal that can still be overturned. */
export const vetoed = (state: FeatureState, event: EventOf<'ChangeVetoed'>): FeatureState =>
  update(
    updateRequirement(state, event.change, event.requirement, (requirement) => ({ ...requirement, status: 'refused' })),
    event.change,
    (change) => ({ ...change, status: 'vetoed', veto: { requirement: event.requirement, at: event.at, until: event.until } }),
  );

/** Applies the naming of a meeting: the veto can be overturned until the end of that day, if it is later. */
export const meetingNamed = (
  state: FeatureState,
  { change: n, act, meetingDate, until }: EventOf<'MeetingNamed'>,
): FeatureState =>
  update(state, n, (change) => ({
    ...rememberAct(change, act),
    veto: change.veto && { ...change.veto, until, meeting: { date: meetingDate, notAfter: notAfterOf(change.veto) } },
  }));

/**
 * Applies a refusal that the office-holder took back: the requirement is open again. Its own deadline and the window ran on; the clocks of the
 * others, who could not act meanwhile, resume.
 */
export const takenBack = (state: FeatureState, event: EventOf<'VetoTakenBack'>): FeatureState => {
  const resumed = update(state, event.change, (change) => ({
    ...change,
    status: 'pending',
    veto: null,
    requirements: resumeAll(change.requirements, change.veto?.at ?? event.at, event.at),
  }));
  return updateRequirement(resumed, event.change, event.requirement, (requirement) => ({
    ...requirement,
    status: 'open',
    persons: '',
  }));
};

/** Overturns a veto: the change is pending again, and its clocks resume, because only the overriding body could act meanwhile. */
export const overridden = (state: FeatureState, event: EventOf<'VetoOverridden'>): FeatureState => {
  const veto = findChange(state, event.change)?.veto ?? null;
  const resumed = update(state, event.change, (change) => ({
    ...change,
    status: 'pending',
    veto: null,
    confirmation: null,
    closesAt: event.closesAt,
    requirements: veto === null ? change.requirements : resumeAll(change.requirements, veto.at, event.at),
  }));
  return satisfied(resumed, event, 'overridden');
};

const mapValues = <T>(record: Readonly<Record<string, T>>, map: (value: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));

/** Returns the requirements with the clocks of the open ones extended by the time they were stopped. */
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

/** Returns the end of a clock that stopped between two instants: later by as much. */
export const extended = (end: string | null, from: string, to: string): string | null =>
  end === null ? null : new Date(Date.parse(end) + Date.parse(to) - Date.parse(from)).toISOString();

/** Applies a final refusal. */
export const changeRefused = (state: FeatureState, event: EventOf<'ChangeRefused'>): FeatureState => {
  const known = findChange(state, event.change)?.requirements[event.requirement];
  const marked =
    known === undefined
      ? state
      : updateRequirement(state, event.change, event.requirement, (requirement) => ({ ...requirement, status: 'refused' }));
  return close(marked, event.change, 'refused', event.at);
};
