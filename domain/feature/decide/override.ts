import { accept, allOf, PASSED, reject } from '../../kernel/decider.ts';
import { localDateOf } from '../../kernel/zone.ts';
import { firstVote } from '../../policy/overrideTime.ts';
import type { Override, Requirement } from '../../policy/schema.ts';
import type { Certify } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import { evolve } from '../evolve.ts';
import type { ChangeState, FeatureState, StandingVeto } from '../state.ts';
import { findChange, requirementsOf } from '../state.ts';
import { type Admitted, certificateEvent } from './certificate.ts';
import { checkUnconfirmed, confirmBy } from './confirm.ts';
import type { Decided, FeatureCheck } from './guard.ts';
import { overturn } from './outcome.ts';
import { checkMeeting, checkRoll, readRoll } from './rollCall.ts';

/** A veto that a second vote can overturn, the signature that refused, and its rule. */
interface Overridable {
  readonly veto: StandingVeto;
  readonly vetoed: Requirement;
  readonly rule: Override;
}

/** Returns the veto that a second vote of `requirement` can overturn now. */
export const vetoOver = (state: FeatureState, change: ChangeState, requirement: string): Overridable | undefined => {
  const { veto } = change;
  const vetoed = requirementsOf(state, change).find(
    ({ id, override }) => id === veto?.requirement && override?.requirement === requirement,
  );
  return veto === null || vetoed?.override === undefined ? undefined : { veto, vetoed, rule: vetoed.override };
};

/** Checks the day of a second vote: after the veto, and not before the rule allows it. */
export const checkSecondMeeting = ({ meetingDate, zone }: Certify, { veto, rule }: Overridable): FeatureCheck => {
  if (meetingDate < localDateOf(veto.at, zone))
    return reject('meeting-before-veto', 'the second vote must come after the veto', '/meetingDate');
  const first = firstVote(rule, veto.at, zone);
  return meetingDate < first
    ? reject('meeting-out-of-time', `the rule lets the second vote be held from ${first}`, '/meetingDate')
    : PASSED;
};

/**
 * Judges a second vote, after the veto and on the same words: it overturns the veto, or falls short and refuses the change for
 * good.
 */
export const override = (command: Certify, state: FeatureState, admitted: Admitted): Decided => {
  const { change, requirement } = admitted;
  const over = vetoOver(state, change, requirement.id);
  if (over === undefined) return reject('not-vetoed', 'there is no veto that this body can overturn', '/purpose');
  const { vetoed, rule } = over;
  const inOrder = allOf(
    checkUnconfirmed(change, requirement.id),
    checkMeeting(command, change),
    checkSecondMeeting(command, over),
  );
  if (!inOrder.ok) return inOrder;
  const read = readRoll(command, requirement, rule.yes);
  if (!read.ok) return read;
  const fit = checkRoll(command, change, requirement, read);
  if (!fit.ok) return fit;
  const met = read.judged.outcome === 'met';
  const waits = met && rule.confirmedBy !== undefined;
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
