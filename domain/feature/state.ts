// Storage format: the state stored beside each commit, a cache of the fold. Change it only with STATE_VERSION.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Instant } from '../kernel/zodTypes.ts';
import { KINDS, PasskeyRule, PinnedRequirement, type Requirement } from '../policy/schema.ts';
import { Terms } from './terms.ts';

/** Raise whenever the shape below or what `evolve` makes of an event changes: older states are then folded again. */
export const STATE_VERSION = 9;

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

/**
 * One requirement of a change once it can be decided. Persons are short fingerprints of holder ids (see persons.ts), joined:
 * `persons` voted, signed or balloted, `overriders` voted in the second vote that overturned a veto, `clerks` certified,
 * `confirmers` confirmed a certificate. `seats`: those of the body when the last ballot was cast. Absent
 * members are empty: they take no room.
 */
const RequirementState = strictObject(() => ({
  status: z.enum(['open', 'met', 'refused', 'overridden']),
  deadlineAt: Instant.nullable(),
  overrideUntil: Instant.nullable(),
  clerks: z.string().exactOptional(),
  persons: z.string(),
  overriders: z.string().exactOptional(),
  confirmers: z.string().exactOptional(),
  meeting: z.string().exactOptional(),
  overrideMeeting: z.string().exactOptional(),
  ballots: z.record(z.string(), z.string()).exactOptional(),
  seats: z.int().exactOptional(),
}));
export type RequirementState = z.infer<typeof RequirementState>;

/**
 * A certificate that waits for a second person, by its act; meanwhile the clocks of the change are stopped. `at`: when they
 * stopped; `until`: when the change is refused. `disputed`: it waits for the clerk. `disputers`: those who have disputed it, or
 * one before it.
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

/** A refusal that can be overturned until `until`. */
const StandingVeto = strictObject(() => ({
  requirement: z.string(),
  at: Instant,
  until: Instant,
}));
export type StandingVeto = z.infer<typeof StandingVeto>;

/** How forced words are seen: as a change, as uncontested maintenance, or as contested maintenance. */
export const SEEN_AS = ['change', 'maintenance', 'contested'] as const;
export type SeenAs = (typeof SEEN_AS)[number];

/**
 * Words that cannot be held back: when they take effect, where they count as arrived; their number in the order of arrival; how they are
 * seen. An instant more: the earlier effect of words that these stand for as well.
 */
const ForcedWords = z.lazy(() => z.tuple([Instant, z.int(), z.enum(SEEN_AS)]).rest(Instant));
export type ForcedWords = z.infer<typeof ForcedWords>;

/**
 * A closed change with words that took effect or will, whatever became of it. `vendor`: whether the vendor has yet to withdraw it, has, or
 * need not, since the city entered it; `none` if no rollback can be confirmed. `confirmed`: who confirmed that it was rolled back,
 * each as a fingerprint and a body.
 */
const Lingering = strictObject(() => ({
  change: z.int(),
  revision: z.int(),
  digest: z.string(),
  pin: z.string().nullable(),
  vendor: z.enum(['owes', 'withdrew', 'unneeded', 'none']),
  confirmed: z.array(z.string()),
  words: z.array(ForcedWords),
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
  pin: z.string().nullable(),
  from: Instant.nullable(),
  closesAt: Instant.nullable(),
  terms: z.string().nullable(),
  forced: z.boolean(),
  effect: Instant,
  words: z.array(ForcedWords),
  confirmed: z.array(z.string()).exactOptional(),
  maintenance: z.boolean(),
  requirements: z.record(z.string(), RequirementState),
  veto: StandingVeto.nullable(),
  confirmation: Confirmation.nullable(),
  acts: z.array(z.string()),
  approved: z.strictObject({ at: Instant, validUntil: Instant.nullable(), terms: Terms }).nullable(),
}));
/**
 * One change of a feature. `arrival`: the position of the current revision among all revisions of the feature, in order of
 * arrival. `by`: the person who entered it, empty if unknown; `entered`: by the city, not by the vendor. `documents`: the kinds
 * that the rule asks for, each with the beginning of the digest of what is attached, empty while nothing is. `effect`: when the
 * current revision takes effect at the vendor, its arrival if that is later; `forced`: it cannot be held back. `words`: what outdates
 * earlier words, of this and earlier revisions, while the change is open; `confirmed`: as of {@link Lingering}. `maintenance`: the revision arrived as signed maintenance and is
 * uncontested. `acts`: short names of the latest notices and decisions carried out, so that a repeat is recognised.
 */
export type ChangeState = z.infer<typeof ChangeState>;

