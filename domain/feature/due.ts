import { ascending, earliest, latest } from '../kernel/order.ts';
import { toInstant } from '../kernel/zone.ts';
import { approvalNeverBeginning, removalCovering } from './arrival.ts';
import type { EventOf, FeatureEvent } from './events.ts';
import { evolve } from './evolve.ts';
import {
  type ChangeState,
  type FeatureState,
  inForceIn,
  isOpen,
  lapsesAt,
  requirementsOf,
  standingOf,
  waitingApproval,
  waitsUntil,
} from './state.ts';

const ended = (at: string | null, now: string): at is string => at !== null && at <= now;

/** While a certificate waits, no other clock of the change runs. */
const momentsOfOpen = (state: FeatureState, change: ChangeState, now: string): readonly FeatureEvent[] => {
  const { confirmation, veto } = change;
  const base = { v: 1, change: change.number } as const;
  const standing = confirmation ?? veto;
  if (standing !== null) {
    const { until: at } = standing;
    const { requirement } = veto ?? standing;
    const because = confirmation === null ? 'veto-stands' : 'unconfirmed';
    return ended(at, now) ? [{ ...base, type: 'ChangeRefused', at, requirement, because }] : [];
  }
  const deadlines = requirementsOf(state, change).flatMap(({ id }): readonly FeatureEvent[] => {
    const known = change.requirements[id];
    if (known?.status !== 'open' || !ended(known.deadlineAt, now)) return [];
    const { deadlineAt: at, overrideUntil: until } = known;
    return until === undefined
      ? [{ ...base, type: 'ChangeRefused', at, requirement: id, because: 'deadline' }]
      : [{ ...base, type: 'ChangeVetoed', at, requirement: id, by: 'deadline', until: waitsUntil(until, change) }];
  });
  const lapses = lapsesAt(change);
  return ended(lapses, now) ? [{ ...base, type: 'ChangeLapsed', at: lapses }, ...deadlines] : deadlines;
};

/**
 * Returns when a removal ends the approval of a change, at `since` at the earliest, and the change that removes it; undefined for none.
 */
export const removalOf = (
  state: FeatureState,
  change: ChangeState,
  since: string,
): { readonly at: string; readonly change: number } | undefined => {
  const removal = removalCovering(state, change);
  return removal === null ? undefined : { at: latest(since, removal.effectiveAt), change: removal.change };
};

/** Returns when time ended the standing approval; undefined if it did not. Any other end also ends the waiting one. */
const endOfStanding = (state: FeatureState): string | undefined => {
  const standing = standingOf(state);
  return standing?.status === 'expired' ? (standing.approved?.validUntil ?? undefined) : undefined;
};

/**
 * Returns when the waiting approval begins: at its `from` and, while another is in force, not before its words take effect, so that the
 * one in force stays on until then. Once that one has ended, not before its end. Null if none waits or it never begins.
 */
export const beginningOf = (state: FeatureState): string | null => {
  const waiting = waitingApproval(state);
  if (waiting?.approved == null || approvalNeverBeginning(state) !== undefined) return null;
  const { at, terms } = waiting.approved;
  return latest(at, terms.from ?? undefined, inForceIn(state) === undefined ? endOfStanding(state) : waiting.effect);
};

/** Returns when time or a removal will end an approval; null for never. */
const endInTime = (state: FeatureState, change: ChangeState): string | null =>
  earliest(change.approved?.validUntil ?? null, removalOf(state, change, change.approved?.at ?? change.effect)?.at ?? null);

/**
 * Returns when the waiting approval would begin: as {@link beginningOf}, or earlier if the one in force ends in time before that.
 */
export const expectedBeginning = (state: FeatureState): string | null => {
  const [inForce, waiting, begins] = [inForceIn(state), waitingApproval(state), beginningOf(state)];
  if (waiting?.approved == null || begins === null) return null;
  const { at, terms } = waiting.approved;
  const freed = inForce === undefined ? null : endInTime(state, inForce);
  return freed === null ? begins : latest(at, terms.from ?? undefined, earliest(freed, begins) ?? begins);
};

