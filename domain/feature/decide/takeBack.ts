import type { Decision } from '../../kernel/decider.ts';
import { accept, allOf, PASSED, reject } from '../../kernel/decider.ts';
import { plusDuration } from '../../kernel/zone.ts';
import type { FeatureRejection, Sign } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import { personOf } from '../persons.ts';
import type { ChangeState } from '../state.ts';
import { checkOpen, type FeatureCheck } from './guard.ts';
import { type Personal, personalFacts } from './personal.ts';

/** Returns until when a refusal given at an instant can be taken back, by the clock that elapses. */
export const takeBackEnd = (at: string, zone: string): string => plusDuration(at, 'PT24H', zone);

/** Refuses what is not this person's own veto, or comes too late: after a day, after the second vote, or after its own deadline. */
const checkTimely = ({ at, zone, holder, comment }: Sign, change: ChangeState, requirement: string): FeatureCheck => {
  const { veto, confirmation, closesAt } = change;
  const known = change.requirements[requirement];
  if (veto?.requirement !== requirement || known?.persons !== personOf(holder))
    return reject('nothing-to-take-back', 'there is no refusal by this person that could be taken back');
  if (confirmation !== null) return reject('too-late', 'a second vote on the refusal has been certified');
  if (at >= takeBackEnd(veto.at, zone))
    return reject('too-late', 'a refusal can be taken back within 24 hours; now a second vote is needed');
  if ([known.deadlineAt, closesAt].some((end) => end !== null && end <= at))
    return reject('too-late', 'the time to decide is over, so taking it back would change nothing');
  return comment === null ? reject('reason-missing', 'a refusal is taken back with a public reason', '/reason') : PASSED;
};

/**
 * Takes a refusal back by the one who gave it, with a public reason, within a day and before a second vote on it is certified. The person
 * can then decide anew; the deadline has run on.
 */
export const takeBack = (command: Sign, change: ChangeState, personal: Personal): Decision<FeatureEvent, FeatureRejection> => {
  const { id } = personal.requirement;
  const fit = allOf(checkOpen(change), checkTimely(command, change, id));
  if (!fit.ok) return fit;
  const { at, terms } = command;
  return accept<FeatureEvent>(
    { ...personalFacts({ ...command, decision: 'take-back' }, change, personal), type: 'SignatureGiven', terms },
    { type: 'VetoTakenBack', v: 1, at, change: change.number, requirement: id },
  );
};
