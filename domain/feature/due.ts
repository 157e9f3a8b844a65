import { ascending, latest } from '../kernel/order.ts';
import { isLater, positionOf, removalPosition } from './arrival.ts';
import type { FeatureEvent } from './events.ts';
import { evolve } from './evolve.ts';
import type { ChangeState, FeatureState } from './state.ts';
import { inForceIn, isOpen, requirementsOf, standingOf, waitingApproval } from './state.ts';

interface Moment {
  readonly at: string;
  readonly event: FeatureEvent;
}

const ended = (at: string | null, now: string): at is string => at !== null && at <= now;

/**
 * Returns what time alone changes in an open change: a certificate is not confirmed in time, a veto is not overturned, a window
 * closes, a deadline passes. While a certificate waits, no other clock of the change runs.
 */
const momentsOfOpen = (state: FeatureState, change: ChangeState, now: string): readonly Moment[] => {
  const base = { v: 1, change: change.number } as const;
  if (change.confirmation !== null) {
    const { until } = change.confirmation;
    const requirement = change.veto?.requirement ?? change.confirmation.requirement;
    return ended(until, now)
      ? [{ at: until, event: { ...base, type: 'ChangeRefused', at: until, requirement, because: 'unconfirmed' } }]
      : [];
  }
  if (change.veto !== null) {
    const { until, requirement } = change.veto;
    return ended(until, now)
      ? [{ at: until, event: { ...base, type: 'ChangeRefused', at: until, requirement, because: 'veto-stands' } }]
      : [];
  }
  const moments: Moment[] = [];
  if (ended(change.closesAt, now))
    moments.push({ at: change.closesAt, event: { ...base, type: 'ChangeLapsed', at: change.closesAt } });
  for (const { id } of requirementsOf(state, change)) {
    const requirement = change.requirements[id];
    if (requirement?.status !== 'open' || !ended(requirement.deadlineAt, now)) continue;
    const at = requirement.deadlineAt;
    const until = requirement.overrideUntil;
    moments.push({
      at,
      event:
        until === null
          ? { ...base, type: 'ChangeRefused', at, requirement: id, because: 'deadline' }
          : { ...base, type: 'ChangeVetoed', at, requirement: id, by: 'deadline', until },
    });
  }
  return moments;
};

/**
 * Returns when the approval that waits begins: at its `from`, and while another is in force at the effect of its words, so that what runs
 * stays on until then. Null if none waits.
 */
export const beginningOf = (state: FeatureState): string | null => {
  const waiting = waitingApproval(state);
  if (waiting?.approved == null) return null;
  const { at, terms } = waiting.approved;
  const standing = standingOf(state);
  const until = standing?.status === 'expired' ? standing.approved?.validUntil : undefined;
  return latest(at, terms.from ?? undefined, inForceIn(state) === undefined ? (until ?? undefined) : waiting.effect);
};

/** Returns when a removal ends an approval whose words arrived before it; null if none does. */
const removalOf = ({ removal }: FeatureState, change: ChangeState, since: string): string | null =>
  removal !== null && isLater(removalPosition(removal), positionOf(change)) ? latest(since, removal.effectiveAt) : null;

/** Returns what time alone changes in an approval: it ends, by its terms or a removal, or begins if it waited. */
const momentsOfApproval = (state: FeatureState, change: ChangeState, now: string): readonly Moment[] => {
  if (change.approved === null) return [];
  const base = { v: 1, change: change.number } as const;
  const { at: since, validUntil } = change.approved;
  const removedAt = removalOf(state, change, since);
  const begins = state.waiting === change.number ? beginningOf(state) : null;
  const replaces = [inForceIn(state)].flatMap((each) => (each === undefined ? [] : [each.number]));
  return [
    ...(ended(validUntil, now) ? [{ at: validUntil, event: { ...base, type: 'ApprovalExpired', at: validUntil } as const }] : []),
    ...(ended(removedAt, now) ? [{ at: removedAt, event: { ...base, type: 'ApprovalRemoved', at: removedAt } as const }] : []),
    ...(ended(begins, now) ? [{ at: begins, event: { ...base, type: 'ApprovalBegan', at: begins, replaces } as const }] : []),
  ];
};

const momentsOf = (state: FeatureState, change: ChangeState, now: string): readonly Moment[] => {
  if (isOpen(change)) return momentsOfOpen(state, change, now);
  return change.status === 'approved' ? momentsOfApproval(state, change, now) : [];
};

/** Orders what is due: by instant, and of one instant an approval ends before another begins. */
const inOrder = (one: Moment, other: Moment): number =>
  ascending(one.at, other.at) || Number(one.event.type === 'ApprovalBegan') - Number(other.event.type === 'ApprovalBegan');

/**
 * Returns everything that time alone has changed by `now` and no commit records yet, in chronological order: lapses, deadlines,
 * final vetoes, expiries. Every reader applies these and every command records them first, so a time rule holds whether or not
 * any job ran. Silence only ever closes; only an approval that waited for its time begins by it.
 */
export const due = (state: FeatureState, now: string): readonly FeatureEvent[] => {
  const events: FeatureEvent[] = [];
  for (let current = state; ; ) {
    const next = current.changes.flatMap((change) => momentsOf(current, change, now)).sort(inOrder)[0];
    if (next === undefined) return events;
    events.push(next.event);
    current = evolve(current, next.event);
  }
};

/** Returns the state at `now`, with all due time events applied. */
export const advanceTo = (state: FeatureState, now: string): FeatureState => due(state, now).reduce(evolve, state);
