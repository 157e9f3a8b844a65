import * as z from 'zod';
import { canonical } from '../kernel/canonical.ts';
import type { JsonValue } from '../kernel/json.ts';
import { earliest, latest } from '../kernel/order.ts';
import { Instant, strictObject } from '../kernel/zodTypes.ts';
import { KINDS, PasskeyRule, PinnedRequirement, type Requirement } from '../policy/schema.ts';
import { PERSON_CHARS } from '../roster/holders.ts';
import { POLICY_KEY } from './keys.ts';
import { OPT_OUT_STANDINGS, OPT_OUT_TIMINGS } from './optOut.ts';
import { TERMS_DIGEST_CHARS, Terms } from './terms.ts';

/** The version of the state stored with each commit, a cache of the fold. Raise it when its shape or the result of `evolve` changes. */
export const STATE_VERSION = 24;

export const CHANGE_STATUSES = [
  'pending',
  'vetoed',
  'approved',
  'replaced',
  'refused',
  'lapsed',
  'withdrawn',
  'revoked',
  'expired',
  'removed',
] as const;
export type ChangeStatus = (typeof CHANGE_STATUSES)[number];

/** Acts per change that are recognised when repeated. */
export const ACTS_MAX = 5;
/** Clerks remembered per requirement, the latest: no more than these certify what carries. */
export const CLERKS_MAX = 4;
/** The most confirmations by one body before one by another. */
export const CONFIRMATIONS_MAX = 8;
/** Length of a document's mark in the state: 72 bits in hex. */
export const DOCUMENT_MARK_CHARS = 18;

/**
 * One requirement once it can be decided. Persons are joined fingerprints: `persons` voted, signed or balloted, `overriders` voted on a
 * veto, `clerks` certified (the clerk of a waiting certificate last), `confirmers` confirmed. `meeting`: the day of the first vote; once
 * overturned, in place of the deadline, that of the second. `seats`: those of the body at the last ballot. `deadlineAt`: by when it
 * decides; if satisfied without `meeting`, since when. `overrideUntil`: until when a refusal by its deadline can be overturned. Absent
 * members are empty, to save space.
 */
const RequirementState = strictObject(() => ({
  status: z.enum(['open', 'met', 'refused', 'overridden']),
  deadlineAt: Instant.nullable(),
  overrideUntil: Instant.exactOptional(),
  clerks: z.string().exactOptional(),
  persons: z.string(),
  overriders: z.string().exactOptional(),
  confirmers: z.string().exactOptional(),
  meeting: z.string().exactOptional(),
  ballots: z.record(z.string(), z.string()).exactOptional(),
  seats: z.int().exactOptional(),
}));
export type RequirementState = z.infer<typeof RequirementState>;

/**
 * A certificate, by its act, that waits for a second person since `at`, when the clocks of the change stopped. `disputed`: it waits for
 * the clerk; `disputers`: of this roll or one before it.
 */
const Confirmation = strictObject(() => ({
  requirement: z.string(),
  act: z.string(),
  at: Instant,
  until: Instant,
  disputed: z.boolean(),
  disputers: z.string(),
}));
export type Confirmation = z.infer<typeof Confirmation>;

const StandingVeto = strictObject(() => ({
  requirement: z.string(),
  at: Instant,
  until: Instant,
}));

export const SEEN_AS = ['change', 'maintenance', 'contested'] as const;
export type SeenAs = (typeof SEEN_AS)[number];

/** Words that cannot be held back: their effect, when they count as arrived; their arrival number; their classification. */
const ForcedWords = z.lazy(() => z.tuple([Instant, z.int(), z.enum(SEEN_AS)]));
export type ForcedWords = z.infer<typeof ForcedWords>;

/**
 * The city's choice at the vendor about the words of the newest revision. `by`: until when. The rest is absent without a record: how it
 * stands, that it brought evidence, and who confirmed it, each a fingerprint and a body.
 */
const OptOut = strictObject(() => ({
  runs: z.enum(OPT_OUT_TIMINGS),
  by: Instant.exactOptional(),
  stands: z.enum(OPT_OUT_STANDINGS).exactOptional(),
  evidence: z.literal(true).exactOptional(),
  confirmed: z.array(z.string()).exactOptional(),
}));
export type OptOut = z.infer<typeof OptOut>;

/**
 * A closed change with words that took or will take effect. `vendor`: whether the vendor has yet to withdraw it; `none` if no rollback can
 * be confirmed. `confirmed`: each a fingerprint and a body. `optOut`: only while the newest of the words are those it concerns.
 */