const Pin = strictObject(() => ({
  require: z.array(PinnedRequirement),
  term: z.string().nullable(),
  passkeys: PasskeyRule.exactOptional(),
}));
export type Pin = z.infer<typeof Pin>;

/** The last contest of maintenance that later words have not settled: until then every update is a change. */
const StandingContest = strictObject(() => ({ change: z.int(), arrival: z.int(), act: z.string().nullable() }));

/** Removes what arrived before `lasts`, from `effectiveAt` on; of two removals the earlier effect and the later end apply. */
const Removal = strictObject(() => ({ change: z.int(), arrival: z.int(), effectiveAt: Instant, lasts: Instant }));

/**
 * A feature as its rules see it: under 32 KiB whatever the length of its history, with no text but the terms of two approvals. `count`:
 * changes so far; `arrivals`: revisions so far, over all changes. `changes`: the open ones in the order of their numbers, then
 * the closed ones still kept, the last closed at the end. `standing`: the approval in force, else the one that ended last; `waiting`: the one
 * that has not begun. `lingering`: closed changes whose words cannot be held back, in the order in which they closed.
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

/** A feature without any notice: off. */
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

/** Reports whether officials can still decide a change, in a state or in a view. */
export const isOpen = ({ status }: { readonly status: ChangeStatus }): boolean => status === 'pending' || status === 'vetoed';

/**
 * Returns until when an open change can be decided: the end of its window, which a veto suspends until the veto's own end; a
 * certificate that waits for its confirmation suspends both. Null: no end.
 */
export const decidableUntil = ({
  veto,
  confirmation,
  closesAt,
}: Pick<ChangeState, 'closesAt'> & {
  readonly veto: { readonly until: string } | null;
  readonly confirmation: { readonly until: string } | null;
}): string | null => confirmation?.until ?? veto?.until ?? closesAt;

const ENDED_BY_DECISION: readonly ChangeStatus[] = ['approved', 'refused', 'replaced', 'revoked', 'expired'];

/**
 * Reports whether members can still be recorded once, though the result is certain: until the window ends, unless the change was
 * never decided.
 */
export const takesLateBallots = ({ status, closesAt }: Pick<ChangeState, 'status' | 'closesAt'>, at: string): boolean =>
  ENDED_BY_DECISION.includes(status) && (closesAt === null || at < closesAt);

export const openChanges = (state: FeatureState): readonly ChangeState[] => state.changes.filter(isOpen);

/** Returns the change with that number while the state holds it; closed ones are removed, their history stays in the stream. */
export const findChange = (state: FeatureState, n: number): ChangeState | undefined =>
  state.changes.find((change) => change.number === n);

/** Returns the approval in force, or the last one that ended; undefined if none ever began. */
export const standingOf = (state: FeatureState): ChangeState | undefined =>
  state.standing === null ? undefined : findChange(state, state.standing);

/** Returns the approval in force; undefined if there is none. Its words can be untrue. */
export const inForceIn = (state: FeatureState): ChangeState | undefined => {
  const standing = standingOf(state);
  return standing?.status === 'approved' ? standing : undefined;
};

/** Returns the approval that has not begun; undefined if none waits. */
export const waitingApproval = (state: FeatureState): ChangeState | undefined =>
  state.waiting === null ? undefined : findChange(state, state.waiting);

/** Returns the approval that answers are about: the one in force, else the one that waits, else the last that ended. */
export const shownApproval = (state: FeatureState): ChangeState | undefined =>
  inForceIn(state) ?? waitingApproval(state) ?? standingOf(state);

/** Reports whether a change is approved, in force or waiting to begin, so that a body can switch it off. */
export const isApprovalOf = (state: FeatureState, n: number): boolean => inForceIn(state)?.number === n || state.waiting === n;

/** Returns the newest change, whatever its status. */
export const newestOf = (state: FeatureState): ChangeState | undefined => findChange(state, state.count);

/** Returns the requirements that bind a change; empty while no policy is pinned, and then nothing can approve it. */
export const requirementsOf = (
  state: Pick<FeatureState, 'pins'>,
  change: Pick<ChangeState, 'pin'>,
): readonly PinnedRequirement[] => (change.pin === null ? [] : (state.pins[change.pin]?.require ?? []));

/** Reports whether a requirement is satisfied, by its own body or by an override of its refusal. */
export const isSatisfied = (change: ChangeState, requirement: string): boolean => {
  const status = change.requirements[requirement]?.status;
  return status === 'met' || status === 'overridden';
};

/** Reports whether a requirement counts: advice is recorded and shown but never counts; everything else must be satisfied. */
export const counts = (requirement: Requirement): boolean => requirement.instrument !== 'advice';