/** Returns when the waiting approval will begin; null if none will, or if it ends before that. */
export const nextBeginning = (state: FeatureState): string | null => {
  const [waiting, begins] = [waitingApproval(state), expectedBeginning(state)];
  if (waiting === undefined || begins === null) return null;
  const over = endInTime(state, waiting);
  return over !== null && over <= begins ? null : begins;
};

const momentsOfApproval = (state: FeatureState, change: ChangeState, now: string): readonly FeatureEvent[] => {
  if (change.approved === null) return [];
  const base = { v: 1, change: change.number } as const;
  const [inForce, waiting] = [inForceIn(state), waitingApproval(state)];
  const isTaken = waiting !== undefined && removalCovering(state, waiting) !== null;
  const end = (at: string | null, because: EventOf<'ApprovalEnded'>['because']): readonly FeatureEvent[] => {
    if (!ended(at, now)) return [];
    const other = inForce !== change ? undefined : because === 'removal' && isTaken ? waiting : approvalNeverBeginning(state);
    return [{ ...base, type: 'ApprovalEnded', at, because, ends: other === undefined ? [] : [other.number] }];
  };
  const begins = state.waiting === change.number ? beginningOf(state) : null;
  const replaces = inForce === undefined ? [] : [inForce.number];
  return [
    ...end(change.approved.validUntil, 'end'),
    ...end(removalOf(state, change, change.approved.at)?.at ?? null, 'removal'),
    ...(ended(begins, now) ? [{ ...base, type: 'ApprovalBegan', at: begins, replaces } as const] : []),
  ];
};

const momentsOf = (state: FeatureState, change: ChangeState, now: string): readonly FeatureEvent[] => {
  if (isOpen(change)) return momentsOfOpen(state, change, now);
  return change.status === 'approved' ? momentsOfApproval(state, change, now) : [];
};

const inOrder = (one: FeatureEvent, other: FeatureEvent): number =>
  ascending(one.at, other.at) || Number(one.type === 'ApprovalBegan') - Number(other.type === 'ApprovalBegan');

/**
 * Returns everything that time alone has changed by `now` and no commit records yet, in chronological order. Every reader applies these
 * and every command records them first, so a time rule holds whether or not any job ran. Silence only closes; the one exception is the
 * beginning of an approval that waited for its time.
 */
export const due = (state: FeatureState, now: string): readonly FeatureEvent[] => {
  const events: FeatureEvent[] = [];
  for (let current = state; ; ) {
    const next = current.changes.flatMap((change) => momentsOf(current, change, now)).sort(inOrder)[0];
    if (next === undefined) return events;
    events.push(next);
    current = evolve(current, next);
  }
};

export const advanceTo = (state: FeatureState, now: string): FeatureState => due(state, now).reduce(evolve, state);

export const beginsBetween = (state: FeatureState, after: string, by: string): boolean =>
  by > after && due(state, by).some((event) => event.type === 'ApprovalBegan' && event.at > after);

/** From `from` (inclusive) to `until` (exclusive); null: no such end. */
export interface TimeWindow {
  readonly from: string | null;
  readonly until: string | null;
}

export const ALWAYS: TimeWindow = { from: null, until: null };

/** Excludes the day of a meeting, and a version or condition that begins like an instant. */
const isInstant = (text: string): boolean => text.endsWith('Z') && toInstant(text, 'UTC') === text;

const collect = (value: unknown, into: string[]): void => {
  if (typeof value === 'string') {
    if (isInstant(value)) into.push(value);
  } else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) collect(part, into);
};

/**
 * Returns the time around `now` in which only a commit changes a feature. Every rule compares time with an instant in the state, so the
 * window ends at the next of these.
 */
export const windowAround = (state: FeatureState, now: string): TimeWindow => {
  const instants: string[] = [];
  collect(state, instants);
  instants.sort();
  return {
    from: instants.findLast((instant) => instant <= now) ?? null,
    until: instants.find((instant) => instant > now) ?? null,
  };
};

export const isWithin = ({ from, until }: TimeWindow, now: string): boolean =>
  (from === null || from <= now) && (until === null || now < until);

export const intersectWindows = (one: TimeWindow, other: TimeWindow): TimeWindow => ({
  from: one.from === null || (other.from !== null && one.from < other.from) ? other.from : one.from,
  until: one.until === null || (other.until !== null && other.until < one.until) ? other.until : one.until,
});
