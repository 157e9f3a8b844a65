import type { EventOf } from '../events.ts';
import { joinPersons, personOf } from '../persons.ts';
import type { FeatureState } from '../state.ts';
import { isOpen } from '../state.ts';
import { termsDigest } from '../terms.ts';
import { remember, update, updateRequirement } from './edit.ts';

const BALLOT: Record<EventOf<'BallotCast'>['decision'], string> = { approve: 'y', refuse: 'n', abstain: 'a' };

/** A ballot as the state keeps it: what was said, and the first part of the act, which tells a resend from a second thought. */
export const ballotMark = (decision: EventOf<'BallotCast'>['decision'], act: string): string =>
  `${BALLOT[decision]}${act.slice(0, 7)}`;

/** A certified vote: the terms it sets, and who counts in it. */
export const certified = (state: FeatureState, event: EventOf<'VoteCertified'>): FeatureState => {
  const voters = event.roll
    .filter(({ vote, holder }) => holder !== null && (vote === 'yes' || vote === 'no' || vote === 'abstain'))
    .map(({ holder }) => personOf(holder ?? ''));
  const noted = update(state, event.change, (change) => ({
    ...remember(change, event.act),
    terms: change.terms ?? termsDigest(event.terms),
  }));
  return updateRequirement(noted, event.change, event.requirement, (requirement) => ({
    ...requirement,
    clerk: personOf(event.holder),
    persons: event.purpose === 'override' ? joinPersons(requirement.persons, ...voters) : joinPersons(...voters),
    ...(event.purpose === 'adopt' && { meeting: event.meetingDate }),
    ...(event.purpose === 'override' && { overrideMeeting: event.meetingDate }),
  }));
};

/** A signature or a refusal by one office-holder. */
export const signed = (state: FeatureState, event: EventOf<'SignatureGiven'>): FeatureState => {
  const terms = event.decision === 'approve' ? termsDigest(event.terms) : null;
  const noted = update(state, event.change, (change) => ({ ...remember(change, event.act), terms: change.terms ?? terms }));
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
  }));
};
