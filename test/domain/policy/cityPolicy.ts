import type { Policy, Rule } from '../../../domain/policy/schema.ts';
import { council, mayor, policy as policyOf, rule as ruleOf } from '../../support/fixtures/city.ts';

/** A rule for everything: the council votes and the mayor signs. */
export const rule = (change: Partial<Rule> = {}): Rule => ruleOf([council(), mayor()], { id: 'all', ...change });

/** A policy of these rules, by default of one {@link rule}. */
export const policy = (...rules: readonly Rule[]): Policy => policyOf(...(rules.length === 0 ? [rule()] : rules));
