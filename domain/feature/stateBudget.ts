import type { DecisionContext } from './commands.ts';
import type { Pinned } from './events.ts';
import { stillLingering } from './evolve/lingering.ts';
import { documentsAsked, pinName, withPin } from './evolve/words.ts';
import {
  budgetFor,
  type ChangeState,
  canonicalBytes,
  type FeatureState,
  fullestConfirmed,
  isOpen,
  requirementsOf,
  takesLateBallots,
} from './state.ts';
import { TERMS_BYTES_MAX } from './terms.ts';

/** Small, because every answer reads one state for each prefix of its key. */
export const FEATURE_BYTES_MAX = 32 * 1024;
export const OPEN_CHANGES_MAX = 16;
const CLOSED_KEPT = 4;
/** Reserved for the terms of the approvals in force and waiting and for counters, so that a revocation always fits. */
const STANDING_BYTES = 2 * TERMS_BYTES_MAX + 768;

/** Reserved for what open changes add to `lingering` when they close. */
const LINGERING_BYTES = CLOSED_KEPT * 128;

/** Removes closed changes that can no longer change, except the few that closed last, so that a form sent twice is recognised. */
export const prune = (state: FeatureState, at: string): FeatureState => {
  let closedAfter = state.changes.reduce((count, change) => (isOpen(change) ? count : count + 1), 0);
  const changes = state.changes.filter((change) => {
    if (isOpen(change)) return true;
    closedAfter -= 1;
    const { number: n } = change;
    const isApproval = n === state.standing || n === state.waiting;
    return closedAfter < CLOSED_KEPT || isApproval || n === state.count || hasBallotsToCome(change, at);
  });
  const lingering = stillLingering({ ...state, changes }, at);
  const isUsed = (name: string): boolean => [...changes, ...lingering].some(({ pin }) => pin === name);
  const pins = Object.entries(state.pins);
  const used = pins.filter(([name]) => isUsed(name));
  return { ...state, changes, lingering, pins: used.length === pins.length ? state.pins : Object.fromEntries(used) };
};

const hasBallotsToCome = (change: ChangeState, at: string): boolean =>
  change.closesAt !== null &&
  takesLateBallots(change, at) &&
  Object.values(change.requirements).some(
    ({ ballots = {}, seats = 0 }) => Object.keys(ballots).length > 0 && Object.keys(ballots).length < seats,
  );

/** Returns the most bytes that a change can take, without the terms in force. */
export const reservedFor = (state: FeatureState, change: ChangeState, { at, roster }: DecisionContext): number => {
  const bytes = canonicalBytes({ ...change, approved: null });
  const grows = isOpen(change) || change.status === 'approved' || hasBallotsToCome(change, at);
  return grows ? Math.max(budgetFor(requirementsOf(state, change), roster?.roster.bodies, change), bytes) : bytes;
};

export const fitsBudget = (
  state: FeatureState,
  { documents, ...wording }: Pick<ChangeState, 'version' | 'documents' | 'optOut' | 'entered'>,
  pinned: Pinned | null,
  context: DecisionContext,
): boolean => {
  const bodies = context.roster?.roster.bodies ?? {};
  const confirmed = fullestConfirmed(bodies);
  const lingering = canonicalBytes(state.lingering.map((each) => ({ ...each, confirmed })));
  const reserved = state.changes.reduce((sum, change) => sum + reservedFor(state, change, context), lingering);
  const pin = pinned === null ? null : pinName(pinned);
  const asked = documentsAsked(pinned, documents);
  const wanted = budgetFor(pinned?.require ?? [], bodies, { ...wording, documents: asked, pin });
  return reserved + canonicalBytes(withPin(state, pinned).pins) + wanted + STANDING_BYTES + LINGERING_BYTES <= FEATURE_BYTES_MAX;
};
