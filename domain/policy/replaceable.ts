import { type Problem, pointerTo } from '../kernel/problems.ts';
import type { Roster } from '../roster/schema.ts';
import { ruleWarnings } from './checkRule.ts';
import { type Matchable, matchRule } from './match.ts';
import { IMPACTS, type Impact, type ImpactValue, type Policy } from './schema.ts';

const impact = Object.fromEntries(
  IMPACTS.map((name): [Impact, ImpactValue] => [name, name === 'oversight' ? 'changed' : 'unchanged']),
) as Record<Impact, ImpactValue>;

/** A change of the city's own policy, as every proposal announces it: it decides which rule approves the next policy. */
export const POLICY_CHANGE: Matchable = { key: 'aldergate.policy', kind: 'terms', impact };

/** Reports whether a glob names the city's own keys, so that its author had a change of the policy in mind. */
const namesPolicy = (glob: string): boolean => glob.split('.', 1)[0] === 'aldergate';

/**
 * Returns why no next policy could be approved under this one: the rule that a change of the policy falls under asks for
 * documents that were meant for vendors, for more persons than its bodies have, or for a decision before any can count. Call it
 * only with a policy that is otherwise sound.
 */
export const lockProblems = (policy: Policy, roster: Roster): readonly Problem[] => {
  const rule = matchRule(policy, POLICY_CHANGE);
  const pointer = pointerTo('rules', policy.rules.indexOf(rule));
  const { documents = [], when } = rule;
  const meant = documents.length === 0 || (when.key?.some(namesPolicy) ?? false);
  const because = `so this policy could never be replaced; give ${POLICY_CHANGE.key} a rule of its own before it`;
  return [
    ...(meant
      ? []
      : [
          {
            pointer: pointer + pointerTo('documents'),
            detail: `asks for ${documents.join(' and ')} also when the policy itself is to change, ${because}`,
          },
        ]),
    ...ruleWarnings(rule, pointer, roster).map((warning) => ({ ...warning, detail: `${warning.detail}, ${because}` })),
  ];
};
