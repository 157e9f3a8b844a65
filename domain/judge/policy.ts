import type { EventOf } from '../feature/events.ts';
import { canonical, digestOf } from '../kernel/canonical.ts';
import type { Commit } from '../kernel/commit.ts';
import { plusDuration } from '../kernel/zone.ts';
import type { PolicyEvent } from '../policy/events.ts';
import { IMPACTS, KINDS, type Policy, type Requirement, type Rule } from '../policy/schema.ts';
import type { Roster } from '../roster/schema.ts';
import { beginsAt } from './arrivals.ts';
import { type ChangeCase, required } from './case.ts';
import {
  CITY,
  type City,
  inForceAt,
  instantsToCheck,
  knownFrom,
  POLICY_KEY,
  type PolicyApproval,
  wasStillValid,
} from './city.ts';
import { applies, isInOrder, votesNeeded } from './rules.ts';
import {
  areSeatsOf,
  following,
  leavesTwo,
  type Moment,
  mustAddOnly,
  mustBeSound,
  officeOf,
  type RosterVersion,
  seatedBy,
  seatsOf,
} from './sitting.ts';
import { onlyEvent } from './streams.ts';
import { equal, judgeByAnyVersion, must, mustBeOperator } from './verdict.ts';

type Event<T extends PolicyEvent['type']> = Extract<PolicyEvent, { type: T }>;
type Effect = () => void;

export const judgePolicies = (city: City, commit: Commit, events: readonly PolicyEvent[], zone: string): Effect => {
  const event = onlyEvent(events, commit);
  const { policy, bodies, newSeats, sha256 } = event;
  const content = { policy, bodies, ...(newSeats !== undefined && { newSeats }) };
  must(digestOf(canonical(content)) === sha256, 'digest', 'the policy has another digest');
  const rosters = inForceAt(city.rosters, commit.at).map((version) => seatedBy(city.bodies, version));
  must(rosters.length > 0, 'other-roster', 'a policy is judged against a roster, and none is in force');
  mustBringSeats(city, event, rosters);
  judgeByAnyVersion(rosters, (roster) => mustSuit(event, roster, { at: commit.at, zone }));
  return event.type === 'PolicyProposed' ? proposed(city, commit, event) : adopted(city, commit, event);
};

const mustBringSeats = ({ policy }: City, event: PolicyEvent, rosters: readonly RosterVersion[]): void => {
  if (policy !== undefined) {
    mustAddOnly(policy.bodies, event);
    return;
  }
  const isOf = rosters.some(({ roster }) => areSeatsOf(event.bodies, roster));
  must(isOf && event.newSeats === undefined, 'new-seats', 'the first policy has the bodies of the roster in force');
};

const CONTENT_BYTES_MAX = 14_000;

const mustSuit = (event: PolicyEvent, roster: RosterVersion, moment: Moment): void => {
  const { policy, bodies, newSeats = null } = event;
  const next = following(roster, event);
  mustBeSound(next.roster, moment.zone);
  mustBeWorkable(policy, next.roster);
  const bytes = Buffer.byteLength(canonical({ policy, bodies, newSeats }));
  must(bytes <= CONTENT_BYTES_MAX, 'policy-invalid', 'the policy and its seats are too long');
  must(leavesTwo(policy, next, moment, false), 'too-few-confirmers', 'too few persons would remain to confirm a roster');
};

const proposed = (city: City, { actor }: Commit, { sha256, at }: Event<'PolicyProposed'>): Effect => {
  mustBeOperator(actor);
  must(city.policy !== undefined, 'policy-proposal', 'the first policy needs no proposal');
  must(city.policy.sha256 !== sha256, 'policy-proposal', 'this policy is in force');
  must(city.policyProposal !== sha256, 'already-decided', 'this policy was proposed last');
  const known = knownFrom(city, at);
  return () => {
    city.policyProposal = sha256;
    if (!city.policyWords.has(sha256)) city.policyWords.set(sha256, known);
  };
};

