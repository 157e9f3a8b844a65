import type { EventOf } from '../events.ts';
import { joinPersons, personOf } from '../persons.ts';
import type { FeatureState, RequirementState } from '../state.ts';
import { isOpen } from '../state.ts';
import { termsDigest } from '../terms.ts';
import { rememberAct, update, updateRequirement, withClerk } from './edit.ts';

const BALLOT: Record<EventOf<'BallotCast'>['decision'], string> = { approve: 'y', refuse: 'n', abstain: 'a' };

/** A ballot as the state keeps it: what was said, and the first part of the act, which tells a resend from a second thought. */
export const ballotMark = (decision: EventOf<'BallotCast'>['decision'], act: string): string =>
  `${BALLOT[decision]}${act.slice(0, 7)}`;

/** The fingerprints of those who took part in a vote: they count in its requirement and in no other. */
export const votersOf = (roll: EventOf<'VoteCertified'>['roll']): readonly string[] =>
  roll
    .filter(({ vote }) => vote === 'yes' || vote === 'no' || vote === 'abstain')
    .flatMap(({ holder }) => (holder === null ? [] : [personOf(holder)]));

/** A certified vote: the terms it sets, and who counts in it. */
export const certified = (state: FeatureState, event: EventOf<'VoteCertified'>): FeatureState => {
  const voters = votersOf(event.roll);
  const noted = update(state, event.change, (change) => ({
    ...rememberAct(change, event.act),
    terms: change.terms ?? termsDigest(event.terms),
  }));
  return updateRequirement(noted, event.change, event.requirement, (requirement) => {
    const clerks = withClerk(requirement.clerks, personOf(event.holder));
    switch (event.purpose) {
      case 'adopt':
        return { ...requirement, clerks, persons: joinPersons(...voters), meeting: event.meetingDate };
      case 'override':
        return {
          ...requirement,
          clerks,
          overriders: joinPersons(requirement.overriders, ...voters),
          overrideMeeting: event.meetingDate,
        };
      case 'correct':
        return correctsOverride(requirement, event.meetingDate)
          ? { ...requirement, clerks, overriders: joinPersons(...voters) }
          : { ...requirement, clerks, persons: joinPersons(...voters) };
    }
  });
};

/** A correction names the meeting it is about. When both votes were taken on one day it is held to the stricter one, the second. */
export const correctsOverride = ({ overrideMeeting }: RequirementState, meetingDate: string): boolean =>
  overrideMeeting === meetingDate;

/** A signature or a refusal by one office-holder. */
export const signed = (state: FeatureState, event: EventOf<'SignatureGiven'>): FeatureState => {
  const terms = event.decision === 'approve' ? termsDigest(event.terms) : null;
  const noted = update(state, event.change, (change) => ({ ...rememberAct(change, event.act), terms: change.terms ?? terms }));
  return updateRequirement(noted, event.change, event.requirement, (requirement) => ({
    ...requirement,
    status: event.decision === 'refuse' ? 'refused' : requirement.status,
    persons: joinPersons(requirement.persons, personOf(event.holder)),
  }));
};

/** One member's ballot; a late one sets no terms. */
export const balloted = (state: FeatureState, event: EventOf<'BallotCast'>): FeatureState => {
  const terms = event.decision === 'approve' ? termsDigest(event.terms) : null;
  const noted = update(state, event.change, (change) => (isOpen(change) ? { ...change, terms: change.terms ?? terms } : change));
  return updateRequirement(noted, event.change, event.requirement, (requirement) => ({
    ...requirement,
    persons: joinPersons(requirement.persons, personOf(event.holder)),
    ballots: { ...requirement.ballots, [event.seat]: ballotMark(event.decision, event.act) },
    seats: event.seats,
  }));
};
