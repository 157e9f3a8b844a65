import { council, mayor, signature } from '../../support/fixtures/city.ts';
import { policy, rule } from './cityPolicy.ts';
import { at, requiring, ruled } from './policyParts.ts';
import type { Refused } from './refusedRequirements.ts';

const overriddenWithin = (within: unknown) =>
  requiring(
    council(),
    mayor({ override: { requirement: 'council', yes: 9, within, confirmedBy: 'council/at-large-a' } as never }),
  );
const within = (field = '') => at(1, `/override/within${field}`);

/** Times for a second vote that are out of order, or no times. */
const OUT_OF_ORDER: Refused = [
  ['no end of the time to override', overriddenWithin({ notBefore: 'P30D' }), within('/notAfter'), 'expected string'],
  [
    'an end of the time to override that is none',
    overriddenWithin({ notAfter: 'P0D' }),
    within('/notAfter'),
    'is no time at all',
  ],
  ['a time to override in words', overriddenWithin({ notAfter: '21 days' }), within('/notAfter'), 'duration'],
  [
    'another field in the time to override',
    overriddenWithin({ notAfter: 'P21D', meeting: 'P45D' }),
    within('/meeting'),
    'is not a field',
  ],
  ['a number as the time to override', overriddenWithin(21), within(), 'must be a duration such as P30D, or an object'],
  [
    'a first day after the last',
    overriddenWithin({ notBefore: 'P60D', notAfter: 'P30D' }),
    within('/notBefore'),
    'must be shorter',
  ],
  [
    'a first day that February makes the last',
    overriddenWithin({ notBefore: 'P4W', notAfter: 'P1M' }),
    within('/notBefore'),
    'must be shorter',
  ],
];

/** Rules and the policy itself: ids, reach, clocks, shape. */
export const REFUSED_RULES: Refused = [
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
    requiring(
      council(),
      mayor({ override: { requirement: 'council', yes: 9, within: 'P0D', confirmedBy: 'council/at-large-a' } }),
    ),
    at(1, '/override/within'),
    'is no time at all',
  ],
  ...OUT_OF_ORDER,
  ['a negative duration', ruled({ window: '-P1D' }), '/rules/0/window', 'duration'],
  ['a fraction', ruled({ notice: 'P1.5D' }), '/rules/0/notice', 'duration'],
  ['a duration in words', ruled({ notice: '7 days' }), '/rules/0/notice', 'duration'],
  ['a duration beyond the calendar', ruled({ term: 'P9999Y' }), '/rules/0/term', 'duration'],
  // The next policy
  ['documents of vendors for itself', ruled({ documents: ['impact-report'] }), '/rules/0/documents', 'could never be replaced'],
  [
    'documents in a rule that it falls under before its own',
    policy(
      rule({ id: 'terms', when: { kind: ['terms'] }, documents: ['impact-report'] }),
      rule({ id: 'policy', when: { key: ['aldergate.policy'] } }),
      rule(),
    ),
    '/rules/0/documents',
    'a rule of its own before it',
  ],
  [
    'a window that ends before the notice',
    ruled({ notice: 'P30D', window: 'P1W' }),
    '/rules/0/window',
    'could never be replaced',
  ],
  [
    'more persons than its bodies have',
    requiring(signature('mayor'), signature('mayor', { id: 'again' })),
    '/rules/0/require',
    'could never be replaced',
  ],
  ['a clerk who certifies and signs', requiring(council(), signature('clerk')), '/rules/0/require', 'could never be replaced'],
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
