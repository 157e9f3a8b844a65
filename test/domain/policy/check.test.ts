import { describe, expect, test } from 'vitest';
import { POLICY_KEY } from '../../../domain/feature/keys.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { checkPolicy, POLICY_CHANGE } from '../../../domain/policy/check.ts';
import type { Requirement, Rule } from '../../../domain/policy/schema.ts';
import { council, mayor, signature } from '../../support/fixtures/city.ts';
import { cityRoster } from '../roster/cityRoster.ts';
import { at, ballots, policy, requiring, rule, ruled } from './policyParts.ts';
import { REFUSED } from './refused.ts';

const problems = (input: unknown) => {
  const checked = checkPolicy(input as JsonValue, cityRoster());
  return checked.ok ? [] : checked.problems;
};

describe('a policy is refused, with the reason', () => {
  test.each(REFUSED)('%s', (_, input, pointer, reason) => {
    const found = problems(input).filter((problem) => problem.pointer === pointer);
    expect(found.map(({ detail }) => detail).join('\n'), JSON.stringify(problems(input))).toContain(reason);
    expect(found.length).toBeGreaterThan(0);
  });

  test('all reasons at once', () => {
    const many = requiring(council({ quorum: 14 }), mayor({ after: ['senate'] }), signature('treasurer'));
    expect(problems(many).map(({ pointer }) => pointer)).toStrictEqual([
      at(0, '/quorum'),
      at(1, '/after/0'),
      at(1, '/override/requirement'),
      at(2, '/body'),
    ]);
  });

  test('that does not fit the state of its stream', () => {
    const wide = Array.from({ length: 49 }, (_, index) =>
      rule({ id: `rule-${index}`, when: { key: [`flock.${'x'.repeat(39)}`] } }),
    );
    expect(problems(policy(...wide, rule()))).toStrictEqual([{ pointer: '', detail: 'is longer than 10000 bytes' }]);
  });
});

const warnings = (...rules: readonly Rule[]) => {
  const checked = checkPolicy(policy(...rules), cityRoster());
  return checked.ok ? checked.warnings.map(({ pointer, detail }) => `${pointer} ${detail}`) : checked.problems;
};

describe('a policy is taken', () => {
  test('as it was written, without a warning', () => {
    const full = {
      ...policy(
        rule({
          id: 'sharing',
          when: { kind: ['data-sharing'], key: ['flock.**'], impact: ['sharing'] },
          documents: ['impact-report'],
          notice: 'P7D',
          window: 'P90D',
          term: 'P1Y',
        }),
        rule(),
      ),
      authority: { kind: 'ordinance', number: '25-1967', url: 'https://city.example/25-1967', sha256: 'a'.repeat(64) },
      passkeys: 'when-enrolled',
      webhooks: ['v1a', 'v1'],
      observe: {
        sources: {
          check: { kind: 'city', every: 'PT2H' },
          'Señal 1': { kind: 'vendor', every: 'P7D' },
          auditor: { kind: 'audit', every: 'P1Y' },
        },
        membersAfter: 'P0D',
        grace: 'P7D',
      },
    };
    expect(checkPolicy(full as JsonValue, cityRoster())).toStrictEqual({ ok: true, policy: full, warnings: [] });
  });

  test.each<[string, readonly Requirement[]]>([
    ['a certified vote and a signature', [council(), signature('mayor')]],
    ['two signatures', [signature('mayor'), signature('auditor')]],
    ['ballots of which two must say yes', [ballots()]],
    ['ballots of the filled seats with a quorum of two', [ballots({ threshold: { yes: 'majority', of: 'filled' }, quorum: 2 })]],
    ['ballots and a signature', [ballots({ threshold: { yes: 1, of: 'filled' } }), signature('mayor')]],
  ])('with two persons: %s', (_, require) => expect(warnings(rule({ require: [...require] }))).toStrictEqual([]));

  test('with documents for itself that its author meant, or that only others need', () => {
    const documents = ['impact-report'];
    const own = rule({ id: 'policy', when: { key: ['aldergate.**'] }, documents });
    expect(warnings(own, rule())).toStrictEqual([]);
    expect(warnings(rule({ id: 'policy', when: { key: ['aldergate.policy'] } }), rule({ documents }))).toStrictEqual([]);
    expect(warnings(rule({ id: 'sharing', when: { impact: ['sharing'] }, documents }), rule())).toStrictEqual([]);
    expect(POLICY_CHANGE.key).toBe(POLICY_KEY);
  });

  test.each([
    ['no condition', {}],
    ['every kind', { kind: ['contract', 'new-feature', 'update', 'data-sharing', 'terms', 'removal'] }],
    ['every key', { key: ['flock', '**'] }],
  ] as const)('when its last rule matches everything: %s', (_, when) => expect(problems(ruled({ when }))).toStrictEqual([]));

  test.each<[string, readonly Rule[], string]>([
    ['a rule behind one for everything', [rule({ id: 'first' }), rule()], '/rules/1 is never reached'],
    [
      'a rule behind a wider one',
      [
        rule({ id: 'wide', when: { kind: ['update', 'terms'] } }),
        rule({ id: 'narrow', when: { kind: ['update'], key: ['flock.**'] } }),
        rule(),
      ],
      '/rules/1 is never reached',
    ],
    [
      'a shrinking denominator without a quorum',
      [rule({ require: [{ ...requirementWithoutQuorum(), threshold: { yes: 'majority', of: 'present' } }, mayor()] })],
      '/rules/0/require/0/threshold has no quorum',
    ],
    [
      'an override easier than the vote',
      [
        rule({
          require: [
            council(),
            mayor({ override: { requirement: 'council', yes: 6, within: 'P30D', confirmedBy: 'council/at-large-a' } }),
          ],
        }),
      ],
      '/rules/0/require/1/override/yes asks for fewer votes than council itself',
    ],
    [
      'a window shorter than the notice',
      [rule({ id: 'contract', when: { kind: ['contract'] }, notice: 'P30D', window: 'P1W' }), rule()],
      '/rules/0/window ends before the notice time',
    ],
    [
      'one seat for two signatures',
      [
        rule({
          id: 'contract',
          when: { kind: ['contract'] },
          require: [signature('mayor'), signature('mayor', { id: 'again' })],
        }),
        rule(),
      ],
      '/rules/0/require asks for 2 different persons of mayor, which has 1 seat',
    ],
    [
      'a clerk who certifies and signs',
      [rule({ id: 'contract', when: { kind: ['contract'] }, require: [council(), signature('clerk')] }), rule()],
      '/rules/0/require asks for 2 different persons of clerk, which has 1 seat',
    ],
  ])('with a warning: %s', (_, rules, warning) => expect(warnings(...rules)).toStrictEqual([expect.stringContaining(warning)]));
});

function requirementWithoutQuorum(): Requirement {
  const { quorum: _, ...rest } = council();
  return rest;
}

test('a grace of more than a week is taken with a warning', () => {
  const observe = { sources: { check: { kind: 'city', every: 'P7D' } }, grace: 'P8D' };
  expect(checkPolicy({ ...policy(rule()), observe }, cityRoster())).toMatchObject({
    ok: true,
    warnings: [{ pointer: '/observe/grace', detail: expect.stringContaining('longer than a week') as string }],
  });
});
