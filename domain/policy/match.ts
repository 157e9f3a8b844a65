import { globMatches } from './glob.ts';
import type { Impact, ImpactValue, Kind, Policy, Rule } from './schema.ts';

/** The parts of a change that decide which rule applies. */
export interface Matchable {
  readonly key: string;
  readonly kind: Kind;
  readonly impact: Readonly<Record<Impact, ImpactValue>>;
}

/**
 * Reports whether a rule applies to this change: every part of `when` must match. An impact that is not known to be unchanged
 * counts as a change.
 */
const matches = ({ when }: Rule, { key, kind, impact }: Matchable): boolean =>
  (when.kind === undefined || when.kind.includes(kind)) &&
  (when.key === undefined || when.key.some((glob) => globMatches(glob, key))) &&
  (when.impact === undefined || when.impact.some((name) => impact[name] !== 'unchanged'));

/**
 * Returns the rule for a change: the first that matches. The last rule of an adopted policy matches everything, so one always
 * exists.
 */
export const matchRule = (policy: Policy, change: Matchable): Rule => {
  const rule = policy.rules.find((candidate) => matches(candidate, change));
  if (rule === undefined) throw new Error(`broken invariant: no rule of policy ${policy.version} matches ${change.key}`);
  return rule;
};
