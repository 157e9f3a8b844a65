import { PASSED, reject } from '../../kernel/decider.ts';
import { latest } from '../../kernel/order.ts';
import { type JudgedRollCall, judgeRollCall, type Vote } from '../../policy/rollCall.ts';
import { firstVote } from '../../policy/rules.ts';
import type { Override, Requirement } from '../../policy/schema.ts';
import type { EventOf } from '../events.ts';
import { isOfSecondVote, votersOf } from '../evolve.ts';
import { type ChangeState, certifiesAlone, type FeatureState, joinPersons, requirementsOf } from '../state.ts';
import type { Certify } from './certificate.ts';
import type { FeatureCheck } from './guard.ts';
import { type Dated, firstMeeting } from './meeting.ts';
import { checkVoters } from './roll.ts';

/** `vetoed`: the requirement whose refusal the vote overturns. */
export interface SecondVote {
  readonly vetoed: string;
  readonly rule: Override;
}

type Recorded = Pick<Certify, 'requirement' | 'purpose' | 'meetingDate'>;

/**
 * Returns the second votes that a record can describe: one on the standing veto or, for a correction, one that overturned a refusal or
 * will once confirmed. Empty for the record of a first vote.
 */
export const secondVotesOf = (state: FeatureState, change: ChangeState, record: Recorded): readonly SecondVote[] => {
  const { veto, confirmation, requirements } = change;
  if (!isOfSecondVote(requirements[record.requirement], record)) return [];
  const corrects = record.purpose === 'correct';
  return requirementsOf(state, change).flatMap(({ id, override }) => {
    const isOverturned = corrects && requirements[id]?.status === 'overridden';
    const isVetoed = veto?.requirement === id && (!corrects || confirmation !== null);
    return override?.requirement === record.requirement && (isVetoed || isOverturned) ? [{ vetoed: id, rule: override }] : [];
  });
};

export const checkSecondMeeting = (
  { meetingDate, zone }: Certify,
  { veto }: Pick<ChangeState, 'veto'>,
  { rule }: SecondVote,
): FeatureCheck => {
  const first = veto === null ? '' : firstVote(rule, veto.at, zone);
  return meetingDate < first
    ? reject('meeting-out-of-time', `a second vote on this veto can be held from ${first}`, '/meetingDate')
    : PASSED;
};

/**
 * Returns the first meeting day on which a vote counts: a second vote if the body can overturn the standing veto, else a first.
 */
export const firstVoteDay = (
  rules: readonly Requirement[],
  change: Dated & Pick<ChangeState, 'veto'>,
  rule: Requirement,
  zone: string,
): string => {
  const { veto } = change;
  const { override } = rules.find(({ id }) => id === veto?.requirement) ?? {};
  const first = firstMeeting(change, rule, zone);
  return veto === null || override?.requirement !== rule.id ? first : latest(first, firstVote(override, veto.at, zone));
};

/**
 * Reports whether a corrected record alters what others rely on: its day, once it no longer stands alone; its voters, once a second person
 * has confirmed them or if one of them counts elsewhere; or if it could be of several second votes.
 */
export const isAltered = (
  state: FeatureState,
  change: ChangeState,
  rule: Requirement,
  record: Recorded & { readonly roll: EventOf<'VoteCertified'>['roll'] },
): boolean => {
  if (record.purpose !== 'correct') return false;
  const seconds = secondVotesOf(state, change, record);
  const [second] = seconds;
  const { requirements, confirmation } = change;
  const known = requirements[rule.id];
  const isOfOne = seconds.length === (isOfSecondVote(known, record) ? 1 : 0);
  if (!isOfOne || !checkVoters(change, rule.id, record).ok) return true;
  const day = requirements[second?.vetoed ?? rule.id]?.meeting;
  if (day !== record.meetingDate && !certifiesAlone(state, change, rule.id)) return true;
  const isConfirmed = (second?.rule ?? rule).confirmedBy !== undefined && confirmation?.requirement !== rule.id;
  const took = second === undefined ? known?.persons : known?.overriders;
  return isConfirmed && took !== joinPersons(...votersOf(record.roll));
};

/** Judges the roll of a record against the number of votes that it needs, before it is sent. */
export const judgeRecord = (
  state: FeatureState,
  change: ChangeState,
  rule: Requirement,
  record: Omit<Recorded, 'requirement'> & { readonly votes: Readonly<Record<string, Vote>> },
): JudgedRollCall => {
  const [second] = secondVotesOf(state, change, { ...record, requirement: rule.id });
  return judgeRollCall(rule, record.votes, Object.keys(record.votes), second?.rule.yes);
};
