import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { checkPolicy } from '../../../domain/policy/check.ts';
import type { Requirement, Rule } from '../../../domain/policy/schema.ts';
import { cityRoster } from '../roster/cityRoster.ts';
import { council, mayor, policy, rule, signature } from './cityPolicy.ts';

const ballots = (change: Partial<Requirement> = {}): Requirement => ({
  id: 'board',
  body: 'board',
  instrument: 'ballots',
  threshold: { yes: 'majority', of: 'seats' },
  ...change,
});

const problems = (input: unknown) => {
  const checked = checkPolicy(input as JsonValue, cityRoster());
  return checked.ok ? [] : checked.problems;
};

const requiring = (...require: readonly unknown[]) => ({ ...policy(), rules: [{ id: 'all', when: {}, require }] });
const ruled = (change: Record<string, unknown>) => ({ ...policy(), rules: [{ ...rule(), ...change }] });

const at = (index: number, rest = '') => `/rules/0/require/${index}${rest}`;

const REFUSED: readonly [string, unknown, string, string][] = [
  // Two distinct authenticated persons
  ['one signature alone', requiring(signature('mayor')), '/rules/0/require', 'one authenticated person alone'],
  [
    'one certified vote: only the clerk is authenticated',
    requiring(council()),
    '/rules/0/require',
    'one authenticated person alone',
  ],
  [
    'two certified votes by one clerk',
    requiring(council(), council({ id: 'again' })),
    '/rules/0/require',
    'one authenticated person',
  ],
  [
    'a signature beside advice',
    requiring(signature('mayor'), { ...signature('board'), instrument: 'advice' }),
    '/rules/0/require',
    'one auth',
  ],
  ['advice only', requiring({ ...signature('board'), instrument: 'advice' }), '/rules/0/require', 'advice only'],
  ['ballots of one seat', requiring(ballots({ body: 'mayor' })), '/rules/0/require', 'one authenticated person'],
  [
    'one ballot is enough',
    requiring(ballots({ threshold: { yes: 1, of: 'seats' } })),
    '/rules/0/require',
    'one authenticated person',
  ],
  [
    'ballots of the filled seats: one may be filled',
    requiring(ballots({ threshold: { yes: 'unanimous', of: 'filled' } })),
    '/rules/0/require',
    'one authenticated person',
  ],
  // Bodies, seats and thresholds
  ['an empty require', requiring(), '/rules/0/require', 'names nobody'],
  ['no rule', { ...policy(), rules: [] }, '/rules', 'has no rule'],
  ['an unknown body', requiring(council(), signature('treasurer')), at(1, '/body'), 'no body treasurer'],
  [
    'a body spelled like a prototype key',
    requiring(council(), signature('__proto__')),
    at(1, '/id'),
    'must be 1 to 64 characters',
  ],
  [
    'a certified vote nobody attests',
    requiring(council({ body: 'board', quorum: 2 }), signature('mayor')),
    at(0, '/body'),
    'nobody certifies the acts of board',
  ],
  [
    'a threshold above its body',
    requiring(council({ threshold: { yes: 14, of: 'seats' } }), mayor()),
    at(0, '/threshold/yes'),
    'more than the 13 seats of council',
  ],
  [
    'ballots above their body',
    requiring(ballots({ threshold: { yes: 4, of: 'seats' } }), signature('mayor')),
    at(0, '/threshold/yes'),
    'more than the 3 seats of board',
  ],
  ['a quorum above its body', requiring(council({ quorum: 14 }), mayor()), at(0, '/quorum'), 'more than the 13 seats of council'],
  [
    'an override above its body',
    requiring(council(), mayor({ override: { requirement: 'council', yes: 14, within: 'P30D' } })),
    at(1, '/override/yes'),
    'more than the 13 seats',
  ],
  [
    'a threshold of 0',
    requiring(council({ threshold: { yes: 0, of: 'seats' } }), mayor()),
    at(0, '/threshold/yes'),
    'must be at least 1',
  ],
  [
    'an unknown word for a threshold',
    requiring({ ...council(), threshold: { yes: 'most', of: 'seats' } }, mayor()),
    at(0, '/threshold/yes'),
    'majority',
  ],
  [
    'ballots of those present',
    requiring(ballots({ threshold: { yes: 'majority', of: 'present' } }), signature('mayor')),
    at(0, '/threshold/of'),
    'nobody is present at ballots',
  ],
  // Fields that do not go with the instrument
  [
    'no threshold for a vote',
    requiring({ ...signature('council'), instrument: 'certification' }, mayor()),
    at(0, '/threshold'),
    'is required',
  ],
  [
    'no threshold for ballots',
    requiring({ ...signature('board'), instrument: 'ballots' }, signature('mayor')),
    at(0, '/threshold'),
    'is required',
  ],
  [
    'a threshold of a signature',
    requiring(council(), mayor({ threshold: { yes: 1, of: 'seats' } })),
    at(1, '/threshold'),
    'not with signature',
  ],
  ['a quorum of a signature', requiring(council(), mayor({ quorum: 1 })), at(1, '/quorum'), 'not with signature'],
  ['a deadline of a vote', requiring(council({ deadline: 'P5D' }), mayor()), at(0, '/deadline'), 'goes with signature'],
  [
    'an override of ballots',
    requiring(council(), ballots({ after: ['council'], override: { requirement: 'council', yes: 9, within: 'P30D' } })),
    at(1, '/override'),
    'goes with signature',
  ],
  // Order and overrides
  [
    'after an unknown id',
    requiring(council(), mayor({ after: ['council', 'senate'] })),
    at(1, '/after/1'),
    'no requirement senate',
  ],
  ['after itself', requiring(council({ after: ['council'] }), mayor()), at(0, '/after'), 'waits for itself'],
  ['a circle', requiring(council({ after: ['mayor'] }), mayor()), at(0, '/after'), 'waits for itself'],
  [
    'a circle of three',
    requiring(council({ after: ['auditor'] }), mayor(), signature('auditor', { after: ['mayor'] })),
    at(2, '/after'),
    'waits for itself',
  ],
  [
    'after advice',
    requiring({ ...signature('board'), instrument: 'advice' }, council({ after: ['board'] }), mayor()),
    at(1, '/after/0'),
    'advice, which never counts',
  ],
  [
    'an override by what is not there',
    requiring(council(), mayor({ override: { requirement: 'senate', yes: 9, within: 'P30D' } })),
    at(1, '/override/requirement'),
    'no requirement senate',
  ],
  [
    'an override by what is no certified vote',
    requiring(
      council(),
      mayor(),
      signature('auditor', { after: ['mayor'], override: { requirement: 'mayor', yes: 1, within: 'P30D' } }),
    ),
    at(2, '/override/requirement'),
    'not a certified vote',
  ],
  [
    'an override by a vote that need not come first',
    requiring(council(), signature('mayor', { override: { requirement: 'council', yes: 9, within: 'P30D' } })),
    at(1, '/override/requirement'),
    'must come after council',
  ],
  // Ids
  [
    'a requirement id twice',
    requiring(council(), mayor(), signature('auditor', { id: 'mayor' })),
    at(2, '/id'),
    'earlier requirement',
  ],
  ['a rule id twice', policy(rule({ when: { kind: ['contract'] } }), rule()), '/rules/1/id', 'earlier rule'],
  // Reach
  ['a last rule for some kinds', ruled({ when: { kind: ['contract'] } }), '/rules/0/when', 'must match everything'],
  ['a last rule for some keys', ruled({ when: { key: ['flock.**'] } }), '/rules/0/when', 'must match everything'],
  ['a last rule for some impacts', ruled({ when: { impact: ['sharing'] } }), '/rules/0/when', 'must match everything'],
  ['a malformed glob', ruled({ when: { key: ['flock.***', '**'] } }), '/rules/0/when/key/0', 'dotted segments'],
  ['a glob that matches no key', ruled({ when: { key: ['**', 'a.b.c.d.e.f'] } }), '/rules/0/when/key/1', 'can match no key'],
  ['an unknown kind', ruled({ when: { kind: ['upgrade'] } }), '/rules/0/when/kind/0', 'Invalid'],
  ['an unknown impact', ruled({ when: { impact: ['mood'] } }), '/rules/0/when/impact/0', 'Invalid'],
  ['an empty condition', ruled({ when: { kind: [] } }), '/rules/0/when/kind', 'Too small'],
  // Clocks
  ['no window at all', ruled({ window: 'P0D' }), '/rules/0/window', 'is no time at all'],
  ['no term at all', ruled({ term: 'PT0H' }), '/rules/0/term', 'is no time at all'],
  ['no deadline at all', requiring(council(), mayor({ deadline: 'P0D' })), at(1, '/deadline'), 'is no time at all'],
  [
    'no time to override',
    requiring(council(), mayor({ override: { requirement: 'council', yes: 9, within: 'P0D' } })),
    at(1, '/override/within'),
    'is no time at all',
  ],
  ['a negative duration', ruled({ window: '-P1D' }), '/rules/0/window', 'duration'],
  ['a fraction', ruled({ notice: 'P1.5D' }), '/rules/0/notice', 'duration'],
  ['a duration in words', ruled({ notice: '7 days' }), '/rules/0/notice', 'duration'],
  ['a duration beyond the calendar', ruled({ term: 'P9999Y' }), '/rules/0/term', 'duration'],
  // Shape
  ['an unknown field', { ...policy(), owner: 'x' }, '/owner', 'not a field'],
  ['an unknown field of a requirement', requiring({ ...council(), weight: 2 }, mayor()), at(0, '/weight'), 'not a field'],
  ['a blank name', { ...policy(), name: ' ' }, '/name', 'blank'],
  ['a name that is turned round', { ...policy(), name: 'safe\u202Etxt' }, '/name', 'reorders text'],
  [
    'an address that is no web address',
    { ...policy(), authority: { kind: 'ordinance', url: 'javascript:alert(1)' } },
    '/authority/url',
    '',
  ],
  ['an unknown authority', { ...policy(), authority: { kind: 'decree' } }, '/authority/kind', 'Invalid'],
  ['an unknown scheme', { ...policy(), webhooks: ['v2'] }, '/webhooks/0', 'Invalid'],
  ['an unknown passkey rule', { ...policy(), passkeys: 'maybe' }, '/passkeys', 'Invalid'],
  ['no object', 'majority', '', 'Invalid'],
  ['null', null, '', 'Invalid'],
];

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
      [rule({ require: [council(), mayor({ override: { requirement: 'council', yes: 6, within: 'P30D' } })] })],
      '/rules/0/require/1/override/yes asks for fewer votes than council itself',
    ],
    [
      'a window shorter than the notice',
      [rule({ notice: 'P30D', window: 'P1W' })],
      '/rules/0/window ends before the notice time',
    ],
    [
      'one seat for two signatures',
      [rule({ require: [signature('mayor'), signature('mayor', { id: 'again' })] })],
      '/rules/0/require asks for 2 different persons of mayor, which has 1 seat',
    ],
    [
      'a clerk who certifies and signs',
      [rule({ require: [council(), signature('clerk')] })],
      '/rules/0/require asks for 2 different persons of clerk, which has 1 seat',
    ],
  ])('with a warning: %s', (_, rules, warning) => expect(warnings(...rules)).toStrictEqual([expect.stringContaining(warning)]));
});

function requirementWithoutQuorum(): Requirement {
  const { quorum: _, ...rest } = council();
  return rest;
}
