import { PASSED, reject } from '../../kernel/decider.ts';
import { localDateOf } from '../../kernel/zone.ts';
import { type JudgedRollCall, judgeRollCall, type Vote } from '../../policy/rollCall.ts';
import { firstVote } from '../../policy/rules.ts';
import type { Override, Requirement } from '../../policy/schema.ts';
import { correctsOverride } from '../evolve.ts';
import { type ChangeState, type FeatureState, requirementsOf } from '../state.ts';
import type { Certify } from './certificate.ts';
import type { FeatureCheck } from './guard.ts';
import { dayDecided } from './meeting.ts';

/** `vetoedAt`: when the refusal of `vetoed` was given that the vote overturns. */
export interface SecondVote {
  readonly vetoed: string;
  readonly vetoedAt: string;
  readonly rule: Override;
}

export const vetoOver = (state: FeatureState, change: ChangeState, requirement: string): SecondVote | undefined => {
  const { veto } = change;
  const vetoed = requirementsOf(state, change).find(
    ({ id, override }) => id === veto?.requirement && override?.requirement === requirement,
  );
  return veto === null || vetoed?.override === undefined
    ? undefined
    : { vetoed: vetoed.id, vetoedAt: veto.at, rule: vetoed.override };
};

export const checkSecondMeeting = ({ meetingDate, zone }: Certify, { vetoedAt, rule }: SecondVote): FeatureCheck => {
  if (meetingDate < localDateOf(vetoedAt, zone))
    return reject('meeting-out-of-time', 'the second vote must come after the veto', '/meetingDate');
  const first = firstVote(rule, vetoedAt, zone);
  return meetingDate < first
    ? reject('meeting-out-of-time', `the rule lets the second vote be held from ${first}`, '/meetingDate')
    : PASSED;
};

/** Returns the second votes of a body that overturned a refusal, or would once they are confirmed. */
export const secondVotes = (state: FeatureState, change: ChangeState, requirement: string): readonly SecondVote[] =>
  requirementsOf(state, change).flatMap(({ id, override }) => {
    const { status, overrideUntil } = change.requirements[id] ?? {};
    const overturned = status === 'overridden' ? overrideUntil : null;
    const { veto, confirmation } = change;
    const vetoedAt = veto?.requirement === id && confirmation !== null ? veto.at : overturned;
    return override?.requirement !== requirement || vetoedAt == null ? [] : [{ vetoed: id, vetoedAt, rule: override }];
  });

type Recorded = Pick<Certify, 'requirement' | 'purpose' | 'meetingDate'>;

/** Returns the second votes that a record is of; none for that of an adopting vote. */
export const secondVotesOf = (state: FeatureState, change: ChangeState, record: Recorded): readonly SecondVote[] => {
  const { requirement, purpose, meetingDate } = record;
  const over = purpose === 'override' ? vetoOver(state, change, requirement) : undefined;
  if (over !== undefined) return [over];
  const known = change.requirements[requirement];
  const corrects = purpose === 'correct' && known !== undefined && correctsOverride(known, meetingDate);
  return corrects ? secondVotes(state, change, requirement) : [];
};

/** Reports whether a corrected record puts its vote behind what by the rule follows it, and was decided before. */
export const isBehind = (state: FeatureState, change: ChangeState, record: Recorded, zone: string): boolean => {
  const [second] = secondVotesOf(state, change, record);
  const decides = second?.vetoed ?? record.requirement;
  return requirementsOf(state, change).some(({ id, after = [] }) => {
    const decided = after.includes(decides) ? dayDecided(change, id, zone) : undefined;
    return decided !== undefined && decided < record.meetingDate;
  });
};

/** Judges the roll of a record by the number that its vote needs, before it is sent. */
export const judgeRecord = (
  state: FeatureState,
  change: ChangeState,
  rule: Requirement,
  record: Omit<Recorded, 'requirement'> & { readonly votes: Readonly<Record<string, Vote>> },
): JudgedRollCall => {
  const [second] = secondVotesOf(state, change, { ...record, requirement: rule.id });
  return judgeRollCall(rule, record.votes, Object.keys(record.votes), second?.rule.yes);
};
