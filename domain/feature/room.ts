import { canonical } from '../kernel/canonical.ts';
import type { JsonValue } from '../kernel/json.ts';
import { STATE_BYTES_MAX } from '../kernel/limits.ts';
import type { Requirement } from '../policy/schema.ts';
import type { ChangeState, FeatureState } from './state.ts';
import { isOpen } from './state.ts';
import { TERMS_BYTES_MAX } from './terms.ts';

/** Open changes of one feature at a time. */
export const OPEN_CHANGES_MAX = 16;
const CLOSED_KEPT = 4;
/** What the approval in force and the feature's own counters may need; kept free, so that a revocation always fits. */
const STANDING_BYTES = TERMS_BYTES_MAX + 1024;
const REQUIREMENT_BYTES = 230;
const CHANGE_BYTES = 700;

const bytesOf = (value: unknown): number => Buffer.byteLength(canonical(value as JsonValue));

/**
 * The most bytes a change can grow to in the state, once every requirement has been decided by every seat. A notice reserves
 * this, so that no vendor can crowd out a decision. `seats`: the seats of a body, by its id.
 */
export const roomFor = (
  require: readonly Requirement[],
  seats: (body: string) => readonly string[],
  wording: { readonly version: string | null; readonly documents: readonly string[] },
): number =>
  require.reduce(
    (sum, requirement) => {
      const body = seats(requirement.body);
      const persons = requirement.instrument === 'certification' ? body.length * 12 : body.length * 8;
      const ballots =
        requirement.instrument === 'ballots' || requirement.instrument === 'advice'
          ? body.reduce((bytes, seat) => bytes + bytesOf(seat) + 12, 0)
          : 0;
      return sum + REQUIREMENT_BYTES + bytesOf(requirement.id) + persons + ballots;
    },
    CHANGE_BYTES + bytesOf(wording.version) + bytesOf(wording.documents),
  );

const hasBallotsToCome = (change: ChangeState, at: string): boolean =>
  change.closesAt !== null &&
  change.closesAt > at &&
  Object.values(change.reqs).some((requirement) => Object.keys(requirement.ballots).length > 0);

/**
 * Forgets closed changes that nothing can happen to any more: kept are the open ones, the one approved last, those that may
 * still receive late ballots, and the newest few, so that a form sent twice is recognised.
 */
export const prune = (state: FeatureState, at: string): FeatureState => {
  const newestClosed = state.changes.filter((change) => !isOpen(change)).slice(-CLOSED_KEPT);
  const changes = state.changes.filter(
    (change) => isOpen(change) || change.n === state.standing || newestClosed.includes(change) || hasBallotsToCome(change, at),
  );
  const used = new Set(changes.map((change) => change.pin));
  return { ...state, changes, pins: Object.fromEntries(Object.entries(state.pins).filter(([name]) => used.has(name))) };
};

/** Whether one more change that needs `room` bytes, bound by `require`, fits beside all that the others may still need. */
export const hasRoom = (state: FeatureState, room: number, require: readonly Requirement[]): boolean => {
  const reserved = state.changes.reduce((sum, change) => sum + Math.max(change.room, bytesOf({ ...change, approved: null })), 0);
  return reserved + bytesOf(state.pins) + bytesOf(require) + 100 + room + STANDING_BYTES <= STATE_BYTES_MAX;
};
