import type { Policy, Requirement, Rule } from '../../../domain/policy/schema.ts';

/** The council's certified vote. */
export const council = (change: Partial<Requirement> = {}): Requirement => ({
  id: 'council',
  body: 'council',
  instrument: 'certification',
  threshold: { yes: 'majority', of: 'seats' },
  quorum: 7,
  ...change,
});

/** The mayor's signature, which nine members can overturn. */
export const mayor = (change: Partial<Requirement> = {}): Requirement => ({
  id: 'mayor',
  body: 'mayor',
  instrument: 'signature',
  after: ['council'],
  deadline: 'P5D',
  override: { requirement: 'council', yes: 9, within: 'P30D', confirmedBy: 'council/at-large-a' },
  ...change,
});

export const signature = (body: string, change: Partial<Requirement> = {}): Requirement => ({
  id: body,
  body,
  instrument: 'signature',
  ...change,
});

export const rule = (change: Partial<Rule> = {}): Rule => ({ id: 'all', when: {}, require: [council(), mayor()], ...change });

export const policy = (...rules: readonly Rule[]): Policy => ({
  name: 'Opt-out by default',
  version: '2026-01',
  rules: rules.length === 0 ? [rule()] : [...rules],
});
