import { accept, allOf, nothing, PASSED, reject } from '../../kernel/decider.ts';
import type { FeatureEvent } from '../events.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { type Admitted, admit, type Certify, certificateAct, certificateEvent, checkCarried } from './certificate.ts';
import { checkUnconfirmed, confirmBy } from './confirm.ts';
import { correct } from './correct.ts';
import { checkOrder, type Decided } from './guard.ts';
import { checkMeeting } from './meeting.ts';
import { satisfy } from './outcome.ts';
import { checkClerk, checkQuorum, checkVoters, readRoll } from './roll.ts';
import { checkSecondMeeting, type SecondVote, secondVotesOf } from './secondVote.ts';

/** Certifies the adopting vote, the second vote that overturns a veto, or a corrected record of either. */
export const certify = (command: Certify, state: FeatureState, change: ChangeState): Decided => {
  const act = certificateAct(command, change);
  if (change.acts.includes(act)) return repeated(change, act, command);
  const admitted = admit(command, state, change);
  if (!admitted.ok) return admitted;
  const { purpose, refusal } = command;
  if (purpose === 'correct') return correct(command, state, admitted);
  const [over] = secondVotesOf(state, change, command);
  if (purpose === 'override' && over === undefined)
    return reject('not-vetoed', 'there is no veto that this body can overturn', '/purpose');
  return refusal === undefined || refusal === change.veto?.at
    ? vote(command, state, admitted, over)
    : reject('stale', 'the refusal that this form names does not stand; another one may', '/refusal');
};

/**
 * Handles a certificate that is already on record. If the change waits for another one, the clerk must give a reason for certifying the
 * same again, unless it was the last act.
 */
const repeated = (change: ChangeState, act: string, { purpose, requirement }: Certify): Decided => {
  const { confirmation, veto } = change;
  if (change.acts.at(-1) === act) return nothing;
  const isAwaited =
    confirmation === null
      ? purpose === 'override' && veto !== null
      : confirmation.disputed && confirmation.requirement === requirement;
  const detail = 'this record was disputed, or is of an earlier vote: to certify the same again, say why in the comment';
  return isAwaited ? reject('reason-missing', detail, '/comment') : nothing;
};

/**
 * Decides an adopting vote, or with `over` a second vote, on the same words. A vote that carries meets its requirement or overturns the
 * veto, after confirmation if the rule requires one; a vote that falls short refuses the change.
 */
const vote = (command: Certify, state: FeatureState, admitted: Admitted, over: SecondVote | undefined): Decided => {
  const { change, requirement } = admitted;
  const inOrder = allOf(
    over === undefined ? checkOrder(change, requirement) : PASSED,
    checkUnconfirmed(change, requirement.id),
    checkMeeting(command, change, requirement),
    over === undefined ? PASSED : checkSecondMeeting(command, change, over),
  );
  if (!inOrder.ok) return inOrder;
  const read = readRoll(command, admitted, over?.rule.yes);
  if (!read.ok) return read;
  const carries = read.outcome === 'met';
  const fit = allOf(
    checkQuorum(read, requirement),
    checkClerk(change, command.holder, read),
    checkVoters(change, requirement.id, read),
    carries ? checkCarried(command, state, change) : PASSED,
  );
  if (!fit.ok) return fit;
  const decided = over?.vetoed ?? requirement.id;
  if (!carries) {
    const because = over === undefined ? 'vote' : 'override-failed';
    const refused = {
      type: 'ChangeRefused',
      v: 1,
      at: command.at,
      change: change.number,
      requirement: decided,
      because,
    } as const;
    return accept<FeatureEvent>(certificateEvent(command, admitted, read), refused);
  }
  const { confirmedBy } = over?.rule ?? requirement;
  if (confirmedBy !== undefined)
    return accept<FeatureEvent>(certificateEvent(command, admitted, read, confirmBy(command, change)));
  return accept(...satisfy(command, state, decided, certificateEvent(command, admitted, read)));
};
