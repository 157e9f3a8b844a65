import { PASSED, reject } from '../../kernel/decider.ts';
import { latest } from '../../kernel/order.ts';
import { localDateOf } from '../../kernel/zone.ts';
import { type JudgedRollCall, judgeRollCall, type Vote } from '../../policy/rollCall.ts';
import { firstVote } from '../../policy/rules.ts';
import type { Override, Requirement } from '../../policy/schema.ts';
import { isOfSecondVote } from '../evolve.ts';
import { type ChangeState, type FeatureState, requirementsOf } from '../state.ts';
import type { Certify } from './certificate.ts';
import type { FeatureCheck } from './guard.ts';
import { dayBegun, firstMeeting } from './meeting.ts';

/** `vetoedAt`: when the refusal of `vetoed`, which comes `after` others, was given that the vote overturns. */
export interface SecondVote {
  readonly vetoed: string;
  readonly after: readonly string[];
  readonly vetoedAt: string;
  readonly rule: Override;
}

type Recorded = Pick<Certify, 'requirement' | 'purpose' | 'meetingDate'>;

/**
 * Returns the second votes that a record can be of: one on the veto that stands; to correct it, one that overturned a refusal, or would
 * once it is confirmed. None for the record of a first vote.
 */
export const secondVotesOf = (state: FeatureState, change: ChangeState, record: Recorded): readonly SecondVote[] => {
  const { veto, confirmation, requirements } = change;
  if (!isOfSecondVote(requirements[record.requirement], record)) return [];
  const corrects = record.purpose === 'correct';
  return requirementsOf(state, change).flatMap(({ id, override, after = [] }) => {
    const { status, overrideUntil = null } = requirements[id] ?? {};
    const overturned = corrects && status === 'overridden' ? overrideUntil : null;
    const vetoedAt = veto?.requirement === id && (!corrects || confirmation !== null) ? veto.at : overturned;
    return override?.requirement !== record.requirement || vetoedAt === null
      ? []
      : [{ vetoed: id, after, vetoedAt, rule: override }];
  });
};

export const checkSecondMeeting = (
  { meetingDate, zone }: Certify,
  change: ChangeState,
  { vetoedAt, rule, after }: SecondVote,
): FeatureCheck => {
  if (meetingDate < latest(localDateOf(vetoedAt, zone), firstMeeting(change, { after }, zone)))
    return reject('meeting-out-of-time', 'the second vote must come after the veto, and what that came after', '/meetingDate');
  const first = firstVote(rule, vetoedAt, zone);
  return meetingDate < first
    ? reject('meeting-out-of-time', `the rule lets the second vote be held from ${first}`, '/meetingDate')
    : PASSED;
};

/** Reports whether a corrected record puts its vote behind what by the rule follows it, and was voted on before. */
export const isBehind = (state: FeatureState, change: ChangeState, record: Recorded, zone: string): boolean => {
  const [second] = secondVotesOf(state, change, record);
  const decides = second?.vetoed ?? record.requirement;
  return requirementsOf(state, change).some(({ id, after = [] }) => {
    const begun = after.includes(decides) ? dayBegun(change, id, zone) : undefined;
    return begun !== undefined && begun < record.meetingDate;
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
