import { accept, allOf, PASSED, reject } from '../../kernel/decider.ts';
import type { FeatureEvent } from '../events.ts';
import { type FeatureState, isOpen } from '../state.ts';
import { type Admitted, type Certify, certificateEvent, checkCarried } from './certificate.ts';
import { confirmBy } from './confirm.ts';
import type { Decided } from './guard.ts';
import { checkMeeting } from './meeting.ts';
import { changesEndingWith } from './revoke.ts';
import { checkClerk, readRoll } from './roll.ts';
import { isAltered, secondVotesOf } from './secondVote.ts';

/**
 * Records a corrected certificate of the newest vote of a body and judges it again, including a missed quorum and a voter who counts
 * elsewhere. A result that no longer holds is refused, or switched off if it was on; likewise if the day changes after others have acted,
 * the voters change after a second person confirmed them, or there were several second votes, since the record does not state which it is
 * of.
 */
export const correct = (command: Certify, state: FeatureState, admitted: Admitted): Decided => {
  const { change, requirement } = admitted;
  const known = change.requirements[requirement.id];
  const waits = change.confirmation?.requirement === requirement.id;
  if (known?.clerks === undefined || (known.status !== 'met' && !waits))
    return reject('nothing-to-correct', 'no vote of this body on this revision has been certified', '/purpose');
  const meeting = checkMeeting(command, change, requirement);
  if (!meeting.ok) return meeting;
  const [over] = secondVotesOf(state, change, command);
  const read = readRoll(command, admitted, over?.rule.yes);
  if (!read.ok) return read;
  const holds = read.outcome === 'met' && !isAltered(state, change, requirement, { ...command, roll: read.roll });
  const fit = allOf(checkClerk(change, command.holder, read), holds ? checkCarried(command, state, change) : PASSED);
  if (!fit.ok) return fit;
  const event = certificateEvent(command, admitted, read, holds && waits ? confirmBy(command, change) : undefined);
  if (holds) return accept<FeatureEvent>(event);
  const base = { v: 1, at: command.at, change: change.number, because: 'correction' } as const;
  return isOpen(change)
    ? accept<FeatureEvent>(event, { ...base, type: 'ChangeRefused', requirement: requirement.id })
    : accept<FeatureEvent>(event, { ...base, type: 'ApprovalEnded', ends: changesEndingWith(state, change.number) });
};