const Lingering = strictObject(() => ({
  change: z.int(),
  revision: z.int(),
  digest: z.string(),
  pin: z.string().nullable(),
  vendor: z.enum(['owes', 'withdrew', 'unneeded', 'none']),
  confirmed: z.array(z.string()),
  words: z.array(ForcedWords),
  optOut: OptOut.exactOptional(),
}));
export type Lingering = z.infer<typeof Lingering>;

const ChangeState = strictObject(() => ({
  number: z.int(),
  revision: z.int(),
  arrival: z.int(),
  digest: z.string(),
  status: z.enum(CHANGE_STATUSES),
  kind: z.enum(KINDS),
  version: z.string().nullable(),
  endsAt: Instant.nullable(),
  since: Instant,
  by: z.string(),
  entered: z.boolean(),
  impact: z.string(),
  documents: z.record(z.string(), z.string()),
  documented: Instant.exactOptional(),
  pin: z.string().nullable(),
  from: Instant.nullable(),
  closesAt: Instant.nullable(),
  terms: z.string().nullable(),
  forced: z.boolean(),
  effect: Instant,
  words: z.array(ForcedWords),
  confirmed: z.array(z.string()).exactOptional(),
  maintenance: z.boolean(),
  optOut: OptOut.exactOptional(),
  requirements: z.record(z.string(), RequirementState),
  veto: StandingVeto.nullable(),
  confirmation: Confirmation.nullable(),
  acts: z.array(z.string()),
  approved: z.strictObject({ at: Instant, validUntil: Instant.nullable(), terms: Terms }).nullable(),
}));
/**
 * `arrival`: the number of the current revision among all of the feature. `by`: the person who entered it; `entered`: by the city.
 * `documents`: the kinds that the rule requires, with the start of the digest of the attached one, the newest at `documented`. `from`:
 * since when it can be decided. `effect`: when the revision takes effect, not before it arrived; `forced`: it cannot be held back.
 * `words`: those that outdate earlier ones while the change is open. `acts`: the latest notices and decisions, so that a repeat is
 * recognised.
 */
export type ChangeState = z.infer<typeof ChangeState>;

const Pin = strictObject(() => ({
  require: z.array(PinnedRequirement),
  term: z.string().nullable(),
  passkeys: PasskeyRule.exactOptional(),
}));
export type Pin = z.infer<typeof Pin>;

/** The last contest not settled by later words; until then every update counts as a change. */
const StandingContest = strictObject(() => ({ change: z.int(), arrival: z.int(), act: z.string().nullable() }));

/** Removes what arrived before `lasts`, from `effectiveAt` on. `change`: the removal's own. */
const Removal = strictObject(() => ({ change: z.int(), arrival: z.int(), effectiveAt: Instant, lasts: Instant }));

/**
 * At most 32 KiB regardless of history. `changes`: the open ones by number, then the closed ones still kept, the last closed at the end.
 * `standing`: the approval in force, else the last that ended; `waiting`: the one not yet begun. `lingering`: closed changes whose words
 * cannot be held back.
 */
export const FeatureState = strictObject(() => ({
  key: z.string().nullable(),
  count: z.int(),
  arrivals: z.int(),
  changes: z.array(ChangeState),
  pins: z.record(z.string(), Pin),
  standing: z.int().nullable(),
  waiting: z.int().nullable(),
  lingering: z.array(Lingering),
  contest: StandingContest.nullable(),
  removal: Removal.nullable(),
}));
export type FeatureState = z.infer<typeof FeatureState>;

export const initialState: FeatureState = {
  key: null,
  count: 0,
  arrivals: 0,
  changes: [],
  pins: {},
  standing: null,
  waiting: null,
  lingering: [],
  contest: null,
  removal: null,
};

export const isOpen = ({ status }: { readonly status: ChangeStatus }): boolean => status === 'pending' || status === 'vetoed';

type Lapsing = Pick<ChangeState, 'closesAt' | 'since' | 'endsAt'>;

/**
 * Returns when an open change lapses: with its window, or when its own words end, since ended words cannot be approved; on arrival, if
 * they had ended before.
 */
export const lapsesAt = ({ closesAt, endsAt, since }: Lapsing): string | null => {
  const end = earliest(closesAt, endsAt);
  return end === null ? null : latest(since, end);
};

/** Returns the end of a wait that began at a decision: when the words end, at the latest. */
export const waitsUntil = (until: string, { endsAt }: Pick<ChangeState, 'endsAt'>): string =>
  endsAt !== null && endsAt < until ? endsAt : until;

export interface DecisionClock extends Lapsing {
  readonly veto: { readonly until: string } | null;
  readonly confirmation: { readonly until: string } | null;
}

/**
 * Returns until when an open change can be decided: until it lapses, which a veto suspends until its own end; a waiting certificate
 * suspends both.
 */
export const decidableUntil = (change: DecisionClock): string | null =>
  change.confirmation?.until ?? change.veto?.until ?? lapsesAt(change);

