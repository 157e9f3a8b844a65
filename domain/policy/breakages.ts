import type { Roster } from '../roster/schema.ts';
import { checkPolicy } from './check.ts';
import { requirementProblems } from './checkRequirement.ts';
import { ruleProblems } from './checkRule.ts';
import type { Policy, Rule } from './schema.ts';

const POSITION = /^\/rules\/(\d+)(?:\/require\/(\d+))?/;

/** Returns the rule and the requirement that a pointer into a policy leads to, by their ids. */
const nameAt = ({ rules }: Policy, pointer: string): string => {
  const [, at, inRule] = POSITION.exec(pointer) ?? [];
  const rule = at === undefined ? undefined : rules[Number(at)];
  if (rule === undefined) return 'policy';
  const requirement = inRule === undefined ? undefined : rule.require[Number(inRule)];
  return requirement === undefined ? rule.id : `${rule.id}/${requirement.id}`;
};

const problemsUnder = (policy: Policy, roster: Roster): readonly string[] => {
  const checked = checkPolicy(policy, roster);
  if (checked.ok) return [];
  return [...new Set(checked.problems.map(({ pointer, detail }) => `${nameAt(policy, pointer)}: ${detail}`))];
};

/**
 * Returns what another roster would break: why the policy could not be met by the seats of that roster, or by one person alone.
 * Leaves out what the present roster breaks too. Vacant seats and persons in several seats break nothing.
 */
export const breakages = (policy: Policy, present: Roster, next: Roster): readonly string[] => {
  const known = problemsUnder(policy, present);
  return problemsUnder(policy, next).filter((problem) => !known.includes(problem));
};

/** Returns why a pinned rule could not be met by the seats of a roster, or could be met by one person alone. */
export const pinBreakages = ({ rule: id, require }: { readonly rule: string } & Pick<Rule, 'require'>, roster: Roster) => {
  const rule: Rule = { id, when: {}, require };
  const own = require.flatMap((requirement) =>
    requirementProblems(requirement, '', rule, roster).map(({ detail }) => `${requirement.id}: ${detail}`),
  );
  return [...ruleProblems(rule, '', roster).map(({ detail }) => detail), ...own];
};
