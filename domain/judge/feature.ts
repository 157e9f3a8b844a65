import type { FeatureEvent } from '../feature/events.ts';
import type { Commit } from '../kernel/commit.ts';
import { advised, balloted, contested, revoked, signed, takenBack } from './acts.ts';
import { beginsAt, inForce, overtakenWaiting, pruned, removedAt, waitingApproval } from './arrivals.ts';
import { type ChangeCase, type FeatureCase, isOpen, lapsesAt, newFeature, required, waitEnd, withChange } from './case.ts';
import { certified, confirmed } from './certify.ts';
import { type City, inForceAt, instantsToCheck, isSeated, knownFrom, mustBeProven, POLICY_KEY } from './city.ts';
import { type ActRule, applyEvent, type Owed } from './consequences.ts';
import { documentAttached, notified, repinned, revised, withdrawn } from './notices.ts';
import { optedOut, rollbackConfirmed } from './optOut.ts';
import { isOfficialAct, mustProveDecision, type ProvenAct } from './passkeys.ts';
import { mustBeReadable, policyNamed } from './policy.ts';
import type { Moment } from './sitting.ts';
import { nameIn } from './streams.ts';
import { differing, equal, type JudgeCode, must } from './verdict.ts';

const KEY = /^[a-z0-9-]{1,40}(?:\.[a-z0-9-]{1,40}){0,4}$/;

type Effect = () => void;

/** Judges a commit: time events, then the policy that binds, then one act of one person and exactly what follows from it. */
export const judgeFeature = (city: City, commit: Commit, events: readonly FeatureEvent[], zone: string): Effect => {
  const key = nameIn(commit.stream);
  must(KEY.test(key), 'stream', `${key} is not the key of a feature`);
  const moment = { at: commit.at, zone };
  let feature = city.features.get(key) ?? newFeature(key);
  let owed: readonly FeatureEvent[] = [];
  let phase = 0;
  let passed = '';
  for (const event of events) {
    const [expected, ...rest] = owed;
    if (expected !== undefined) {
      mustBeOwed(event, expected);
      feature = applyEvent(feature, changeIn(feature, event), event);
      owed = rest;
      continue;
    }
    const next = phaseOf(event);
    must(next >= phase && (next < 2 || phase < 2), 'order', `${event.type} does not come here`);
    phase = next;
    if (next === 0) {
      must(event.at >= passed, 'order', 'time is not recorded in its order');
      passed = event.at;
      feature = timed(feature, event, commit);
      continue;
    }
    must(event.at === commit.at, 'instant', `${event.type} is of another instant`);
    ({ feature, owed } = acted(city, feature, event, commit, moment));
  }
  must(owed.length === 0, 'consequence-missing', `${owed[0]?.type} must follow`);
  must(phase === 2 || commit.actor === 'clock' || commit.actor === 'operator', 'actor', `${commit.actor} did nothing`);
  return remember(city, key, pruned(feature, events.at(-1)?.at ?? commit.at), events);
};

const phaseOf = (event: FeatureEvent): 0 | 1 | 2 => (isOfTime(event) ? 0 : event.type === 'PolicyPinned' ? 1 : 2);

const changeIn = (feature: FeatureCase, { change }: FeatureEvent): ChangeCase => {
  const found = feature.changes.get(change);
  must(found !== undefined, 'closed', `change ${change} is not open, or was never announced`);
  return found;
};

const timed = (feature: FeatureCase, event: FeatureEvent, { at }: Commit): FeatureCase => {
  const change = changeIn(feature, event);
  must(
    equal(event, nextMoment(feature, change)) && event.at <= at,
    'not-due',
    `${event.type} of change ${event.change} is not due`,
  );
  return applyEvent(feature, change, event);
};

const mustBeUpToDate = (feature: FeatureCase, number: number | null, at: string): void => {
  const change = number === null ? undefined : feature.changes.get(number);
  const due = change === undefined ? undefined : nextMoment(feature, change);
  must(due === undefined || due.at > at, 'overdue', `${due?.type} of change ${number} was due at ${due?.at}`);
};

/** Checks that words which entered the log late are decided under the policy in force when they did, or a later one. */
const mustBeBound = ({ policies }: City, { known, since, pinned }: ChangeCase): void => {
  const [policy] = known === since ? [] : inForceAt(policies, known);
  const isBound = policy === undefined || pinned === null || policy.number <= pinned.policy;
  must(isBound, 'other-policy', `policy ${pinned?.policy} had been replaced when the log had these words`);
};

