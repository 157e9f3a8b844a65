import { describe, expect, test } from 'vitest';
import { POLICY_KEY } from '../../../domain/feature/keys.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { checkPolicy, POLICY_CHANGE } from '../../../domain/policy/check.ts';
import type { Policy, Requirement } from '../../../domain/policy/schema.ts';
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
    const found = problems(input);
    expect(found.map((problem) => problem.pointer)).toContain(pointer);
    expect(found.filter(({ detail }) => !detail.includes(reason))).toStrictEqual([]);
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

  test('that is a byte too long for the state of its stream', () => {
    const wide = Array.from({ length: 26 }, (_, index) => rule({ id: `rule--${index}`, when: { kind: ['update'] } }));
    const last = (chars: number): Policy => ({ ...policy(...wide, rule()), name: 'x'.repeat(chars) });
    const left = 10_000 - Buffer.byteLength(JSON.stringify(last(1)));
    expect(problems(last(1 + left))).toStrictEqual([]);
    expect(problems(last(2 + left))).toStrictEqual([{ pointer: '', detail: 'is longer than 10000 bytes' }]);
  });

  test('that a body which is not there certifies', () => {
    const { clerk: _, ...bodies } = cityRoster().bodies;
    expect(checkPolicy(policy(), { ...cityRoster(), bodies })).toMatchObject({ problems: [{ pointer: at(0, '/body') }] });
  });
});

const overridden = (change: object): Requirement =>
  mayor({ override: { requirement: 'council', yes: 9, within: 'P30D', confirmedBy: 'council/at-large-a', ...change } });

describe('a policy is taken', () => {
  test('as it was written', () => {
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
    expect(checkPolicy(full as JsonValue, cityRoster())).toStrictEqual({ ok: true, policy: full });
  });

  test.each<[string, readonly Requirement[]]>([
    ['a certified vote and a signature', [council(), signature('mayor')]],
    ['two signatures', [signature('mayor'), signature('auditor')]],
    ['ballots of which two must say yes', [ballots()]],
    ['ballots of the filled seats with a quorum of two', [ballots({ threshold: { yes: 'majority', of: 'filled' }, quorum: 2 })]],
    ['ballots and a signature', [ballots({ threshold: { yes: 1, of: 'filled' } }), signature('mayor')]],
    ['ballots of a body that the signer certifies', [ballots({ body: 'council' }), signature('clerk')]],
    [
      'as many votes as a body has seats',
      [council({ threshold: { yes: 13, of: 'seats' }, quorum: 13 }), overridden({ yes: 13 })],
    ],
    ['an override of as many votes as the vote itself', [council(), overridden({ yes: 7 })]],
    ['one office that confirms, and another certifies', [council(), overridden({ confirmedBy: 'mayor' })]],
    ['an override by a last day', [council(), overridden({ within: { notAfter: 'P21D' } })]],
  ])('with two persons: %s', (_, require) => expect(problems(requiring(...require))).toStrictEqual([]));

  test.each([
    ['P30D', 'P31D', true],
    ['P31D', 'P31D', false],
    ['P4W', 'P29D', true],
    ['P4W', 'P28D', false],
    ['P27D', 'P1M', true],
    ['P1M', 'P31D', false],
    ['P1M', 'P32D', true],
    ['P1M1D', 'P32D', false],
    ['P364D', 'P1Y', true],
    ['P1Y', 'P366D', false],
    ['P1Y', 'P367D', true],
    ['PT23H', 'P1D', true],
    ['PT24H', 'P1D', false],
    ['PT59M', 'PT1H', true],
    ['PT60M', 'PT1H', false],
    ['P1DT30M', 'PT24H', false],
  ])('with votes that overturn from %s until %s: %s', (notBefore, notAfter, taken) =>
    expect(problems(requiring(council(), overridden({ within: { notBefore, notAfter } })))).toHaveLength(taken ? 0 : 1),
  );

  test.each([{ notice: 'P7D' }, { window: 'P7D' }])('with one of its two clocks alone', (clock) =>
    expect(problems(policy(rule(clock)))).toStrictEqual([]),
  );

  test('with documents for itself that its author meant, or that only others need', () => {
    const documents = ['impact-report'];
    const own = rule({ id: 'policy', when: { key: ['flock', 'aldergate.**'] }, documents });
    expect(problems(policy(own, rule()))).toStrictEqual([]);
    expect(problems(policy(rule({ id: 'policy', when: { key: ['aldergate.policy'] } }), rule({ documents })))).toStrictEqual([]);
    expect(problems(policy(rule({ id: 'sharing', when: { impact: ['sharing'] }, documents }), rule()))).toStrictEqual([]);
    expect(POLICY_CHANGE).toMatchObject({ key: POLICY_KEY, impact: { oversight: 'changed', cost: 'unchanged' } });
  });

  test.each([
    ['no condition', {}],
    ['every kind', { kind: ['contract', 'new-feature', 'update', 'data-sharing', 'terms', 'removal'] }],
    ['every key', { key: ['flock', '**'] }],
  ] as const)('when its last rule matches everything: %s', (_, when) => expect(problems(ruled({ when }))).toStrictEqual([]));
});

test('its sources are listed as they are stored and read again, in whichever order a file has them', () => {
  const source = { kind: 'city', every: 'P7D' } as const;
  const checked = checkPolicy({ ...policy(rule()), observe: { sources: { console: source, audit: source } } }, cityRoster());
  expect(checked.ok && Object.keys(checked.policy.observe?.sources ?? {})).toStrictEqual(['audit', 'console']);
});
