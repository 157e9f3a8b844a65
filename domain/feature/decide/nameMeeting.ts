import { accept, allOf, nothing, PASSED, reject } from '../../kernel/decider.ts';
import { latest } from '../../kernel/order.ts';
import { endOfLocalDay, localDateOf } from '../../kernel/zone.ts';
import { firstVote, lastMeeting } from '../../policy/overrideTime.ts';
import type { Override } from '../../policy/schema.ts';
import type { NameMeeting } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import type { ChangeState, FeatureState, StandingVeto } from '../state.ts';
import { notAfterOf } from '../state.ts';
import { actingSeat, actOf, checkOpen, checkWords, type Decided, type FeatureCheck, requirementNamed } from './guard.ts';
import { vetoOver } from './override.ts';

const meetingAct = (
  { type, revision, digest, requirement, holder, comment, meetingDate }: NameMeeting,
  { pin }: ChangeState,
): string => actOf({ type, pin, revision, digest, requirement, holder, comment, meetingDate });

/** Reports whether this naming is recorded and still stands: a meeting that was moved away and back is named anew. */
const isRepeated = (command: NameMeeting, change: ChangeState): boolean =>
  change.acts.includes(meetingAct(command, change)) &&
  (change.veto === null || change.veto.meeting?.date === command.meetingDate);

/** The first and the last local date on which a meeting that is named now can be held. */
export interface MeetingDays {
  readonly first: string;
  readonly last: string;
}

/** Returns the days on which a meeting that is named at an instant can be held; undefined where the rule lets none be named. */
const daysFor = (veto: StandingVeto, rule: Override, { at, zone }: Pick<NameMeeting, 'at' | 'zone'>): MeetingDays | undefined => {
  const last = lastMeeting(rule, veto.at, zone);
  return last === undefined ? undefined : { first: latest(firstVote(rule, veto.at, zone), localDateOf(at, zone)), last };
};

const checkDay = (command: NameMeeting, { confirmation }: ChangeState, veto: StandingVeto, rule: Override): FeatureCheck => {
  const { meetingDate } = command;
  const days = daysFor(veto, rule, command);
  if (days === undefined) return reject('no-meeting-to-name', 'the rule ends the time for a second vote by no meeting');
  if (confirmation !== null) return reject('already-decided', 'a second vote has been certified');
  if (veto.meeting?.date === meetingDate) return reject('already-decided', 'this meeting has been named', '/meetingDate');
  return meetingDate < days.first || meetingDate > days.last
    ? reject('meeting-out-of-time', `the meeting must be held from ${days.first} to ${days.last}`, '/meetingDate')
    : PASSED;
};

/**
 * Returns the days on which the meeting of a requirement's body can be held if it is named now; undefined if none can be named: there is no
 * veto, the rule names no such time, a second vote has been certified, or the last of the days is over.
 */
export const meetingDays = (
  state: FeatureState,
  change: ChangeState,
  requirement: string,
  now: Pick<NameMeeting, 'at' | 'zone'>,
): MeetingDays | undefined => {
  const over = vetoOver(state, change, requirement);
  if (over === undefined || change.confirmation !== null) return undefined;
  const days = daysFor(over.veto, over.rule, now);
  return days === undefined || days.first > days.last ? undefined : days;
};

/**
 * Names the meeting at which a body can still overturn a veto, before the time for the second vote is over. It is done in public by the
 * clerk, can be done again when a meeting is moved, and never shortens the time that the rule gives without a meeting.
 */
export const nameMeeting = (command: NameMeeting, state: FeatureState, change: ChangeState): Decided => {
  if (isRepeated(command, change)) return nothing;
  const ready = allOf(checkWords(command, change), checkOpen(change));
  if (!ready.ok) return ready;
  const { at, zone, requirement, holder, comment, meetingDate, roster } = command;
  const voting = requirementNamed(state, change, requirement, 'certification');
  if (voting === undefined) return reject('unknown-requirement', `no certification named ${requirement} is asked for`);
  const seat = actingSeat(command, holder, voting);
  if (seat === undefined)
    return reject('not-in-office', `only who holds the office that certifies the acts of ${voting.body} can name its meeting`);
  const over = vetoOver(state, change, requirement);
  if (over === undefined) return reject('not-vetoed', 'there is no veto that this body can overturn');
  const fit = checkDay(command, change, over.veto, over.rule);
  if (!fit.ok) return fit;
  const { number, revision, digest } = change;
  return accept<FeatureEvent>({
    type: 'MeetingNamed',
    v: 1,
    at,
    change: number,
    revision,
    digest,
    requirement,
    act: meetingAct(command, change),
    comment,
    meetingDate,
    until: latest(endOfLocalDay(meetingDate, zone), notAfterOf(over.veto)),
    holder,
    seat,
    roster: roster?.number ?? 0,
  });
};
