import type { Decision } from '../../kernel/decider.ts';
import { accept, allOf, nothing, reject } from '../../kernel/decider.ts';
import { plusDuration } from '../../kernel/zone.ts';
import type { FeatureRejection, Sign } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import { countsElsewhere, personOf } from '../persons.ts';
import type { FeatureState } from '../state.ts';
import { checkApproval, checkNoticePeriod, checkOpen, checkOrder, checkWords, decisionAct, named } from './guard.ts';
import { meet } from './outcome.ts';
import { inOffice, notAskedFor, personalFacts, personalRequirement } from './personal.ts';

type Decided = Decision<FeatureEvent, FeatureRejection>;

/**
 * Records an office-holder's signature or refusal. A refusal ends the change, or vetoes it where the policy gives an override.
 * Silence is neither: time events handle a deadline that passes.
 */
export const sign = (command: Sign, state: FeatureState): Decided => {
  const found = named(state, command.change);
  if (!found.ok) return found;
  const { change } = found;
  if (change.acts.includes(decisionAct(command, change))) return nothing;
  if (command.decision === 'abstain') return reject('abstain-not-allowed', 'a signature approves or refuses', '/decision');
  const ready = allOf(checkWords(command, change), checkOpen(change));
  if (!ready.ok) return ready;
  const requirement = personalRequirement(command, state, change);
  if (requirement === undefined) return notAskedFor(command);
  const held = inOffice(command, change, requirement);
  if (!held.ok) return held;
  const { personal } = held;
  const inOrder = allOf(checkOrder(change, requirement), checkNoticePeriod(command.at, change));
  if (!inOrder.ok) return inOrder;
  const person = personOf(command.holder);
  if (countsElsewhere(change, requirement.id, person))
    return reject('same-person', 'this person already counts in another requirement of this change');
  const { at, decision, terms } = command;
  const base = { v: 1, at, change: change.number } as const;
  const signed: FeatureEvent = {
    ...personalFacts(command, change, personal),
    type: 'SignatureGiven',
    decision,
    terms,
  };
  if (decision === 'refuse') {
    const { override } = requirement;
    return override === undefined
      ? accept<FeatureEvent>(signed, { ...base, type: 'ChangeRefused', requirement: requirement.id, because: 'holder' })
      : accept<FeatureEvent>(signed, {
          ...base,
          type: 'ChangeVetoed',
          requirement: requirement.id,
          by: 'holder',
          until: plusDuration(at, override.within, command.zone),
        });
  }
  const fit = checkApproval(command, change);
  return fit.ok ? accept(...meet(state, change.number, requirement.id, terms, command, [signed])) : fit;
};
