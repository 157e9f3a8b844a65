import type { EventOf, FeatureEvent } from '../../../domain/feature/events.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';
import { plusDuration } from '../../../domain/kernel/zone.ts';
import type { Requirement } from '../../../domain/policy/schema.ts';
import { NOTHING_READ, opinionAt, readEvent } from '../../support/reading.ts';
import { lateness } from './secondVote.ts';

// A second opinion on "enabled", from the events alone and by other means than `evaluate`: it collects every reason why a feature
// may not be on at an instant. It may find none where `evaluate` says no; where `evaluate` says yes it must find none.

type Acts = readonly FeatureEvent[];
type Vote = EventOf<'VoteCertified'>;

interface Opinion {
  readonly wording: EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>;
  readonly require: readonly Requirement[];
  readonly from: string;
  readonly term: string | null;
  /** What officials did on this wording under this rule, in order. */
  readonly acts: Acts;
}

const isWording = (event: FeatureEvent): event is Opinion['wording'] =>
  event.type === 'ChangeNotified' || event.type === 'ChangeRevised';

/** The wording that stood at the event with index `until`, the rule that bound it, and the acts on it. */
const opinionOf = (events: Acts, change: number, until: number): Opinion | undefined => {
  const own = events.slice(0, until).filter((event) => event.change === change);
  const wording = own.findLast(isWording);
  const binding = own.findLastIndex((event) => isWording(event) || event.type === 'PolicyPinned');
  const binder = own[binding];
  const pinned = binder !== undefined && 'pinned' in binder ? binder.pinned : null;
  if (wording === undefined || pinned === null) return undefined;
  return { wording, require: pinned.require, from: pinned.from, term: pinned.term, acts: own.slice(binding + 1) };
};

const needed = ({ threshold }: Requirement, seats: number): number => {
  if (threshold?.of !== 'seats' || threshold.yes !== 'majority') throw new Error('the oracle knows majorities of seats only');
  return Math.floor(seats / 2) + 1;
};

const yesOf = ({ roll }: Vote): number => roll.filter(({ vote }) => vote === 'yes').length;
const presentOf = ({ roll }: Vote): number =>
  roll.filter(({ vote }) => ['yes', 'no', 'abstain', 'recused'].includes(vote)).length;
const votersOf = ({ roll }: Vote): string[] =>
  roll.flatMap(({ vote, holder }) => (holder !== null && ['yes', 'no', 'abstain'].includes(vote) ? [holder] : []));

interface Satisfaction {
  readonly problem: string | null;
  readonly persons: readonly string[];
  readonly clerks: readonly string[];
  readonly terms: readonly string[];
  readonly at: string;
}
const unmet = (problem: string): Satisfaction => ({ problem, persons: [], clerks: [], terms: [], at: '' });

const byVote = (
  requirement: Requirement,
  { acts, from }: Opinion,
  size: number | undefined,
  purpose: 'adopt' | 'override',
): Satisfaction => {
  const votes = acts.filter((event): event is Vote => event.type === 'VoteCertified' && event.requirement === requirement.id);
  const first = votes.find((vote) => vote.purpose === purpose);
  if (first === undefined) return unmet(`${requirement.id}: no ${purpose}ing vote`);
  const latest = votes.findLast((vote) => vote.purpose === 'correct' && vote.meetingDate === first.meetingDate) ?? first;
  const enough = size ?? needed(requirement, latest.roll.length);
  const clerks = votes.map(({ holder }) => holder);
  const problem =
    yesOf(latest) < enough
      ? `${requirement.id}: ${yesOf(latest)} of ${enough} yes`
      : presentOf(latest) < (requirement.quorum ?? 0)
        ? `${requirement.id}: no quorum`
        : latest.meetingDate < from.slice(0, 10) || first.meetingDate > first.at.slice(0, 10)
          ? `${requirement.id}: the meeting was at the wrong time`
          : null;
  return { problem, persons: votersOf(latest), clerks, terms: [canonical(first.terms), canonical(latest.terms)], at: first.at };
};

const bySignature = (requirement: Requirement, opinion: Opinion): Satisfaction => {
  const { acts, from } = opinion;
  const signed = acts.find(
    (event): event is EventOf<'SignatureGiven'> => event.type === 'SignatureGiven' && event.requirement === requirement.id,
  );
  if (signed?.decision === 'approve') {
    const problem = signed.at < from ? `${requirement.id}: signed before its time` : null;
    return { problem, persons: [signed.holder], clerks: [], terms: [canonical(signed.terms)], at: signed.at };
  }
  const { override } = requirement;
  const veto = acts.find(
    (event): event is EventOf<'ChangeVetoed'> => event.type === 'ChangeVetoed' && event.requirement === requirement.id,
  );
  if (override === undefined || veto === undefined) return unmet(`${requirement.id}: not signed`);
  const since = acts.slice(acts.indexOf(veto));
  const body = opinion.require.find(({ id }) => id === override.requirement);
  if (body === undefined) return unmet(`${requirement.id}: nobody could overturn it`);
  const second = byVote(body, { ...opinion, acts: since }, override.yes, 'override');
  if (second.problem !== null) return second;
  const late = lateness(override, veto, since);
  if (late !== null) return unmet(`${requirement.id}: ${late}`);
  const confirmed = since.find(
    (event): event is EventOf<'ConfirmationGiven'> => event.type === 'ConfirmationGiven' && event.decision === 'confirm',
  );
  if (override.confirmedBy !== undefined) {
    const certificate = since.findLast((event) => event.type === 'VoteCertified' && event.act === confirmed?.certificate);
    if (confirmed === undefined || certificate?.type !== 'VoteCertified')
      return unmet(`${requirement.id}: nobody confirmed the second vote`);
    if (certificate.holder === confirmed.holder) return unmet(`${requirement.id}: the clerk confirmed alone`);
  }
  // The voters of the second vote count for the body that voted; the person who refused counts for the office.
  return { ...second, persons: signed === undefined ? [] : [signed.holder] };
};

