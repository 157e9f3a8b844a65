import { accept, allOf, nothing, reject } from '../../kernel/decider.ts';
import { overrideEnd } from '../../policy/overrideTime.ts';
import type { Sign } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { checkApproval, checkNoticePeriod, checkOnce, checkOpen, checkOrder, type Decided, decisionAct } from './guard.ts';
import { meet } from './outcome.ts';
import { admitPersonal, personalFacts } from './personal.ts';
import { takeBack } from './takeBack.ts';

/**
 * Reports whether a decision has been recorded and still stands. The same refusal is a new one once the first was taken back, and so
 * is taking it back once it was given again.
 */
const isRepeated = (command: Sign, change: ChangeState): boolean => {
  if (!change.acts.includes(decisionAct(command, change))) return false;
  const status = change.requirements[command.requirement]?.status;
  if (command.decision === 'refuse') return status !== 'open';
  return command.decision !== 'take-back' || status !== 'refused';
};

/**
 * Records an office-holder's signature or refusal. A refusal ends the change, or vetoes it where the policy gives an override.
 * Silence is neither: time events handle a deadline that passes.
 */
export const sign = (command: Sign, state: FeatureState, change: ChangeState): Decided => {
  if (isRepeated(command, change)) return nothing;
  if (command.decision === 'abstain') return reject('abstain-not-allowed', 'a signature approves or refuses', '/decision');
  const admitted = admitPersonal(command, state, change);
  if (!admitted.ok) return admitted;
  const { personal } = admitted;
  const { requirement } = personal;
  if (command.decision === 'take-back') return takeBack(command, change, personal);
  const inOrder = allOf(
    checkOpen(change),
    checkOrder(change, requirement),
    checkNoticePeriod(command.at, change),
    checkOnce(change, requirement.id, command.holder),
  );
  if (!inOrder.ok) return inOrder;
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
          until: overrideEnd(override, at, command.zone),
        });
  }
  const fit = checkApproval(command, change);
  return fit.ok ? accept(...meet(state, change.number, requirement.id, terms, command, [signed])) : fit;
};
