import { accept, allOf, PASSED, reject } from '../../kernel/decider.ts';
import type { FeatureEvent } from '../events.ts';
import { correctsOverride } from '../evolve.ts';
import { type FeatureState, isOpen } from '../state.ts';
import { type Admitted, type Certify, certificateEvent, checkCertificate } from './certificate.ts';
import { confirmBy } from './confirm.ts';
import type { Decided } from './guard.ts';
import { checkMeeting } from './meeting.ts';
import { endsWith } from './revoke.ts';
import { checkClerk, checkClerks, checkVoters, readRoll } from './roll.ts';
import { checkSecondMeeting, isBehind, secondVotesOf } from './secondVote.ts';

/**
 * Records a corrected certificate and judges it again, including a missed quorum and a voter who counts elsewhere. A result that no
 * longer holds is refused, or switched off if it was on; so is what several second votes decided, since the record does not say which of
 * them it is of.
 */
export const correct = (command: Certify, state: FeatureState, admitted: Admitted): Decided => {
  const { change, requirement } = admitted;
  const known = change.requirements[requirement.id];
  const waiting = change.confirmation?.requirement === requirement.id ? change.confirmation : null;
  if (known?.clerks === undefined || (known.status !== 'met' && waiting === null))
    return reject('nothing-to-correct', 'no vote of this body on this revision has been certified', '/purpose');
  const second = correctsOverride(known, command.meetingDate);
  const meeting = checkMeeting(command, change, requirement);
  if (!meeting.ok) return meeting;
  const over = secondVotesOf(state, change, command);
  const [about] = over;
  const replaces = waiting !== null && second === (change.veto !== null);
  const read = readRoll(command, requirement, about?.rule.yes);
  if (!read.ok) return read;
  const isOfOne = over.length === (second ? 1 : 0);
  const inOrder = !isBehind(state, change, command, command.zone);
  const holds = isOfOne && inOrder && read.judged.outcome === 'met' && checkVoters(change, requirement.id, read).ok;
  const fit = allOf(
    checkClerk(change, command.holder, read),
    holds ? checkCertificate(command, state, change) : PASSED,
    holds ? checkClerks(change, requirement.id, command.holder) : PASSED,
    holds && about !== undefined ? checkSecondMeeting(command, about) : PASSED,
  );
  if (!fit.ok) return fit;
  const event = certificateEvent(command, admitted, read, holds && replaces ? confirmBy(command, change) : undefined);
  if (holds) return accept<FeatureEvent>(event);
  const base = { v: 1, at: command.at, change: change.number, because: 'correction' } as const;
  return isOpen(change)
    ? accept<FeatureEvent>(event, { ...base, type: 'ChangeRefused', requirement: requirement.id })
    : accept<FeatureEvent>(event, { ...base, type: 'ApprovalEnded', ends: endsWith(state, change.number) });
};
