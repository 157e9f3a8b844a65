import { canonical } from '../kernel/canonical.ts';
import type { JsonValue } from '../kernel/json.ts';
import { type Problem, pointerTo, problemsOf, repeats } from '../kernel/problems.ts';
import type { Roster } from '../roster/schema.ts';
import { requirementProblems, requirementWarnings } from './checkRequirement.ts';
import { ruleProblems, ruleWarnings } from './checkRule.ts';
import { type Matchable, matchRule } from './match.ts';
import { IMPACTS, type Impact, type ImpactValue, KINDS, Policy, type Rule, type When } from './schema.ts';

/** Reports whether a `when` matches every possible change. A condition on impacts never does: a change can touch none of them. */
const coversEverything = ({ kind, key, impact }: When): boolean =>
  impact === undefined &&
  (key === undefined || key.includes('**')) &&
  (kind === undefined || KINDS.every((each) => kind.includes(each)));

const includesAll = <T>(wide: readonly T[] | undefined, narrow: readonly T[] | undefined): boolean =>
  wide === undefined || narrow?.every((each) => wide.includes(each)) === true;

const covers = (wide: When, narrow: When): boolean =>
  includesAll(wide.kind, narrow.kind) &&
  (wide.key?.includes('**') === true || includesAll(wide.key, narrow.key)) &&
  includesAll(wide.impact, narrow.impact);

/** Reports whether one of the earlier `when`s plainly matches all that this one matches; globs are compared as written. */
const isShadowed = (when: When, earlier: readonly When[]): boolean =>
  earlier.some((wide) => coversEverything(wide) || covers(wide, when));

/** Longest policy, in bytes of canonical JSON: the one in force and the proposals must fit the state of one stream. */
const POLICY_BYTES_MAX = 10_000;

type CheckedPolicy =
  | { readonly ok: true; readonly policy: Policy; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Parses a policy and judges it against a roster. Refuses, each with its reason: a policy that could approve with fewer than two
 * distinct authenticated persons, one that its seats could never fill, one that contradicts its author's evident intent, and one
 * that no later policy could replace. Warnings do not refuse. Attacker-controlled input: never throws.
 */
export const checkPolicy = (input: JsonValue, roster: Roster): CheckedPolicy => {
  const parsed = Policy.safeParse(input);
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error) };
  const policy = parsed.data;
  const problems = [
    ...sizeProblems(policy),
    ...repeats(policy.rules.map(({ id }) => id)).map((index) => ({
      pointer: pointerTo('rules', index, 'id'),
      detail: 'is the id of an earlier rule',
    })),
    ...policy.rules.flatMap((rule, index) => [
      ...ruleProblems(rule, pointerTo('rules', index), roster),
      ...rule.require.flatMap((requirement, at) =>
        requirementProblems(requirement, pointerTo('rules', index, 'require', at), rule, roster),
      ),
    ]),
    ...lastRuleProblems(policy),
  ];
  const found = problems.length > 0 ? problems : lockProblems(policy, roster);
  if (found.length > 0) return { ok: false, problems: found };
  return { ok: true, policy, warnings: warningsOf(policy, roster) };
};

const sizeProblems = (policy: Policy): readonly Problem[] =>
  Buffer.byteLength(canonical(policy)) <= POLICY_BYTES_MAX
    ? []
    : [{ pointer: '', detail: `is longer than ${POLICY_BYTES_MAX} bytes` }];

/** Checks for a last rule that matches everything: without it some changes would match no rule. */
const lastRuleProblems = ({ rules }: Policy): readonly Problem[] => {
  const last = rules.at(-1);
  const covered = last !== undefined && coversEverything(last.when);
  return covered
    ? []
    : [
        {
          pointer: pointerTo('rules', rules.length - 1, 'when'),
          detail: 'the last rule must match everything: leave its "when" empty',
        },
      ];
};

const warningsOf = ({ rules }: Policy, roster: Roster): readonly Problem[] =>
  rules.flatMap((rule, index) => [
    ...(isShadowed(
      rule.when,
      rules.slice(0, index).map(({ when }) => when),
    )
      ? [{ pointer: pointerTo('rules', index), detail: 'is never reached: an earlier rule matches all that it matches' }]
      : []),
    ...ruleWarnings(rule, pointerTo('rules', index), roster),
    ...rule.require.flatMap((requirement, at) =>
      requirementWarnings(requirement, pointerTo('rules', index, 'require', at), rule, roster),
    ),
  ]);

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
const lockProblems = (policy: Policy, roster: Roster): readonly Problem[] => {
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
