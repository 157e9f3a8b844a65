import { accept, allOf, nothing } from '../../kernel/decider.ts';
import type { Certify } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { type Admitted, admit, certificateAct, certificateEvent } from './certificate.ts';
import { checkUnconfirmed, confirmBy } from './confirm.ts';
import { correct } from './correct.ts';
import { checkOrder, type Decided } from './guard.ts';
import { meet } from './outcome.ts';
import { override } from './override.ts';
import { checkMeeting, checkRoll, readRoll } from './rollCall.ts';

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