const ENDED_BY_DECISION: readonly ChangeStatus[] = ['approved', 'refused', 'replaced', 'revoked', 'expired'];

/** Reports whether late answers are recorded: until the window ends, if the change was decided. */
export const takesLateBallots = ({ status, closesAt }: Pick<ChangeState, 'status' | 'closesAt'>, at: string): boolean =>
  ENDED_BY_DECISION.includes(status) && (closesAt === null || at < closesAt);

export const openChanges = (state: FeatureState): readonly ChangeState[] => state.changes.filter(isOpen);

export const findChange = (state: FeatureState, n: number): ChangeState | undefined =>
  state.changes.find((change) => change.number === n);

/** Returns a change of the state. Throws if it is gone. */
export const changeIn = (state: FeatureState, n: number): ChangeState => {
  const change = findChange(state, n);
  if (change === undefined) throw new Error(`broken invariant: change ${n} is gone`);
  return change;
};

/** Returns the approval in force, or the last one that ended. */
export const standingOf = (state: FeatureState): ChangeState | undefined =>
  state.standing === null ? undefined : findChange(state, state.standing);

/** Returns the approval in force. Its words can be untrue. */
export const inForceIn = (state: FeatureState): ChangeState | undefined => {
  const standing = standingOf(state);
  return standing?.status === 'approved' ? standing : undefined;
};

/** Reports whether a change is the policy in force. Revoking it would change nothing: only another replaces it. */
export const isPolicyInForce = (state: FeatureState, n: number): boolean =>
  state.key === POLICY_KEY && inForceIn(state)?.number === n;

export const waitingApproval = (state: FeatureState): ChangeState | undefined =>
  state.waiting === null ? undefined : findChange(state, state.waiting);

export const currentApproval = (state: FeatureState): ChangeState | undefined => inForceIn(state) ?? waitingApproval(state);

/** Returns the approval that answers are about: the current one, else the last that ended. */
export const shownApproval = (state: FeatureState): ChangeState | undefined => currentApproval(state) ?? standingOf(state);

export const isApprovalOf = (state: FeatureState, n: number): boolean => inForceIn(state)?.number === n || state.waiting === n;

export const newestOf = (state: FeatureState): ChangeState | undefined => findChange(state, state.count);

/** Returns the pinned requirements; empty without a pin, and then nothing can approve the change. */
export const requirementsOf = (
  state: Pick<FeatureState, 'pins'>,
  change: Pick<ChangeState, 'pin'>,
): readonly PinnedRequirement[] => (change.pin === null ? [] : (state.pins[change.pin]?.require ?? []));

/** Returns the limits of an approval that its terms do not set: the end of its words, and the policy's longest term. */
export const limitsOf = (state: Pick<FeatureState, 'pins'>, { endsAt, pin }: Pick<ChangeState, 'endsAt' | 'pin'>) => ({
  endsAt,
  term: pin === null ? null : (state.pins[pin]?.term ?? null),
});

/**
 * Returns what a waiting certificate decides (its own requirement, or the one whose veto it overturns) and who confirms it: a body, or one
 * seat as `body/seat`. Undefined if none waits.
 */
export const confirmationRule = (
  { veto, confirmation }: Pick<ChangeState, 'veto' | 'confirmation'>,
  rules: readonly Requirement[],
): { readonly decides: Requirement; readonly confirmedBy: string } | undefined => {
  const decides = rules.find(({ id }) => id === (veto?.requirement ?? confirmation?.requirement));
  const { confirmedBy } = (veto === null ? decides : decides?.override) ?? {};
  return confirmation === null || decides === undefined || confirmedBy === undefined ? undefined : { decides, confirmedBy };
};

export const isSatisfied = (change: Pick<ChangeState, 'requirements'>, requirement: string): boolean => {
  const status = change.requirements[requirement]?.status;
  return status === 'met' || status === 'overridden';
};

/** Advice is shown but never counts; everything else must be satisfied. */
export const counts = (requirement: Requirement): boolean => requirement.instrument !== 'advice';

interface Deciding {
  readonly rule: Requirement;
  readonly status: RequirementState['status'] | 'waiting';
  readonly ballots: Readonly<Record<string, string>>;
}

/**
 * Reports whether only a clerk's record of one requirement has set the terms so far: no one confirmed it, and no other requirement has an
 * answer. Until then another record of that vote may set other terms and another day, to correct a slip before anyone signs it.
 */
export const statesTermsAlone = (
  { confirmation }: { readonly confirmation: { readonly requirement: string } | null },
  requirements: readonly Deciding[],
  requirement: string,
): boolean =>
  (confirmation === null || confirmation.requirement === requirement) &&
  requirements
    .filter(({ rule }) => counts(rule))
    .every(({ rule, status, ballots }) => {
      if (rule.id === requirement) return rule.confirmedBy === undefined || status === 'open';
      return (status === 'waiting' || status === 'open') && Object.keys(ballots).length === 0;
    });