const adopted = (city: City, { actor }: Commit, event: Event<'PolicyAdopted'>): Effect => {
  const { number, sha256, policy, bodies, newSeats, by, at } = event;
  must(number === (city.policy?.number ?? 0) + 1, 'number', `policy ${number} is not the next`);
  if ('operator' in by) {
    must(city.policy === undefined, 'second-operator', 'a policy is in force; the operator’s word is not enough for another');
    mustBeOperator(actor);
  } else {
    must(city.policyWords.has(sha256), 'policy-proposal', 'this policy was not proposed');
    const approval = city.policyApprovals.get(by.change);
    const named = approval?.revision === by.revision && approval.sha256 === sha256;
    must(approval !== undefined && named, 'policy-not-approved', `${by.change} does not approve this policy`);
    must(approval.since <= at, 'policy-not-approved', `${by.change} was approved later`);
    const isOver = instantsToCheck(city, at).some((when) => wasOver(city, by.change, approval, when));
    must(!isOver, 'policy-not-approved', `the approval of ${by.change} had ended`);
    must(
      !city.spentApprovals.has(by.change),
      'policy-not-approved',
      `${by.change}, or what replaced it, has adopted a policy before`,
    );
    must(actor === 'clock', 'actor', `${actor} does not adopt what was approved`);
  }
  return () => {
    city.policies.push({ number, since: at, sha256, policy, bodies, ...(newSeats !== undefined && { newSeats }) });
    if (city.policyProposal === sha256) city.policyProposal = null;
    if ('change' in by) city.spentApprovals.add(by.change);
    for (const [change, { endedAt }] of city.policyApprovals) if (endedAt !== null) city.spentApprovals.add(change);
  };
};

/**
 * Reports whether an approval had ended: by an act, on its date or by an approval that waited, recorded or not; or because a body whose
 * approval counted revoked it while the feature's stream could not be read.
 */
const wasOver = ({ features, revocations }: City, name: string, { endedAt }: PolicyApproval, at: string): boolean => {
  const feature = features.get(POLICY_KEY);
  const change = feature?.changes.get(Number(name.split('/')[1]));
  if (feature === undefined || change === undefined) return !wasStillValid(endedAt, at);
  const offs = required(change).map(({ id, instrument }) => {
    const counted = instrument !== 'advice' && change.requirements.get(id)?.status !== 'overridden';
    return counted ? revocations.get(`${name}/${id}`)?.at : undefined;
  });
  const next = feature.standing === change.number ? beginsAt(feature) : null;
  return [endedAt, change.validUntil, next, ...offs].some((end) => !wasStillValid(end ?? null, at));
};

const PERSONS_MIN = 2;
const POLICY_BYTES_MAX = 10_000;

const mustBeWorkable = (policy: Policy, roster: Roster): void => {
  must(Buffer.byteLength(canonical(policy)) <= POLICY_BYTES_MAX, 'policy-invalid', 'the policy is too long');
  const forAll = policy.rules.map(
    ({ when: { kind = KINDS, key = ['**'], impact } }) =>
      impact === undefined && key.includes('**') && KINDS.every((each) => kind.includes(each)),
  );
  must(forAll.indexOf(true) === policy.rules.length - 1, 'policy-invalid', 'the last rule, and no other, is for every change');
  const ids = policy.rules.map(({ id }) => id);
  must(new Set(ids).size === ids.length, 'policy-invalid', 'two rules have one id');
  for (const rule of policy.rules) {
    const times = [rule.window, rule.term];
    must(times.every(isPositive), 'policy-invalid', `${rule.id}: a window or a term is no time at all`);
    must((rule.when.key ?? []).every(canMatch), 'policy-invalid', `${rule.id}: a key can match nothing`);
    const names = rule.require.map(({ id }) => id);
    must(new Set(names).size === names.length, 'policy-invalid', `two requirements of ${rule.id} have one id`);
    for (const requirement of rule.require) mustBeFillable(requirement, rule, roster);
    must(fewestPersons(rule, roster) >= PERSONS_MIN, 'policy-invalid', `one person alone could approve under ${rule.id}`);
  }
  for (const [source, { every }] of Object.entries(policy.observe?.sources ?? {}))
    must(endOf(every) >= endOf(LOOK_MIN), 'policy-invalid', `${source} reports more often than is recorded`);
  mustBeReplaceable(policy, roster);
};

