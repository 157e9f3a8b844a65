import { accept, allOf, nothing, PASSED, reject } from '../../kernel/decider.ts';
import type { Requirement } from '../../policy/schema.ts';
import type { Certify } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import { correctsOverride } from '../evolve/decisions.ts';
import { type ChangeState, type FeatureState, isOpen, requirementsOf } from '../state.ts';
import { type Admitted, admit, certificateAct, certificateEvent } from './certificate.ts';
import { checkUnconfirmed, confirmBy } from './confirm.ts';
import { checkApproval, checkOrder, type Decided } from './guard.ts';
import { meet } from './outcome.ts';
import { checkSecondMeeting, override, vetoOver } from './override.ts';
import { endsWith } from './revoke.ts';
import { checkClerk, checkMeeting, checkRoll, checkVoters, readRoll } from './rollCall.ts';

const adopt = (command: Certify, state: FeatureState, admitted: Admitted): Decided => {
  const { change, requirement } = admitted;
  const inOrder = allOf(checkOrder(change, requirement), checkUnconfirmed(change, requirement.id), checkMeeting(command, change));
  if (!inOrder.ok) return inOrder;
  const read = readRoll(command, requirement, undefined);
  if (!read.ok) return read;
  const fit = checkRoll(command, change, requirement, read);
  if (!fit.ok) return fit;
  const met = read.judged.outcome === 'met';
  const waits = met && requirement.confirmedBy !== undefined;
  const event = certificateEvent(command, admitted, read, waits ? confirmBy(command, change.confirmation) : undefined);
  if (waits) return accept<FeatureEvent>(event);
  if (met) return accept(...meet(state, change.number, requirement.id, command.terms, command, [event]));
  return accept<FeatureEvent>(event, {
    type: 'ChangeRefused',
    v: 1,
    at: command.at,
    change: change.number,
    requirement: requirement.id,
    because: 'vote',
  });
};

/**
 * Certifies what a body decided at a meeting: the adopting vote, the second vote that overturns a veto, or a corrected record of
 * either. The council acts at its meeting; the certificate only proves it.
 */
export const certify = (command: Certify, state: FeatureState, change: ChangeState): Decided => {
  if (change.acts.includes(certificateAct(command, change))) return nothing;
  const admitted = admit(command, state, change);
  if (!admitted.ok) return admitted;
  const byPurpose = { adopt, override, correct } as const;
  return byPurpose[command.purpose](command, state, admitted);
};

/** Returns the most votes required to overturn a veto that this body overturned, or is overturning; undefined without one. */
const overrideSize = (state: FeatureState, change: ChangeState, { id }: Requirement): number | undefined => {
  const sizes = requirementsOf(state, change).flatMap(({ id: vetoed, override }) =>
    override?.requirement === id && (change.requirements[vetoed]?.status === 'overridden' || change.veto?.requirement === vetoed)
      ? [override.yes]
      : [],
  );
  return sizes.length === 0 ? undefined : Math.max(...sizes);
};

/**
 * Records a corrected certificate and judges it again, including a missed quorum and a voter who counts elsewhere. It replaces a
 * certificate that waits for its confirmation. A result that no longer holds is refused, or switched off immediately if it was
 * on.
 */
export const correct = (command: Certify, state: FeatureState, admitted: Admitted): Decided => {
  const { change, requirement } = admitted;
  const known = change.requirements[requirement.id];
  const waiting = change.confirmation?.requirement === requirement.id ? change.confirmation : null;
  if (known === undefined || known.meeting === undefined || (known.status !== 'met' && waiting === null))
    return reject('nothing-to-correct', 'no vote of this body on this revision has been certified', '/purpose');
  const second = correctsOverride(change, requirement.id, command.meetingDate);
  const over = second ? vetoOver(state, change, requirement.id) : undefined;
  const meeting = allOf(checkMeeting(command, change), over === undefined ? PASSED : checkSecondMeeting(command, over));
  if (!meeting.ok) return meeting;
  const size = second ? overrideSize(state, change, requirement) : undefined;
  const replaces = waiting !== null && second === (change.veto !== null);
  const read = readRoll(command, requirement, size);
  if (!read.ok) return read;
  const holds = read.judged.outcome === 'met' && checkVoters(change, requirement.id, read).ok;
  const fit = allOf(checkClerk(change, command.holder, read), holds ? checkApproval(command, change) : PASSED);
  if (!fit.ok) return fit;
  const event = certificateEvent(command, admitted, read, holds && replaces ? confirmBy(command, waiting) : undefined);
  if (holds) return accept<FeatureEvent>(event);
  const base = { v: 1, at: command.at, change: change.number, requirement: requirement.id } as const;
  return isOpen(change)
    ? accept<FeatureEvent>(event, { ...base, type: 'ChangeRefused', because: 'correction' })
    : accept<FeatureEvent>(event, { ...base, type: 'ApprovalLost', ends: endsWith(state, change.number) });
};
