import { accept, allOf, PASSED, reject } from '../../kernel/decider.ts';
import { earliest } from '../../kernel/order.ts';
import { plusDuration } from '../../kernel/zone.ts';
import type { Sign } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import { personOf } from '../persons.ts';
import type { ChangeState } from '../state.ts';
import { checkOpen, type Decided, type FeatureCheck } from './guard.ts';
import { type Personal, personalFacts } from './personal.ts';

/** Returns the instant until which a refusal can be taken back: 24 elapsed hours after it was given. */
const takeBackEnd = (at: string, zone: string): string => plusDuration(at, 'PT24H', zone);

/** Returns a person's refusal of a requirement, if it is the one that vetoes the change, and that requirement's state. */
const ownRefusal = ({ veto, requirements }: ChangeState, requirement: string, holder: string) => {
  const known = requirements[requirement];
  return veto?.requirement === requirement && known?.persons === personOf(holder) ? { veto, known } : undefined;
};

/** Returns until when a person can take their refusal of a requirement back; undefined if there is none that they can take back. */
export const takeBackUntil = (change: ChangeState, requirement: string, holder: string, zone: string): string | undefined => {
  const own = ownRefusal(change, requirement, holder);
  if (own === undefined || change.confirmation !== null) return undefined;
  return earliest(takeBackEnd(own.veto.at, zone), own.known.deadlineAt, change.closesAt) ?? undefined;
};

/** Refuses what is not this person's own veto, or comes too late: after a day, after the second vote, or after its own deadline. */
const checkTimely = ({ at, zone, holder, comment }: Sign, change: ChangeState, requirement: string): FeatureCheck => {
  const { confirmation, closesAt } = change;
  const own = ownRefusal(change, requirement, holder);
  if (own === undefined) return reject('nothing-to-take-back', 'there is no refusal by this person that could be taken back');
  if (confirmation !== null) return reject('too-late', 'a second vote on the refusal has been certified');
  if (at >= takeBackEnd(own.veto.at, zone))
    return reject('too-late', 'a refusal can be taken back within 24 hours; now a second vote is needed');
  if ([own.known.deadlineAt, closesAt].some((end) => end !== null && end <= at))
    return reject('too-late', 'the time to decide is over, so taking it back would change nothing');
  return comment === null ? reject('reason-missing', 'a refusal is taken back with a public reason', '/reason') : PASSED;
};

/**
 * Takes a refusal back by the one who gave it, with a public reason, within a day and before a second vote on it is certified. The person
 * can then decide again; the deadline does not move.
 */
export const takeBack = (command: Sign, change: ChangeState, personal: Personal): Decided => {
  const { id } = personal.requirement;
  const fit = allOf(checkOpen(change), checkTimely(command, change, id));
  if (!fit.ok) return fit;
  const { at, terms } = command;
  return accept<FeatureEvent>(
    { ...personalFacts(command, change, personal), type: 'SignatureGiven', decision: 'take-back', terms },
    { type: 'VetoTakenBack', v: 1, at, change: change.number, requirement: id },
  );
};
