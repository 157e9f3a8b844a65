import { ascending } from '../kernel/order.ts';
import type { FeatureEvent } from './events.ts';
import { evolve } from './evolve.ts';
import type { ChangeState, FeatureState } from './state.ts';
import { isOpen, requirementsOf } from './state.ts';

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

const momentsOf = (state: FeatureState, change: ChangeState, now: string): readonly Moment[] => {
  if (isOpen(change)) return momentsOfOpen(state, change, now);
  const validUntil = change.approved?.validUntil ?? null;
  if (change.status !== 'approved' || !ended(validUntil, now)) return [];
  return [{ at: validUntil, event: { v: 1, type: 'ApprovalExpired', at: validUntil, change: change.number } }];
};

/**
 * Returns everything that time alone has changed by `now` and no commit records yet, in chronological order: lapses, deadlines,
 * final vetoes, expiries. Every reader applies these and every command records them first, so a time rule holds whether or not
 * any job ran. Silence only ever closes; none of these events can switch anything on.
 */
export const due = (state: FeatureState, now: string): readonly FeatureEvent[] => {
  const events: FeatureEvent[] = [];
  for (let current = state; ; ) {
    const next = current.changes.flatMap((change) => momentsOf(current, change, now)).sort((a, b) => ascending(a.at, b.at))[0];
    if (next === undefined) return events;
    events.push(next.event);
    current = evolve(current, next.event);
  }
};

/** Returns the state at `now`, with all due time events applied. */
export const advanceTo = (state: FeatureState, now: string): FeatureState => due(state, now).reduce(evolve, state);
