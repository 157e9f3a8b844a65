import type { Policy, Requirement, Rule } from '../../../domain/policy/schema.ts';
import { council, mayor, policy as policyOf, rule as ruleOf } from '../../support/fixtures/city.ts';

/** Ballots of the board. */
export const ballots = (change: Partial<Requirement> = {}): Requirement => ({
  id: 'board',
  body: 'board',
  instrument: 'ballots',
  threshold: { yes: 'majority', of: 'seats' },
  ...change,
});

/** Returns a policy of one rule for everything with these requirements, valid or not. */
export const requiring = (...require: readonly unknown[]) => ({ ...policy(), rules: [{ id: 'all', when: {}, require }] });

/** Returns a policy of one rule with these fields, valid or not. */
export const ruled = (change: Record<string, unknown>) => ({ ...policy(), rules: [{ ...rule(), ...change }] });

/** Returns the pointer to a requirement of the first rule. */
export const at = (index: number, rest = '') => `/rules/0/require/${index}${rest}`;

/** A rule for everything: the council votes and the mayor signs. */
export const rule = (change: Partial<Rule> = {}): Rule => ruleOf([council(), mayor()], { id: 'all', ...change });

/** A policy of these rules, by default of one {@link rule}. */
export const policy = (...rules: readonly Rule[]): Policy => policyOf(...(rules.length === 0 ? [rule()] : rules));