/** The shortest interval of reports: one that repeats the last is recorded at most once an hour. */
const LOOK_MIN = 'PT2H';

const SOME_DAY = { at: '2026-01-01T00:00:00.000Z', zone: 'UTC' };

const endOf = (duration: string): string => plusDuration(SOME_DAY.at, duration, SOME_DAY.zone);

const isPositive = (duration: string | undefined): boolean => duration === undefined || endOf(duration) > SOME_DAY.at;

const GLOB_SEGMENT = /^(?:\*|[a-z0-9-]{1,40})$/;
const GLOB_SEGMENTS_MAX = 5;
const WIDE_SEGMENTS_MAX = 2;

const canMatch = (glob: string): boolean => {
  const segments = glob.split('.');
  const narrow = segments.filter((segment) => segment !== '**');
  const wide = segments.length - narrow.length;
  return narrow.every((segment) => GLOB_SEGMENT.test(segment)) && narrow.length <= GLOB_SEGMENTS_MAX && wide <= WIDE_SEGMENTS_MAX;
};

/** What every proposal of a policy announces: changed terms and, of the nine impacts, changed oversight. */
const PROPOSAL: Parameters<typeof applies>[2] = {
  kind: 'terms',
  impact: Object.fromEntries(IMPACTS.map((name) => [name, name === 'oversight' ? 'changed' : 'unchanged'])) as Parameters<
    typeof applies
  >[2]['impact'],
};

/** Reports whether a notice announces another policy: its contents let the policy in force choose who approves the next. */
export const isProposal = ({ kind, impact, optOut, effectiveAt, endsAt }: EventOf<'ChangeNotified'>['notice']): boolean =>
  equal({ kind, impact, optOut, effectiveAt, endsAt }, { ...PROPOSAL, optOut: 'yes', effectiveAt: null, endsAt: null });

/** Returns the digest of the one policy that a notice names. */
export const policyNamed = ({ documents }: Pick<EventOf<'ChangeNotified'>['notice'], 'documents'>): string | null => {
  const [first, ...more] = documents.filter(({ kind }) => kind === 'policy');
  return first?.sha256 === undefined || more.length > 0 ? null : `sha256:${first.sha256}`;
};

/** Checks that the policy a notice names was public by the time of the notice, within the tolerance for a gate's clocks. */
export const mustBeReadable = ({ policyWords }: City, { notice, since }: ChangeCase): void => {
  const at = policyWords.get(policyNamed(notice) ?? '');
  must(at !== undefined && wasStillValid(since, at), 'policy-proposal', 'the notice names no policy that had been proposed');
};

/** Checks that a next policy could be approved under this one: no vendor documents, enough seats, a window longer than the notice. */
const mustBeReplaceable = ({ rules }: Policy, roster: Roster): void => {
  const rule = rules.find((each) => applies(each, POLICY_KEY, PROPOSAL));
  must(rule !== undefined, 'policy-locked', 'no rule is for a change of the policy');
  const { id, when, documents = [], notice, window, require } = rule;
  const own = (when.key ?? []).some((glob) => glob === CITY || glob.startsWith(`${CITY}.`));
  const fits = documents.length === 0 || (own && !documents.includes('policy'));
  must(fits, 'policy-locked', `${id} asks for ${documents[0]} when the policy itself is to change`);
  const decidable = notice === undefined || window === undefined || endOf(notice) < endOf(window);
  must(decidable, 'policy-locked', `under ${id} the window ends before a decision counts`);
  for (const body of new Set(require.map((each) => each.body))) {
    const seats = seatsOf(roster, body).length;
    const strength = { seats, filled: seats, present: seats, recused: 0 };
    const acting = require.filter((each) => each.body === body && each.instrument !== 'advice');
    const parts = acting.map(({ threshold }) => (threshold === undefined ? 1 : votesNeeded(threshold, strength)));
    const certifies = require.some((each) => each.instrument === 'certification' && officeOf(roster, each.body) === body);
    const wanted = parts.reduce((sum, each) => sum + each, certifies ? 1 : 0);
    must(parts.length === 0 || wanted <= seats, 'policy-locked', `${id} asks for ${wanted} different persons of ${body}`);
  }
};

