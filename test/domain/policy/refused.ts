import { council, mayor, signature } from '../../support/fixtures/city.ts';
import { at, ballots, policy, requiring, rule, ruled } from './policyParts.ts';

/** Policies that are refused, each with a name, the field at fault and words of the reason. */
type Refused = readonly (readonly [string, unknown, string, string])[];

const advice = { ...signature('board'), instrument: 'advice' };
const override = (change: object = {}) =>
  ({ requirement: 'council', yes: 9, within: 'P30D', confirmedBy: 'council/at-large-a', ...change }) as never;
const overridden = (change: object) => requiring(council(), mayor({ override: override(change) }));
const within = (field = '') => at(1, `/override/within${field}`);
const threshold = (yes: unknown, of = 'seats') => ({ threshold: { yes, of } }) as object;

/** Rules that one person alone could fill. */
const ALONE: Refused = (
  [
    ['one signature alone', [signature('mayor')]],
    ['one certified vote: only the clerk is authenticated', [council()]],
    ['two certified votes by one clerk', [council(), council({ id: 'again' })]],
    ['a signature beside advice', [signature('mayor'), advice]],
    ['ballots of one seat', [ballots({ body: 'mayor' })]],
    ['one ballot is enough', [ballots(threshold(1))]],
    ['ballots of the filled seats: one may be filled', [ballots(threshold('unanimous', 'filled'))]],
  ] as const
).map(([what, require]) => [what, requiring(...require), '/rules/0/require', 'one authenticated person alone']);

const weekly = { kind: 'city', every: 'P7D' };
const observed = (sources: object) => ({ ...policy(), observe: { sources } });