const acted = (city: City, feature: FeatureCase, event: FeatureEvent, commit: Commit, moment: Moment): Owed => {
  mustBeUpToDate(feature, event.change, isOfficialAct(event) ? knownFrom(city, commit.at) : commit.at);
  mustBeUpToDate(feature, feature.standing, commit.at);
  mustBeUpToDate(feature, feature.waiting, commit.at);
  if (event.type === 'ChangeNotified') return notified(city, feature, event, commit, moment);
  const change = changeIn(feature, event);
  if (isOfficialAct(event)) {
    mustBeOwn(city, feature, change, event, moment);
    if (feature.key === POLICY_KEY) mustBeReadable(city, change);
    if (isOpen(change)) mustBeBound(city, change);
  } else if (event.type === 'RollbackConfirmed') mustBeOwn(city, feature, null, event, moment);
  const rule = RULES[event.type as ActType] as ActRule<FeatureEvent['type']> | undefined;
  must(rule !== undefined, 'no-act', `nothing was done from which ${event.type} follows`);
  const { feature: next, owed } = rule(city, feature, change, event, commit, moment);
  return { feature: 'act' in event ? remembering(next, event) : next, owed };
};

const remembering = (
  feature: FeatureCase,
  { change: number, act }: { readonly change: number; readonly act: string },
): FeatureCase => {
  const change = feature.changes.get(number);
  return change === undefined ? feature : withChange(feature, { ...change, lastAct: act });
};

/** Events that are no act of their own but follow from an act or from time; and the first notice, whose rule takes no change. */
type Following =
  | 'ChangeNotified'
  | 'RequirementMet'
  | 'ChangeVetoed'
  | 'VetoOverridden'
  | 'ChangeRefused'
  | 'ChangeLapsed'
  | 'ChangeApproved'
  | 'ApprovalBegan'
  | 'ApprovalEnded'
  | 'FeatureRemoved';
type ActType = Exclude<FeatureEvent['type'], Following>;

const RULES: { readonly [T in ActType]: ActRule<T> } = {
  ChangeRevised: revised,
  ChangeWithdrawn: withdrawn,
  PolicyPinned: repinned,
  DocumentAttached: documentAttached,
  ApprovalRevoked: revoked,
  MaintenanceContested: contested,
  OptOutRecorded: optedOut,
  RollbackConfirmed: rollbackConfirmed,
  VoteCertified: certified,
  SignatureGiven: (city, feature, change, event, ...when) =>
    (event.decision === 'take-back' ? takenBack : signed)(city, feature, change, event, ...when),
  BallotCast: balloted,
  ConfirmationGiven: confirmed,
  AdviceGiven: advised,
};

/**
 * Checks that a decision is the official's own and, if it enters late, that they are still in office. If no rule is pinned, the policy
 * in force decides whether a passkey is needed.
 */
const mustBeOwn = (city: City, { key }: FeatureCase, change: ChangeCase | null, event: ProvenAct, { zone }: Moment): void => {
  const { holder, seat, at } = event;
  const [, late] = instantsToCheck(city, at);
  must(late === undefined || isSeated(city, holder, seat, { at: late, zone }), 'not-in-office', `${holder} left ${seat} since`);
  const pinned = change?.pinned?.passkeys;
  const rulesAt = (at: string) =>
    pinned === undefined ? inForceAt(city.policies, at).map(({ policy }) => policy.passkeys ?? 'off') : [pinned];
  mustBeProven(city, event, rulesAt, (by) => mustProveDecision(key, event, by));
};

const CODE_OF_FIELD: Readonly<Record<string, JudgeCode>> = { validUntil: 'approval-end', terms: 'approval-terms' };

const mustBeOwed = (event: FeatureEvent, expected: FeatureEvent): void => {
  must(event.type === expected.type, 'consequence-missing', `${expected.type} must follow, not ${event.type}`);
  const [field, ...more] = differing(event, expected);
  const code = field !== undefined && more.length === 0 ? CODE_OF_FIELD[field] : undefined;
  must(field === undefined, code ?? 'consequence', `the ${field} of ${event.type} does not follow`);
};

const remember =
  (city: City, key: string, feature: FeatureCase, events: readonly FeatureEvent[]): Effect =>
  () => {
    city.features.set(key, feature);
    if (key === POLICY_KEY) for (const event of events) rememberApproval(city.policyApprovals, feature, event);
  };

