import type { EventOf, Opening, Pinned } from '../feature/events.ts';
import type { Requirement } from '../policy/schema.ts';
import type { BallotDecision } from './arithmetic.ts';

/** One requirement of a change from when it could be decided. Persons are holder ids. */
export interface RequirementCase {
  readonly status: 'open' | 'met' | 'refused' | 'overridden';
  readonly deadlineAt: string | null;
  readonly overrideUntil: string | null;
  /** Who certified a vote of it, voted or signed or balloted in it, and voted in the second vote that overturned a veto. */
  readonly clerks: readonly string[];
  readonly voters: readonly string[];
  readonly overriders: readonly string[];
  /** Who confirmed a certificate of it. */
  readonly confirmers: readonly string[];
  readonly meeting: string | null;
  readonly overrideMeeting: string | null;
  /** The newest correction of a vote, by its act. */
  readonly correction: string | null;
  readonly ballots: ReadonlyMap<string, BallotDecision>;
}

/** How a change stands; `revoked` is an approval that ended by an act, and the last five are changes that were never approved. */
export type ChangeStatus =
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

/** Who disputed this certificate, or one of the same revision before it, confirms none that follows. */
export interface WaitingCertificate {
  readonly requirement: string;
  readonly act: string;
  readonly clerk: string;
  readonly at: string;
  readonly until: string;
  readonly disputed: boolean;
  readonly disputers: readonly string[];
}

/** One change as the judge knows it. */
export interface ChangeCase {
  readonly number: number;
  readonly revision: number;
  readonly digest: string;
  readonly status: ChangeStatus;
  readonly notice: EventOf<'ChangeNotified'>['notice'];
  /** When the revision arrived. */
  readonly since: string;
  /** The official who entered the notice. */
  readonly enteredBy: string | null;
  readonly pinned: Pinned | null;
  /** The window's end, which a veto moves. */
  readonly closesAt: string | null;
  readonly terms: EventOf<'SignatureGiven'>['terms'] | null;
  readonly requirements: ReadonlyMap<string, RequirementCase>;
  readonly veto: { readonly requirement: string; readonly at: string; readonly until: string } | null;
  /** A certificate that waits for a second person since `at`, until `until`, or for its clerk once it is disputed. */
  readonly waiting: WaitingCertificate | null;
  readonly validUntil: string | null;
  /** It came as a signed update that changes none of the nine impacts, and that was not contested. */
  readonly maintenance: boolean;
}

/** A feature as the judge knows it: how many changes it had, the one approved last, and those that something can still happen to. */
export interface FeatureCase {
  readonly key: string;
  readonly count: number;
  readonly standing: number | null;
  readonly changes: ReadonlyMap<number, ChangeCase>;
}

export const newFeature = (key: string): FeatureCase => ({ key, count: 0, standing: null, changes: new Map() });

export const isOpen = ({ status }: ChangeCase): boolean => status === 'pending' || status === 'vetoed';

/** The feature with a change put in place of the one of its number. */
export const withChange = (feature: FeatureCase, change: ChangeCase): FeatureCase => ({
  ...feature,
  changes: new Map(feature.changes).set(change.number, change),
});

/** The change with a requirement put in place of the one of that id. */
export const withRequirement = (change: ChangeCase, id: string, requirement: RequirementCase): ChangeCase => ({
  ...change,
  requirements: new Map(change.requirements).set(id, requirement),
});

/** The requirements with those added that have opened. */
export const opened = (
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
      overrideMeeting: null,
      correction: null,
      ballots: new Map(),
    });
  return all;
};

/** The requirements of the rule pinned to a change; none while no policy binds it. */
export const required = ({ pinned }: ChangeCase): readonly Requirement[] => pinned?.require ?? [];

export const isSatisfied = ({ requirements }: ChangeCase, id: string): boolean => {
  const status = requirements.get(id)?.status;
  return status === 'met' || status === 'overridden';
};

const tookPart = ({ voters, overriders }: RequirementCase, person: string): boolean =>
  voters.includes(person) || overriders.includes(person);

/** Whether a person entered the notice, or signed, balloted or voted in any requirement. */
export const countsAnywhere = (change: ChangeCase, person: string): boolean =>
  change.enteredBy === person || [...change.requirements.values()].some((each) => tookPart(each, person));

/** Whether a person counts in another requirement than this, or certified a vote of any: who certifies does nothing else. */
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

const LATE_BALLOTS: readonly ChangeStatus[] = ['approved', 'replaced', 'revoked', 'expired', 'refused'];

/** Whether members may still be recorded, once each, though the result is certain: until the window would have ended. */
export const takesLateBallots = ({ status, closesAt }: ChangeCase, at: string): boolean =>
  LATE_BALLOTS.includes(status) && (closesAt === null || at < closesAt);

/** Closed changes that are kept though no window's end says how long: for late ballots, and to be contested. */
const KEPT_MAX = 8;

/** Forgets what nothing can happen to any more. */
export const pruned = (feature: FeatureCase, at: string): FeatureCase => {
  const waiting = (change: ChangeCase): boolean => {
    const late = takesLateBallots(change, at) && required(change).some(({ instrument }) => instrument === 'ballots');
    return (late && change.closesAt !== null) || ((late || change.maintenance) && change.number > feature.count - KEPT_MAX);
  };
  const kept = [...feature.changes.values()].filter(
    (change) => isOpen(change) || change.number === feature.standing || waiting(change),
  );
  if (kept.length === feature.changes.size) return feature;
  return { ...feature, changes: new Map(kept.map((change) => [change.number, change])) };
};
