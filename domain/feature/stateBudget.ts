import { canonical } from '../kernel/canonical.ts';
import { STATE_BYTES_MAX } from '../kernel/commit.ts';
import type { JsonValue } from '../kernel/json.ts';
import type { Requirement } from '../policy/schema.ts';
import type { DecisionContext } from './commands.ts';
import type { Pinned } from './events.ts';
import { stillLingering } from './evolve/lingering.ts';
import { documentsAsked, pinName, withPin } from './evolve/words.ts';
import {
  ACTS_MAX,
  type ChangeState,
  CLERKS_MAX,
  CONFIRMATIONS_MAX,
  type Confirmation,
  DOCUMENT_MARK_CHARS,
  type FeatureState,
  type ForcedWords,
  isOpen,
  PERSON_CHARS,
  type RequirementState,
  requirementsOf,
  takesLateBallots,
} from './state.ts';
import { TERMS_BYTES_MAX, TERMS_DIGEST_CHARS } from './terms.ts';

export const OPEN_CHANGES_MAX = 16;
const CLOSED_KEPT = 4;
/** For the terms of the approval in force and of the one that waits, and for counters, so that a revocation always fits. */
const STANDING_BYTES = 2 * TERMS_BYTES_MAX + 768;

/** For what open changes add to those that linger when they close. */
const LINGERING_BYTES = CLOSED_KEPT * 128;

/**
 * Removes closed changes that nothing can happen to any more, but keeps the few that closed last, so that a form sent twice is
 * recognised.
 */
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

/** Returns the most bytes that a change can still take, without the terms in force. */
export const reservedFor = (state: FeatureState, change: ChangeState, { at, roster }: DecisionContext): number => {
  const bytes = bytesOf({ ...change, approved: null });
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
  const lingering = bytesOf(state.lingering.map((each) => ({ ...each, confirmed })));
  const reserved = state.changes.reduce((sum, change) => sum + reservedFor(state, change, context), lingering);
  const pin = pinned === null ? null : pinName(pinned);
  const asked = documentsAsked(pinned, documents);
  const wanted = budgetFor(pinned?.require ?? [], bodies, { ...wording, documents: asked, pin });
  return reserved + bytesOf(withPin(state, pinned).pins) + wanted + STANDING_BYTES + LINGERING_BYTES <= STATE_BYTES_MAX;
};

// The room of a change, once all has been decided that can be.

const bytesOf = (value: unknown): number => Buffer.byteLength(canonical(value as JsonValue));

const INSTANT = '2026-01-01T00:00:00.000Z';
const DIGEST = `sha256:${'0'.repeat(64)}`;
const COUNT = 9_999_999;
const persons = (count: number): string => '0'.repeat(count * PERSON_CHARS);

/** Names each member, so that the compiler asks for the room of one that is added. */
type Fullest<State> = { readonly [Member in keyof Required<State>]: State[Member] | undefined };