const REQUIREMENTS: Refused = [
  ['advice only', requiring(advice), '/rules/0/require', 'advice only'],
  ['an empty require', requiring(), '/rules/0/require', 'names no one'],
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
    'no one certifies the acts of board',
  ],
  [
    'a threshold above its body',
    requiring(council(threshold(14)), mayor()),
    at(0, '/threshold/yes'),
    'more than the 13 seats of council',
  ],
  [
    'ballots above their body',
    requiring(ballots(threshold(4)), signature('mayor')),
    at(0, '/threshold/yes'),
    'more than the 3 seats of board',
  ],
  ['a quorum above its body', requiring(council({ quorum: 14 }), mayor()), at(0, '/quorum'), 'more than the 13 seats of council'],
  ['an override above its body', overridden({ yes: 14 }), at(1, '/override/yes'), 'more than the 13 seats'],
  ['a threshold of 0', requiring(council(threshold(0)), mayor()), at(0, '/threshold/yes'), 'must be at least 1'],
  ['an unknown word for a threshold', requiring(council(threshold('most')), mayor()), at(0, '/threshold/yes'), 'majority'],
  [
    'ballots of those present',
    requiring(ballots(threshold('majority', 'present')), signature('mayor')),
    at(0, '/threshold/of'),
    'no one is present at ballots',
  ],
  [
    'ballots above the one seat of an office',
    requiring(ballots({ body: 'mayor', ...threshold(2) }), signature('auditor')),
    at(0, '/threshold/yes'),
    'is more than the 1 seat of mayor',
  ],
  [
    'a certified vote alone that nobody attests',
    requiring(council({ body: 'board', quorum: 2 })),
    at(0, '/body'),
    'no one certifies',
  ],
  [
    'a certified vote alone without a threshold',
    requiring({ ...signature('council'), instrument: 'certification' }),
    at(0, '/threshold'),
    'is required',
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
  ['a threshold of a signature', requiring(council(), mayor(threshold(1))), at(1, '/threshold'), 'not with signature'],
  ['a quorum of a signature', requiring(council(), mayor({ quorum: 1 })), at(1, '/quorum'), 'not with signature'],
  ['a deadline of a vote', requiring(council({ deadline: 'P5D' }), mayor()), at(0, '/deadline'), 'goes with signature'],
  [
    'an override of ballots',
    requiring(council(), ballots({ after: ['council'], override: override() })),
    at(1, '/override'),
    'goes with signature',
  ],
  // Order
  [
    'a requirement id twice',
    requiring(council(), mayor(), signature('auditor', { id: 'mayor' })),
    at(2, '/id'),
    'earlier requirement',
  ],
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
  ['after advice', requiring(advice, council({ after: ['board'] }), mayor()), at(1, '/after/0'), 'advice, which never counts'],
  [
    'an override by what is not there',
    overridden({ requirement: 'senate' }),
    at(1, '/override/requirement'),
    'no requirement senate',
  ],
  [
    'an override by what is no certified vote',
    requiring(
      council(),
      mayor(),
      signature('auditor', { after: ['mayor'], override: override({ requirement: 'mayor', yes: 1 }) }),
    ),
    at(2, '/override/requirement'),
    'not a certified vote',
  ],
  [
    'an override by a vote that need not come first',
    requiring(council(), signature('mayor', { override: override() })),
    at(1, '/override/requirement'),
    'must come after council',
  ],
  // The second person
  [
    'an override that no second person confirms',
    requiring(council(), mayor({ override: { requirement: 'council', yes: 9, within: 'P30D' } })),
    at(1, '/override/confirmedBy'),
    'is required: a second person must confirm',
  ],
  // The clerk's office has one seat here, and it certifies.
  ...(['clerk', 'clerk/clerk', 'senate', 'council/district-99'] as const).map((confirmedBy, index) => {
    const reason =
      ['one seat and certifies', 'one seat and certifies', 'no body senate', 'council has no seat district-99'][index] ?? '';
    return [
      `an override confirmed by ${confirmedBy}`,
      overridden({ confirmedBy }),
      at(1, '/override/confirmedBy'),
      reason,
    ] as const;
  }),
  [
    'an adoption confirmed by the clerk who alone certifies it',
    requiring(council({ confirmedBy: 'clerk' }), mayor()),
    at(0, '/confirmedBy'),
    'one seat and certifies',
  ],
  // Times
  ['no deadline at all', requiring(council(), mayor({ deadline: 'P0D' })), at(1, '/deadline'), 'is no time at all'],
  ['no time to override', overridden({ within: 'P0D' }), within(), 'is no time at all'],
  ['no end of the time to override', overridden({ within: { notBefore: 'P30D' } }), within('/notAfter'), 'is missing'],
  [
    'an end of the time to override that is none',
    overridden({ within: { notAfter: 'P0D' } }),
    within('/notAfter'),
    'is no time at all',
  ],
  ['a time to override in words', overridden({ within: { notAfter: '21 days' } }), within('/notAfter'), 'duration'],
  [
    'another field in the time to override',
    overridden({ within: { notAfter: 'P21D', meeting: 'P45D' } }),
    within('/meeting'),
    'is not a field',
  ],
  ['a number as the time to override', overridden({ within: 21 }), within(), 'must be a duration such as P30D, or an object'],
  [
    'a first day after the last',
    overridden({ within: { notBefore: 'P60D', notAfter: 'P30D' } }),
    within('/notBefore'),
    'must be shorter',
  ],
  [
    'a first day that February makes the last',
    overridden({ within: { notBefore: 'P4W', notAfter: 'P1M' } }),
    within('/notBefore'),
    'must be shorter',
  ],
];