const mustBeFillable = (requirement: Requirement, { id: rule, require }: Rule, roster: Roster): void => {
  const { id, body, instrument, threshold, quorum, after = [], deadline, override, confirmedBy } = requirement;
  const check: (condition: unknown, detail: string) => asserts condition = (condition, detail) =>
    must(condition, 'policy-invalid', `${rule}/${id}: ${detail}`);
  const seats = seatsOf(roster, body).length;
  const certified = instrument === 'certification';
  const voted = certified || instrument === 'ballots';
  check(voted === (threshold !== undefined), 'votes have a threshold, and nothing else does');
  check(voted || quorum === undefined, 'only votes have a quorum');
  check(instrument === 'signature' || (deadline ?? override) === undefined, 'only signatures have these');
  check(isPositive(deadline), 'a deadline is no time at all');
  check(override === undefined || isInOrder(override), 'no vote could be held in time');
  check(certified || confirmedBy === undefined, 'only certificates are confirmed');
  check(confirmedBy === undefined || canConfirm(confirmedBy, body, roster), 'no holder can confirm');
  check(!certified || officeOf(roster, body) !== undefined, 'no office certifies');
  check(threshold?.of !== 'present' || instrument !== 'ballots', 'no one is present at ballots');
  const yes = typeof threshold?.yes === 'number' ? threshold.yes : 1;
  check(yes <= seats && (quorum ?? 0) <= seats, `asks for more than ${seats} seats`);
  const known = after.every((name) => require.some((each) => each.id === name && each.instrument !== 'advice'));
  check(known && !before(require, id).has(id), 'waits for what cannot come');
  if (override === undefined) return;
  const second = require.find((each) => each.id === override.requirement);
  check(second?.instrument === 'certification', 'no vote can overturn it');
  check(before(require, id).has(second.id), 'comes before the vote that overturns it');
  check(override.yes <= seatsOf(roster, second.body).length, 'no vote is large enough');
  const confirms = override.confirmedBy !== undefined && canConfirm(override.confirmedBy, second.body, roster);
  check(confirms, 'no second person confirms the vote that overturns it');
};

const canConfirm = (confirmedBy: string, certified: string, roster: Roster): boolean => {
  const [body = '', seat] = confirmedBy.split('/');
  const seats = seatsOf(roster, body);
  return seats.length > (officeOf(roster, certified) === body ? 1 : 0) && (seat === undefined || seats.includes(seat));
};

/** Returns the requirements that come before one, directly or not; they include it if it waits for itself. */
const before = (require: readonly Requirement[], id: string): ReadonlySet<string> => {
  const found = new Set<string>();
  const add = (name: string): void => {
    for (const each of require.find((candidate) => candidate.id === name)?.after ?? [])
      if (!found.has(each)) {
        found.add(each);
        add(each);
      }
  };
  add(id);
  return found;
};

/**
 * Returns the fewest persons who could satisfy a rule by their own acts: a signer each, the balloters who must vote yes, one clerk per
 * office, and the one who confirms a certificate. To overturn a signature takes one as well: the person who confirms that vote.
 */
const fewestPersons = ({ require }: Rule, roster: Roster): number => {
  const offices = require.filter(({ instrument }) => instrument === 'certification').map(({ body }) => officeOf(roster, body));
  const own = require.map(({ instrument, body, threshold, quorum }) => {
    if (instrument === 'signature') return 1;
    if (instrument !== 'ballots' || threshold === undefined) return 0;
    const seats = seatsOf(roster, body).length;
    const filled = threshold.of === 'filled' ? 1 : seats;
    return Math.max(votesNeeded(threshold, { seats, filled, present: seats, recused: 0 }), quorum ?? 0);
  });
  const acting = new Set(offices).size + own.reduce((sum, each) => sum + each, 0);
  // The person who confirms is not the clerk, but can be one who signs or ballots.
  return require.some(({ confirmedBy }) => confirmedBy !== undefined) ? Math.max(acting, PERSONS_MIN) : acting;
};