const fullestRequirement = (
  { id, instrument, override }: Requirement,
  require: readonly Requirement[],
  seats: readonly string[],
): RequirementState => {
  const certified = instrument === 'certification';
  const vetoes = require.filter((other) => other.override?.requirement === id).length;
  const confirmations = confirmationsOf(require).filter((confirmed) => confirmed === id).length;
  const byBallots = instrument === 'ballots' || instrument === 'advice';
  const voters = persons(seats.length);
  const all: Fullest<RequirementState> = {
    status: 'overridden',
    deadlineAt: certified ? null : INSTANT,
    overrideUntil: override === undefined ? undefined : INSTANT,
    clerks: certified ? persons(CLERKS_MAX) : undefined,
    persons: instrument === 'signature' ? persons(1) : voters,
    overriders: vetoes > 0 ? voters.repeat(vetoes) : undefined,
    confirmers: confirmations > 0 ? persons(confirmations) : undefined,
    meeting: certified ? '2026-01-01' : undefined,
    ballots: byBallots ? Object.fromEntries(seats.map((seat) => [seat, 'y0000000'])) : undefined,
    seats: byBallots ? seats.length : undefined,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as RequirementState;
};

const confirmationsOf = (require: readonly Requirement[]): readonly string[] =>
  require.flatMap(({ id, confirmedBy, override }) => [
    ...(confirmedBy === undefined ? [] : [id]),
    ...(override?.confirmedBy === undefined ? [] : [override.requirement]),
  ]);

/** Those who can hold the confirming seats after their present holders, while one roll is disputed. */
const SUCCESSORS_MAX = 3;

const disputersOf = (require: readonly Requirement[], bodies: Bodies): number => {
  const confirmers = require.flatMap(({ confirmedBy, override }) => [confirmedBy, override?.confirmedBy]);
  const seats = confirmers.map((confirmer) => {
    const [body = '', seat] = confirmer?.split('/') ?? [];
    return seat === undefined ? (bodies[body]?.seats.length ?? 0) : 1;
  });
  return Math.max(1, ...seats) + SUCCESSORS_MAX;
};

const fullestConfirmation = (require: readonly Requirement[], bodies: Bodies): Confirmation | null => {
  const requirements = confirmationsOf(require);
  if (requirements.length === 0) return null;
  const disputers = persons(disputersOf(require, bodies));
  return { requirement: longest(requirements), act: '0'.repeat(16), at: INSTANT, until: INSTANT, disputed: false, disputers };
};

const longest = (words: readonly string[]): string =>
  words.reduce((found, word) => (word.length > found.length ? word : found), '');

type Bodies = Readonly<Record<string, { readonly seats: readonly string[] }>>;

const fullestWords: ForcedWords[] = Array.from({ length: 2 }, () => [INSTANT, COUNT, 'maintenance']);

/** Who can confirm that the words of a change were undone: while it is open if the city entered it, and where they linger. */
const fullestConfirmed = (bodies: Bodies): string[] =>
  Array.from({ length: CONFIRMATIONS_MAX }, () => persons(1) + longest(Object.keys(bodies)));

type Named = Pick<ChangeState, 'version' | 'documents' | 'pin' | 'optOut' | 'entered'>;

const fullestChange = (
  require: readonly Requirement[],
  bodies: Bodies,
  { version, documents, pin, optOut, entered }: Named,
): ChangeState => {
  const seats = ({ body }: Requirement): readonly string[] => bodies[body]?.seats ?? [];
  return {
    version,
    documents: Object.fromEntries(Object.keys(documents).map((kind) => [kind, '0'.repeat(DOCUMENT_MARK_CHARS)])),
    ...(Object.keys(documents).length > 0 && { documented: INSTANT }),
    pin,
    number: COUNT,
    revision: COUNT,
    arrival: COUNT,
    digest: DIGEST,
    status: 'withdrawn',
    kind: 'data-sharing',
    endsAt: INSTANT,
    since: INSTANT,
    by: persons(1),
    entered,
    impact: '?'.repeat(9),
    from: INSTANT,
    closesAt: INSTANT,
    terms: '0'.repeat(TERMS_DIGEST_CHARS),
    forced: false,
    effect: INSTANT,
    words: fullestWords,
    ...(entered && { confirmed: fullestConfirmed(bodies) }),
    maintenance: false,
    ...(optOut !== undefined && { optOut: { ...optOut, stands: 'claimed', evidence: true } }),
    requirements: Object.fromEntries(
      require.map((requirement) => [requirement.id, fullestRequirement(requirement, require, seats(requirement))]),
    ),
    veto: { requirement: longest(require.map(({ id }) => id)), at: INSTANT, until: INSTANT },
    confirmation: fullestConfirmation(require, bodies),
    acts: Array.from({ length: ACTS_MAX }, () => '0'.repeat(16)),
    approved: null,
  };
};

/**
 * Returns the bytes that a change takes once every seat has decided every requirement. A notice is refused unless this much is free, so
 * that no vendor can crowd out a decision.
 */
export const budgetFor = (require: readonly Requirement[], bodies: Bodies | undefined, named: Named): number =>
  bytesOf(fullestChange(require, bodies ?? {}, named));
