import { council, mayor, signature } from '../../support/fixtures/city.ts';
import { at, ballots, policy, requiring, rule, ruled } from './policyParts.ts';

/** Policies that are refused, each with a name, the field at fault and words of the reason. */
type Refused = readonly (readonly [string, unknown, string, string])[];

const advice = { ...signature('board'), instrument: 'advice' };
const override = (change: object = {}) =>
  ({ requirement: 'council', yes: 9, within: 'P30D', confirmedBy: 'council/at-large-a', ...change }) as never;
const overridden = (change: object) => requiring(council(), mayor({ override: override(change) }));
const threshold = (yes: unknown, of = 'seats') => ({ threshold: { yes, of } }) as object;

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

const board = (change: object = {}) => council({ body: 'board', quorum: 2, ...change });
const plainVote = { ...signature('council'), instrument: 'certification' };
const plainBallots = { ...signature('board'), instrument: 'ballots' };

/** What is wrong in the first or another requirement: its place and the field at fault. */
const REQUIREMENTS: Refused = (
  [
    ['an unknown body', [council(), signature('treasurer')], 1, '/body', 'no body treasurer'],
    ['a body spelled like a prototype key', [council(), signature('__proto__')], 1, '/id', 'must be 1 to 64 characters'],
    ['a certified vote nobody attests', [board(), signature('mayor')], 0, '/body', 'no one certifies the acts of board'],
    ['a threshold above its body', [council(threshold(14)), mayor()], 0, '/threshold/yes', 'more than the 13 seats of council'],
    [
      'ballots above their body',
      [ballots(threshold(4)), signature('mayor')],
      0,
      '/threshold/yes',
      'more than the 3 seats of board',
    ],
    ['a quorum above its body', [council({ quorum: 14 }), mayor()], 0, '/quorum', 'more than the 13 seats of council'],
    ['a threshold of 0', [council(threshold(0)), mayor()], 0, '/threshold/yes', 'must be at least 1'],
    ['an unknown word for a threshold', [council(threshold('most')), mayor()], 0, '/threshold/yes', 'majority'],
    [
      'ballots of those present',
      [ballots(threshold('majority', 'present')), signature('mayor')],
      0,
      '/threshold/of',
      'no one is present at ballots',
    ],
    [
      'ballots above the one seat of an office',
      [ballots({ body: 'mayor', ...threshold(2) }), signature('auditor')],
      0,
      '/threshold/yes',
      'is more than the 1 seat of mayor',
    ],
    ['a certified vote alone that nobody attests', [board()], 0, '/body', 'no one certifies'],
    ['a certified vote alone without a threshold', [plainVote], 0, '/threshold', 'is required'],
    // Fields that do not go with the instrument
    ['no threshold for a vote', [plainVote, mayor()], 0, '/threshold', 'is required'],
    ['no threshold for ballots', [plainBallots, signature('mayor')], 0, '/threshold', 'is required'],
    ['a threshold of a signature', [council(), mayor(threshold(1))], 1, '/threshold', 'not with signature'],
    ['a quorum of a signature', [council(), mayor({ quorum: 1 })], 1, '/quorum', 'not with signature'],
    ['a deadline of a vote', [council({ deadline: 'P5D' }), mayor()], 0, '/deadline', 'goes with signature'],
    ['no deadline at all', [council(), mayor({ deadline: 'P0D' })], 1, '/deadline', 'is no time at all'],
    [
      'an override of ballots',
      [council(), ballots({ after: ['council'], override: override() })],
      1,
      '/override',
      'goes with signature',
    ],
    // Order
    ['a requirement id twice', [council(), mayor(), signature('auditor', { id: 'mayor' })], 2, '/id', 'earlier requirement'],
    ['after an unknown id', [council(), mayor({ after: ['council', 'senate'] })], 1, '/after/1', 'no requirement senate'],
    ['after itself', [council({ after: ['council'] }), mayor()], 0, '/after', 'waits for itself'],
    ['a circle', [council({ after: ['mayor'] }), mayor()], 0, '/after', 'waits for itself'],
    [
      'a circle of three',
      [council({ after: ['auditor'] }), mayor(), signature('auditor', { after: ['mayor'] })],
      2,
      '/after',
      'waits for itself',
    ],
    ['after advice', [advice, council({ after: ['board'] }), mayor()], 1, '/after/0', 'advice, which never counts'],
    [
      'an override by what is no certified vote',
      [council(), mayor(), signature('auditor', { after: ['mayor'], override: override({ requirement: 'mayor', yes: 1 }) })],
      2,
      '/override/requirement',
      'not a certified vote',
    ],
    [
      'an override by a vote that need not come first',
      [council(), signature('mayor', { override: override() })],
      1,
      '/override/requirement',
      'must come after council',
    ],
    [
      'an override that no second person confirms',
      [council(), mayor({ override: { requirement: 'council', yes: 9, within: 'P30D' } })],
      1,
      '/override/confirmedBy',
      'is required: a second person must confirm',
    ],
    [
      'an adoption confirmed by the clerk who alone certifies it',
      [council({ confirmedBy: 'clerk' }), mayor()],
      0,
      '/confirmedBy',
      'one seat and certifies',
    ],
  ] as const
).map(([what, require, index, field, reason]) => [what, requiring(...require), at(index, field), reason]);