const rememberApproval = (approvals: City['policyApprovals'], feature: FeatureCase, event: FeatureEvent): void => {
  const end = (number: number): void => {
    const known = approvals.get(`${POLICY_KEY}/${number}`);
    if (known !== undefined) approvals.set(`${POLICY_KEY}/${number}`, { ...known, endedAt: event.at });
  };
  if (event.type === 'ChangeApproved' || event.type === 'ApprovalBegan') {
    for (const replaced of event.replaces) end(replaced);
    const change = feature.changes.get(event.change);
    const begins = event.type === 'ApprovalBegan' || event.becomes === 'in-force';
    if (change === undefined || !begins) return;
    const sha256 = policyNamed(change.notice);
    approvals.set(`${POLICY_KEY}/${event.change}`, { since: event.at, revision: change.revision, sha256, endedAt: null });
  }
  if (event.type === 'ApprovalRevoked' || event.type === 'ApprovalEnded') end(event.change);
};

const nextOfApproval = (feature: FeatureCase, change: ChangeCase): FeatureEvent | undefined => {
  const base = { v: 1, change: change.number } as const;
  const now = inForce(feature);
  const starts = feature.waiting === change.number ? beginsAt(feature) : null;
  // An approval that has ended by then is not replaced; it ends first.
  const begins = starts !== null && now?.validUntil != null && now.validUntil <= starts ? null : starts;
  const replaces = now === undefined ? [] : [now.number];
  const [behind, next] = [overtakenWaiting(feature), waitingApproval(feature)];
  const gone = next === undefined || removedAt(feature, next) === null ? behind : next;
  const end = (at: string | null, because: 'end' | 'removal'): readonly FeatureEvent[] => {
    if (at === null) return [];
    const other = change.number !== feature.standing ? undefined : because === 'removal' ? gone : behind;
    return [{ ...base, type: 'ApprovalEnded', at, because, ends: other === undefined ? [] : [other.number] }];
  };
  const all: readonly FeatureEvent[] = [
    ...end(change.validUntil, 'end'),
    ...end(removedAt(feature, change), 'removal'),
    ...(begins === null ? [] : [{ ...base, type: 'ApprovalBegan', at: begins, replaces } as const]),
  ];
  return all.reduce<FeatureEvent | undefined>(
    (first, each) => (first === undefined || each.at < first.at ? each : first),
    undefined,
  );
};

/** Returns the next event that time alone brings a change, with its instant; undefined if there is none. */
const nextMoment = (feature: FeatureCase, change: ChangeCase): FeatureEvent | undefined => {
  const base = { v: 1, change: change.number } as const;
  if (change.status === 'approved') return nextOfApproval(feature, change);
  if (change.waiting !== null) {
    const { until: at, requirement } = change.waiting;
    return { ...base, type: 'ChangeRefused', at, requirement: change.veto?.requirement ?? requirement, because: 'unconfirmed' };
  }
  if (change.status === 'vetoed' && change.veto !== null) {
    const { until: at, requirement } = change.veto;
    return { ...base, type: 'ChangeRefused', at, requirement, because: 'veto-stands' };
  }
  if (change.status !== 'pending') return undefined;
  const lapses = lapsesAt(change);
  let next: FeatureEvent | undefined = lapses === null ? undefined : { ...base, type: 'ChangeLapsed', at: lapses };
  for (const { id } of required(change)) {
    const known = change.requirements.get(id);
    if (known?.status !== 'open' || known.deadlineAt === null) continue;
    const { deadlineAt: at, overrideUntil: until } = known;
    if (next !== undefined && next.at <= at) continue;
    next =
      until === null
        ? { ...base, type: 'ChangeRefused', at, requirement: id, because: 'deadline' }
        : { ...base, type: 'ChangeVetoed', at, requirement: id, by: 'deadline', until: waitEnd(until, change) };
  }
  return next;
};

const isOfTime = (event: FeatureEvent): boolean =>
  event.type === 'ChangeLapsed' ||
  (event.type === 'ApprovalEnded' && event.because !== 'correction') ||
  event.type === 'ApprovalBegan' ||
  (event.type === 'ChangeVetoed' && event.by === 'deadline') ||
  (event.type === 'ChangeRefused' && ['deadline', 'veto-stands', 'unconfirmed'].includes(event.because));