/** {@link statesTermsAlone} for a change in a state. */
export const certifiesAlone = (state: Pick<FeatureState, 'pins'>, change: ChangeState, requirement: string): boolean => {
  const all = requirementsOf(state, change).map((rule): Deciding => {
    const { status = 'waiting', ballots = {} } = change.requirements[rule.id] ?? {};
    return { rule, status, ballots };
  });
  return statesTermsAlone(change, all, requirement);
};

const PERSON = new RegExp(`.{${PERSON_CHARS}}`, 'g');

export const joinPersons = (...runs: readonly (string | undefined)[]): string =>
  [...new Set(runs.flatMap(splitPersons))].sort().join('');

export const splitPersons = (run: string | undefined): readonly string[] => run?.match(PERSON) ?? [];

export const tookPart = ({ persons, overriders }: RequirementState, person: string): boolean =>
  splitPersons(persons).includes(person) || splitPersons(overriders).includes(person);

/**
 * Returns the persons who count in another requirement of this change, each once. A person who certified any, or entered the notice,
 * counts everywhere.
 */
export const personsElsewhere = ({ by, requirements }: ChangeState, requirement: string): readonly string[] => {
  const clerks = Object.values(requirements).map((state) => state.clerks);
  const others = Object.entries(requirements).filter(([id]) => id !== requirement);
  return personsOf(by, ...clerks, ...others.flatMap(([, { persons, overriders }]) => [persons, overriders]));
};

/** Returns the persons who entered the notice, signed, balloted or voted, each once. */
export const personsAnywhere = ({ by, requirements }: ChangeState): readonly string[] =>
  personsOf(by, ...Object.values(requirements).flatMap(({ persons, overriders }) => [persons, overriders]));

const personsOf = (...runs: readonly (string | undefined)[]): readonly string[] => splitPersons(joinPersons(...runs));

export const countsElsewhere = (change: ChangeState, requirement: string, person: string): boolean =>
  personsElsewhere(change, requirement).includes(person);

/** Reports whether every requirement that counts is satisfied; never true without a pinned rule. */
export const isAllSatisfied = (state: FeatureState, change: ChangeState): boolean => {
  const required = requirementsOf(state, change).filter(counts);
  return required.length > 0 && required.every(({ id }) => isSatisfied(change, id));
};

/** Distinct authenticated persons that an approval needs, whatever the policy requires. */
export const APPROVERS_MIN = 2;

/**
 * Returns the number of distinct authenticated persons who acted for an approval. A roll call names its members without authenticating
 * them.
 */
export const approversOf = (state: FeatureState, change: ChangeState): number => {
  const approvers = requirementsOf(state, change).flatMap(({ id, instrument }): readonly string[] => {
    const known = change.requirements[id];
    if (known === undefined || instrument === 'advice') return [];
    if (instrument === 'certification') return [...splitPersons(known.clerks), ...splitPersons(known.confirmers)];
    if (instrument === 'signature') return known.status === 'met' ? splitPersons(known.persons) : [];
    return Object.entries(known.ballots ?? {}).flatMap(([seat, mark]) => (mark.startsWith('y') ? [`${id}/${seat}`] : []));
  });
  return new Set(approvers).size;
};

/** Reports whether every required body has approved an open change, but fewer than two persons acted. */
export const lacksPersons = (state: FeatureState, n: number): boolean =>
  openChanges(state).some((change) => change.number === n && isAllSatisfied(state, change));

// The state budget of a change: its size once every possible decision has been made.

export const canonicalBytes = (value: unknown): number => Buffer.byteLength(canonical(value as JsonValue));

const INSTANT = '2026-01-01T00:00:00.000Z';
const DIGEST = `sha256:${'0'.repeat(64)}`;
const COUNT = 9_999_999;
const persons = (count: number): string => '0'.repeat(count * PERSON_CHARS);

/** Names each member, so that the compiler requires a size for any new one. */
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

/** The most successors in the confirming seats while one roll is disputed. */
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

/**
 * Returns the largest list of confirmations that a change's words were undone: while it is open, if the city entered it, or while they
 * linger.
 */
export const fullestConfirmed = (bodies: Bodies): string[] =>
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
 * Returns the bytes that a change takes once every seat has decided every requirement. A notice is rejected unless that much is free, so
 * that no vendor can crowd out a decision.
 */
export const budgetFor = (require: readonly Requirement[], bodies: Bodies | undefined, named: Named): number =>
  canonicalBytes(fullestChange(require, bodies ?? {}, named));
