import type { Decision } from '../../kernel/decider.ts';
import { accept, allOf, reject } from '../../kernel/decider.ts';
import { localDateOf } from '../../kernel/zone.ts';
import type { Requirement } from '../../policy/schema.ts';
import type { Certify, FeatureRejection } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import { evolve } from '../evolve.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { findChange, requirementsOf } from '../state.ts';
import { type Admitted, certificateEvent } from './certificate.ts';
import { checkUnconfirmed, confirmBy } from './confirm.ts';
import { overturn } from './outcome.ts';
import { checkMeeting, checkRoll, readRoll } from './rollCall.ts';

type Decided = Decision<FeatureEvent, FeatureRejection>;

/** Returns the signature whose refusal a second vote of `requirement` can overturn now. */
const vetoOver = (state: FeatureState, change: ChangeState, requirement: string): Requirement | undefined =>
  requirementsOf(state, change).find(
    (candidate) => candidate.id === change.veto?.requirement && candidate.override?.requirement === requirement,
  );

/**
 * Judges a second vote, after the veto and on the same words: it overturns the veto, or falls short and refuses the change for
 * good.
 */
export const override = (command: Certify, state: FeatureState, admitted: Admitted): Decided => {
  const { change, requirement } = admitted;
  const vetoed = vetoOver(state, change, requirement.id);
  if (change.veto === null || vetoed?.override === undefined)
    return reject('not-vetoed', 'there is no veto that this body can overturn', '/purpose');
  const inOrder = allOf(checkUnconfirmed(change, requirement.id), checkMeeting(command, change));
  if (!inOrder.ok) return inOrder;
  if (command.meetingDate < localDateOf(change.veto.at, command.zone))
    return reject('meeting-before-veto', 'the second vote must come after the veto', '/meetingDate');
  const read = readRoll(command, requirement, vetoed.override.yes);
  if (!read.ok) return read;
  const fit = checkRoll(command, change, requirement, read);
  if (!fit.ok) return fit;
  const met = read.judged.outcome === 'met';
  const waits = met && vetoed.override.confirmedBy !== undefined;
  const event = certificateEvent(command, admitted, read, waits ? confirmBy(command, change.confirmation) : undefined);
  if (waits) return accept<FeatureEvent>(event);
  if (!met) {
    const { at } = command;
    const failed = { type: 'ChangeRefused', v: 1, at, change: change.number, requirement: vetoed.id } as const;
    return accept<FeatureEvent>(event, { ...failed, because: 'override-failed' });
  }
  const after = findChange(evolve(state, event), change.number) ?? change;
  return accept(...overturn(state, after, vetoed.id, command.terms, command, [event]));
};