const byBallots = (requirement: Requirement, { acts, from }: Opinion): Satisfaction => {
  const cast = acts.filter(
    (event): event is EventOf<'BallotCast'> => event.type === 'BallotCast' && event.requirement === requirement.id,
  );
  const met = acts.findIndex((event) => event.type === 'RequirementMet' && event.requirement === requirement.id);
  const counted = cast.filter((event) => met >= 0 && acts.indexOf(event) < met && event.decision === 'approve');
  const seats = new Set(counted.map(({ seat }) => seat)).size;
  const persons = new Set(counted.map(({ holder }) => holder)).size;
  const enough = needed(requirement, cast[0]?.seats ?? 1);
  const problem =
    Math.min(seats, persons) < enough
      ? `${requirement.id}: ${seats} seats and ${persons} persons of ${enough}`
      : cast.length !== new Set(cast.map(({ seat }) => seat)).size
        ? `${requirement.id}: a seat answered twice`
        : counted.some(({ at }) => at < from)
          ? `${requirement.id}: a ballot before its time`
          : null;
  return {
    problem,
    persons: [...new Set(cast.map(({ holder }) => holder))],
    clerks: [],
    terms: counted.map(({ terms }) => canonical(terms)),
    at: counted.at(-1)?.at ?? '',
  };
};

/** Why an approval, with the acts known so far, does not hold. */
const approvalProblems = (approval: EventOf<'ChangeApproved'>, opinion: Opinion): readonly string[] => {
  const { wording, require, term, acts } = opinion;
  const counting = require.filter(({ instrument }) => instrument !== 'advice');
  const satisfied = counting.map((requirement) =>
    requirement.instrument === 'certification'
      ? byVote(requirement, opinion, undefined, 'adopt')
      : requirement.instrument === 'signature'
        ? bySignature(requirement, opinion)
        : byBallots(requirement, opinion),
  );
  const problems: string[] = satisfied.flatMap(({ problem }) => (problem === null ? [] : [problem]));
  if (counting.length === 0) problems.push('nothing was required');
  if (approval.digest !== wording.digest || approval.revision !== wording.revision) problems.push('other words were approved');
  if (acts.some((event) => 'digest' in event && event.digest !== wording.digest)) problems.push('an act is on other words');
  const terms = new Set([canonical(approval.terms), ...satisfied.flatMap((each) => each.terms)]);
  if (terms.size !== 1) problems.push(`${terms.size} sets of terms`);
  const persons = satisfied.flatMap((each) => [...new Set(each.persons)]);
  if (new Set(persons).size !== persons.length) problems.push('somebody counts in two requirements');
  const clerks = satisfied.flatMap((each) => each.clerks);
  if (clerks.some((clerk) => persons.includes(clerk))) problems.push('a clerk votes, signs or ballots');
  const { person } = wording.provenance;
  const confirmers = acts.flatMap((event) => (event.type === 'ConfirmationGiven' ? [event.holder] : []));
  if (person !== null && [...persons, ...clerks, ...confirmers].includes(person))
    problems.push('who entered the notice acts on it');
  for (const [index, { after = [] }] of counting.entries()) {
    const mine = satisfied[index]?.at ?? '';
    if (after.some((id) => (satisfied[counting.findIndex((each) => each.id === id)]?.at ?? '') > mine))
      problems.push('out of order');
  }
  const authenticated = acts.flatMap((event) => {
    if (event.type === 'VoteCertified') return [event.holder];
    if (event.type === 'ConfirmationGiven') return event.decision === 'confirm' ? [event.holder] : [];
    return (event.type === 'SignatureGiven' || event.type === 'BallotCast') && event.decision === 'approve' ? [event.holder] : [];
  });
  if (new Set(authenticated).size < 2) problems.push('one person alone approved');
  const ends = [wording.notice.endsAt, approval.terms.until, term === null ? null : plusDuration(approval.at, term, 'UTC')]
    .filter((end) => end !== null)
    .sort();
  if (approval.validUntil !== (ends[0] ?? null)) problems.push('another end than the earliest');
  return problems;
};

/** Every reason why the feature itself, its prefixes left aside, may not be on at `t`, or not with these words. */
export const reasonsAgainst = (
  events: Acts,
  t: string,
  shown?: { readonly change: number | null; readonly revision: number | null },
): readonly string[] => {
  const known = events.filter(({ at }) => at <= t);
  const { on, against } = opinionAt(known.reduce(readEvent, NOTHING_READ), t);
  if (on === null) return against;
  const other = shown !== undefined && (shown.change !== on.change || shown.revision !== on.revision);
  const index = known.findLastIndex((event) => event.type === 'ChangeApproved' && event.change === on.change);
  const approval = known[index];
  if (approval?.type !== 'ChangeApproved') return ['never approved'];
  const opinion = opinionOf(known, approval.change, index);
  if (opinion === undefined) return ['no rule bound it'];
  const own = known.slice(index + 1).filter(({ change }) => change === approval.change);
  return [
    ...(other ? [`change ${shown.change} is shown, and change ${on.change} is in force`] : []),
    ...approvalProblems(approval, { ...opinion, acts: [...opinion.acts, ...own] }),
  ];
};