/** What is wrong in the second vote of the mayor's requirement, by its field. */
const OVERRIDES: Refused = (
  [
    ['above its body', { yes: 14 }, '/yes', 'more than the 13 seats'],
    ['by what is not there', { requirement: 'senate' }, '/requirement', 'no requirement senate'],
    // The clerk's office has one seat here, and it certifies.
    ['confirmed by the clerk', { confirmedBy: 'clerk' }, '/confirmedBy', 'one seat and certifies'],
    ['confirmed by that one seat', { confirmedBy: 'clerk/clerk' }, '/confirmedBy', 'one seat and certifies'],
    ['confirmed by no body', { confirmedBy: 'senate' }, '/confirmedBy', 'no body senate'],
    ['confirmed by no seat', { confirmedBy: 'council/district-99' }, '/confirmedBy', 'council has no seat district-99'],
    ['in no time', { within: 'P0D' }, '/within', 'is no time at all'],
    ['without an end', { within: { notBefore: 'P30D' } }, '/within/notAfter', 'is missing'],
    ['until an end that is none', { within: { notAfter: 'P0D' } }, '/within/notAfter', 'is no time at all'],
    ['within a time in words', { within: { notAfter: '21 days' } }, '/within/notAfter', 'duration'],
    ['with another field', { within: { notAfter: 'P21D', meeting: 'P45D' } }, '/within/meeting', 'is not a field'],
    ['within a number', { within: 21 }, '/within', 'must be a duration such as P30D, or an object'],
    [
      'on a first day after the last',
      { within: { notBefore: 'P60D', notAfter: 'P30D' } },
      '/within/notBefore',
      'must be shorter',
    ],
    [
      'on a first day that February makes the last',
      { within: { notBefore: 'P4W', notAfter: 'P1M' } },
      '/within/notBefore',
      'must be shorter',
    ],
  ] as const
).map(([what, change, field, reason]) => [`an override ${what}`, overridden(change), at(1, `/override${field}`), reason]);

/** What is wrong with who looks at what is on. */
const OBSERVED: Refused = (
  [
    ['no source', {}, '', 'names no source'],
    [
      'twenty-one sources',
      Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`s${n}`, weekly])),
      '',
      'more than 20 sources',
    ],
    ['a source of another kind', { check: { ...weekly, kind: 'police' } }, '/check/kind', 'is none of'],
    ['a source that does not say how often it looks', { check: { kind: 'city' } }, '/check/every', ''],
    ['a source that looks within two hours', { check: { ...weekly, every: 'PT119M' } }, '/check/every', 'two hours'],
    ['a source that looks at all times', { check: { ...weekly, every: 'P0D' } }, '/check/every', 'two hours'],
    ['a source whose name is blank', { ' ': weekly }, '/ ', 'is blank'],
    ['a source whose name is too long', { ['x'.repeat(61)]: weekly }, `/${'x'.repeat(61)}`, 'longer than 60'],
  ] as const
).map(([what, sources, place, reason]) => [what, { ...policy(), observe: { sources } }, `/observe/sources${place}`, reason]);

const RULES: Refused = [
  ['advice only', requiring(advice), '/rules/0/require', 'advice only'],
  ['an empty require', requiring(), '/rules/0/require', 'names no one'],
  ['no rule', { ...policy(), rules: [] }, '/rules', 'has no rule'],
  ['a rule id twice', policy(rule({ when: { kind: ['contract'] } }), rule()), '/rules/1/id', 'earlier rule'],
  ['a last rule for some kinds', ruled({ when: { kind: ['contract'] } }), '/rules/0/when', 'must match everything'],
  ['a last rule for some keys', ruled({ when: { key: ['flock.**'] } }), '/rules/0/when', 'must match everything'],
  ['a last rule for some impacts', ruled({ when: { impact: ['sharing'] } }), '/rules/0/when', 'must match everything'],
  [
    'a rule for everything before a stricter one',
    policy(rule({ id: 'first' }), rule({ id: 'contract', when: { kind: ['contract'] } }), rule()),
    '/rules/0/when',
    'no rule after it would ever apply',
  ],
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
    'the policy itself as a document',
    policy(rule({ id: 'own', when: { key: ['aldergate.policy'] }, documents: ['policy'] }), rule()),
    '/rules/0/documents',
    'no document of kind policy',
  ],
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
  // Shape
  [
    'a time that is none',
    { ...policy(), observe: { sources: { check: weekly }, membersAfter: '1 day' } },
    '/observe/membersAfter',
    'duration',
  ],
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

export const REFUSED: Refused = [...ALONE, ...REQUIREMENTS, ...OVERRIDES, ...RULES, ...OBSERVED];