/** Rules and the policy itself: reach, clocks, the next policy, shape. */
const RULES: Refused = [
  ['no rule', { ...policy(), rules: [] }, '/rules', 'has no rule'],
  ['a rule id twice', policy(rule({ when: { kind: ['contract'] } }), rule()), '/rules/1/id', 'earlier rule'],
  ['a last rule for some kinds', ruled({ when: { kind: ['contract'] } }), '/rules/0/when', 'must match everything'],
  ['a last rule for some keys', ruled({ when: { key: ['flock.**'] } }), '/rules/0/when', 'must match everything'],
  ['a last rule for some impacts', ruled({ when: { impact: ['sharing'] } }), '/rules/0/when', 'must match everything'],
  ['a malformed glob', ruled({ when: { key: ['flock.***', '**'] } }), '/rules/0/when/key/0', 'dotted segments'],
  ['a glob that matches no key', ruled({ when: { key: ['**', 'a.b.c.d.e.f'] } }), '/rules/0/when/key/1', 'can match no key'],
  ['an unknown kind', ruled({ when: { kind: ['upgrade'] } }), '/rules/0/when/kind/0', 'is none of'],
  ['an unknown impact', ruled({ when: { impact: ['mood'] } }), '/rules/0/when/impact/0', 'is none of'],
  ['an empty condition', ruled({ when: { kind: [] } }), '/rules/0/when/kind', 'is empty'],
  ['no window at all', ruled({ window: 'P0D' }), '/rules/0/window', 'is no time at all'],
  ['no term at all', ruled({ term: 'PT0H' }), '/rules/0/term', 'is no time at all'],
  ['a negative duration', ruled({ window: '-P1D' }), '/rules/0/window', 'duration'],
  ['a fraction', ruled({ notice: 'P1.5D' }), '/rules/0/notice', 'duration'],
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
    ruled({ notice: 'P7D', window: 'P1W' }),
    '/rules/0/window',
    'ends before the notice time has run, so no decision would ever count, so this policy could never be replaced',
  ],
  [
    'more persons than its bodies have',
    requiring(signature('mayor'), signature('mayor', { id: 'b' })),
    '/rules/0/require',
    'asks for 2 different persons of mayor, which has 1 seat, so this policy could never be replaced',
  ],
  [
    'more persons than a body has seats',
    requiring(...['a', 'b', 'c', 'd'].map((id) => signature('board', { id }))),
    '/rules/0/require',
    'asks for 4 different persons of board, which has 3 seats, so',
  ],
  [
    'a clerk who certifies and signs',
    requiring(council(), signature('clerk')),
    '/rules/0/require',
    'asks for 2 different persons of clerk, which has 1 seat, so',
  ],
  // Who looks
  ['no source', observed({}), '/observe/sources', 'names no source'],
  [
    'twenty-one sources',
    observed(Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`s${n}`, weekly]))),
    '/observe/sources',
    'more than 20 sources',
  ],
  ['a source of another kind', observed({ check: { ...weekly, kind: 'police' } }), '/observe/sources/check/kind', 'is none of'],
  ['a source that does not say how often it looks', observed({ check: { kind: 'city' } }), '/observe/sources/check/every', ''],
  [
    'a source that looks within two hours',
    observed({ check: { kind: 'city', every: 'PT119M' } }),
    '/observe/sources/check/every',
    'two hours',
  ],
  [
    'a source that looks at all times',
    observed({ check: { kind: 'city', every: 'P0D' } }),
    '/observe/sources/check/every',
    'two hours',
  ],
  ['a source whose name is blank', observed({ ' ': weekly }), '/observe/sources/ ', 'is blank'],
  [
    'a source whose name is too long',
    observed({ ['x'.repeat(61)]: weekly }),
    `/observe/sources/${'x'.repeat(61)}`,
    'longer than 60',
  ],
  [
    'a time that is none',
    { ...policy(), observe: { sources: { check: weekly }, membersAfter: '1 day' } },
    '/observe/membersAfter',
    'duration',
  ],
  // Shape
  ['an unknown field', { ...policy(), owner: 'x' }, '/owner', 'not a field'],
  ['an unknown field of a requirement', requiring({ ...council(), weight: 2 }, mayor()), at(0, '/weight'), 'not a field'],
  ['a name that is turned round', { ...policy(), name: 'safe\u202Etxt' }, '/name', 'reorders text'],
  [
    'an address that is no web address',
    { ...policy(), authority: { kind: 'ordinance', url: 'javascript:alert(1)' } },
    '/authority/url',
    '',
  ],
  ['an unknown scheme', { ...policy(), webhooks: ['v2'] }, '/webhooks/0', 'is none of'],
  ['an unknown passkey rule', { ...policy(), passkeys: 'maybe' }, '/passkeys', 'is none of'],
  ['no object', 'majority', '', 'is not an object'],
];

export const REFUSED: Refused = [...ALONE, ...REQUIREMENTS, ...RULES];
