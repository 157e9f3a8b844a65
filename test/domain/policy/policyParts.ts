import type { Policy, Requirement, Rule } from '../../../domain/policy/schema.ts';
import { council, mayor, policy as policyOf, rule as ruleOf } from '../../support/fixtures/city.ts';

export const ballots = (change: Partial<Requirement> = {}): Requirement => ({
  id: 'board',
  body: 'board',
  instrument: 'ballots',
  threshold: { yes: 'majority', of: 'seats' },
  ...change,
});

/** Valid or not. */
export const requiring = (...require: readonly unknown[]) => ({ ...policy(), rules: [{ id: 'all', when: {}, require }] });

export const ruled = (change: Record<string, unknown>) => ({ ...policy(), rules: [{ ...rule(), ...change }] });

export const at = (index: number, rest = '') => `/rules/0/require/${index}${rest}`;

export const rule = (change: Partial<Rule> = {}): Rule => ruleOf([council(), mayor()], { id: 'all', ...change });

export const policy = (...rules: readonly Rule[]): Policy => policyOf(...(rules.length === 0 ? [rule()] : rules));
