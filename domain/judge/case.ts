import type { EventOf, Opening, Pinned } from '../feature/events.ts';
import { earliest } from '../kernel/order.ts';
import type { PinnedRequirement } from '../policy/schema.ts';
import type { Officer } from '../roster/events.ts';

/** Raise whenever a rule or the shape of the judge's state changes. A stored state of another version is not continued. */
export const JUDGE_STATE_VERSION = 35;

export type BallotDecision = 'approve' | 'refuse' | 'abstain';

/** A place in the order of arrival: an instant, and the arrival's number, which orders two of the same instant. */
export type Place = readonly [at: string, arrival: number];

/** Words that run without the city's consent from `place` on. `upkeep`: they are maintenance that is uncontested. */
export interface RunningWords {
  readonly place: Place;
  readonly upkeep: boolean;
  readonly contested: boolean;
}

/**
 * An opt-out on record. `claimed`: it was recorded late, and two persons can confirm that it was made in time; `done`: it was
 * recorded in time, or they confirmed it.
 */
interface OptOutCase {
  readonly evidence: boolean;
  readonly claimed: boolean;
  readonly confirmers: readonly Officer[];
  readonly done: boolean;
}

/** One requirement of a change once it can be decided. Persons are holder ids. */
export interface RequirementCase {
  readonly status: 'open' | 'met' | 'refused' | 'overridden';
  readonly deadlineAt: string | null;
  readonly overrideUntil: string | null;
  /** Those who certified a vote of it (`clerks`), voted, signed or balloted in it (`voters`), and voted to overturn a veto. */
  readonly clerks: readonly string[];
  readonly voters: readonly string[];
  readonly overriders: readonly string[];
  readonly confirmers: readonly string[];
  readonly meeting: string | null;
  /** The day of the second vote that overturns its refusal, by the newest record. */
  readonly overturnedOn: string | null;
  /** When it was met, or its refusal overturned. */
  readonly metAt: string | null;
  readonly ballots: ReadonlyMap<string, BallotDecision>;
}

/** `replaced`, `revoked` (by an act) and `expired` ended an approval; the last five were never approved. */
type ChangeStatus =
  | 'pending'
  | 'vetoed'
  | 'approved'
  | 'replaced'
  | 'revoked'
  | 'expired'
  | 'refused'
  | 'lapsed'
  | 'withdrawn'
  | 'removed';

/**
 * A certificate that waits for confirmation. `disputers`: those who disputed it or an earlier one of the same revision; they cannot
 * confirm a later one.
 */
export interface WaitingCertificate {
  readonly requirement: string;
  readonly act: string;
  readonly clerk: string;
  readonly at: string;
  readonly until: string;
  readonly disputed: boolean;
  readonly disputers: readonly string[];
}

interface VetoCase {
  readonly requirement: string;
  readonly at: string;
  readonly until: string;
}

export interface ChangeCase {
  readonly number: number;
  readonly revision: number;
  readonly digest: string;
  readonly status: ChangeStatus;
  readonly notice: EventOf<'ChangeNotified'>['notice'];
  /** Digests of the newest documents by kind, and when the last of all was attached. */
  readonly attached: ReadonlyMap<string, string>;
  readonly attachedAt: string | null;
  readonly since: string;
  /** When its words became public: `since`, or later if they entered the log late. */
  readonly known: string;
  readonly enteredBy: string | null;
  readonly pinned: Pinned | null;
  /** The end of the window, which is postponed by the time a veto stood. */
  readonly closesAt: string | null;
  readonly terms: EventOf<'SignatureGiven'>['terms'] | null;
  readonly requirements: ReadonlyMap<string, RequirementCase>;
  readonly veto: VetoCase | null;
  readonly waiting: WaitingCertificate | null;
  readonly validUntil: string | null;
  readonly approvedAt: string | null;
  /** The revision's number in the order of arrival within the feature, and the place at which its words count as arrived. */
  readonly arrival: number;
  readonly place: Place;
  readonly effect: string;
  /** The words of the change that run unasked, or will. */
  readonly running: readonly RunningWords[];
  /** The city entered it; the vendor signed nothing of it. */
  readonly entered: boolean;
  readonly rollback: readonly Officer[];
  /** The opt-out of the standing revision. */
  readonly optOut: OptOutCase | null;
  /** True if the revision arrived as a signed update that changes none of the nine impacts, and is uncontested. */
  readonly maintenance: boolean;
  readonly lastAct: string | null;
}

/**
 * The judge's state of a feature. `standing`: the approval in force, or the last that was; `waiting`: the one that has yet to
 * begin; `contest`: the last that is unsettled; `changes`: those to which something can still happen.
 */
export interface FeatureCase {
  readonly key: string;
  readonly count: number;
  readonly arrivals: number;
  readonly standing: number | null;
  readonly waiting: number | null;
  readonly contest: { readonly change: number; readonly arrival: number } | null;
  readonly removal: { readonly effectiveAt: string; readonly place: Place } | null;
  readonly changes: ReadonlyMap<number, ChangeCase>;
}

export const newFeature = (key: string): FeatureCase => ({
  key,
  count: 0,
  arrivals: 0,
  standing: null,
  waiting: null,
  contest: null,
  removal: null,
  changes: new Map(),
});

export const isOpen = ({ status }: ChangeCase): boolean => status === 'pending' || status === 'vetoed';

export const withChange = (feature: FeatureCase, change: ChangeCase): FeatureCase => ({
  ...feature,
  changes: new Map(feature.changes).set(change.number, change),
});

export const withRequirement = (change: ChangeCase, id: string, requirement: RequirementCase): ChangeCase => ({
  ...change,
  requirements: new Map(change.requirements).set(id, requirement),
});

export const withOpened = (
  requirements: ChangeCase['requirements'],
  opens: readonly Opening[],
): ReadonlyMap<string, RequirementCase> => {
  const all = new Map(requirements);
  for (const { requirement, deadlineAt, overrideUntil } of opens)
    all.set(requirement, {
      status: 'open',
      deadlineAt,
      overrideUntil,
      clerks: [],
      voters: [],
      overriders: [],
      confirmers: [],
      meeting: null,
      overturnedOn: null,
      metAt: null,
      ballots: new Map(),
    });
  return all;
};

export const required = ({ pinned }: ChangeCase): readonly PinnedRequirement[] => pinned?.require ?? [];

export const isSatisfied = ({ requirements }: ChangeCase, id: string): boolean => {
  const status = requirements.get(id)?.status;
  return status === 'met' || status === 'overridden';
};

const tookPart = ({ voters, overriders }: RequirementCase, person: string): boolean =>
  voters.includes(person) || overriders.includes(person);

/** Reports whether a person entered the notice, or signed, balloted or voted in any requirement. */
export const countsAnywhere = (change: ChangeCase, person: string): boolean =>
  change.enteredBy === person || [...change.requirements.values()].some((each) => tookPart(each, person));

/** Reports whether a person counts in another requirement, or certified any vote: a certifying clerk does nothing else. */
export const countsElsewhere = (change: ChangeCase, requirement: string, person: string): boolean => {
  if (change.enteredBy === person) return true;
  for (const [id, each] of change.requirements)
    if (each.clerks.includes(person) || (id !== requirement && tookPart(each, person))) return true;
  return false;
};

export const hasVoted = (change: ChangeCase, requirement: string, person: string): boolean => {
  const known = change.requirements.get(requirement);
  return known !== undefined && tookPart(known, person);
};

/** Returns when an open change lapses: at the end of its window or of its own words, but not before these were public. */
export const lapsesAt = ({ closesAt, notice, since }: ChangeCase): string | null => {
  const ends = earliest(closesAt, notice.endsAt);
  return ends === null || ends > since ? ends : since;
};

/** Returns when a wait for a second vote or a second person ends: at `until`, or with the words if these end earlier. */
export const waitEnd = (until: string, { notice }: ChangeCase): string => earliest(until, notice.endsAt) ?? until;

const LATE_BALLOTS: readonly ChangeStatus[] = ['approved', 'replaced', 'revoked', 'expired', 'refused'];

/** Reports whether further ballots are still recorded after the result is certain: until the window would have ended. */
export const takesLateBallots = ({ status, closesAt }: ChangeCase, at: string): boolean =>
  LATE_BALLOTS.includes(status) && (closesAt === null || at < closesAt);
