import { council, mayor, signature } from '../../support/fixtures/city.ts';
import { policy } from './cityPolicy.ts';
import { at, ballots, requiring } from './policyParts.ts';

/** Policies that are refused, each with a name, the field at fault and words of the reason. */
export type Refused = readonly (readonly [string, unknown, string, string])[];

/** Requirements: persons, bodies, thresholds, instruments, order. */
export const REFUSED_REQUIREMENTS: Refused = [
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
  ['an empty require', requiring(), '/rules/0/require', 'names no one'],
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
    'no one certifies the acts of board',
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
    requiring(
      council(),
      mayor({ override: { requirement: 'council', yes: 14, within: 'P30D', confirmedBy: 'council/at-large-a' } }),
    ),
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
    'no one is present at ballots',
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
    requiring(
      council(),
      ballots({
        after: ['council'],
        override: { requirement: 'council', yes: 9, within: 'P30D', confirmedBy: 'council/at-large-a' },
      }),
    ),
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
    requiring(
      council(),
      mayor({ override: { requirement: 'senate', yes: 9, within: 'P30D', confirmedBy: 'council/at-large-a' } }),
    ),
    at(1, '/override/requirement'),
    'no requirement senate',
  ],
  [
    'an override by what is no certified vote',
    requiring(
      council(),
      mayor(),
      signature('auditor', {
        after: ['mayor'],
        override: { requirement: 'mayor', yes: 1, within: 'P30D', confirmedBy: 'council/at-large-a' },
      }),
    ),
    at(2, '/override/requirement'),
    'not a certified vote',
  ],
  [
    'an override by a vote that need not come first',
    requiring(
      council(),
      signature('mayor', { override: { requirement: 'council', yes: 9, within: 'P30D', confirmedBy: 'council/at-large-a' } }),
    ),
    at(1, '/override/requirement'),
    'must come after council',
  ],
  // The second person of an override
  [
    'an override that no second person confirms',
    requiring(council(), mayor({ override: { requirement: 'council', yes: 9, within: 'P30D' } })),
    at(1, '/override/confirmedBy'),
    'is required: a second person must confirm',
  ],
  ...(
    [
      ['senate', 'no body senate'],
      ['council/district-99', 'council has no seat district-99'],
      // The clerk's office has one seat here, and it certifies.
      ['clerk', 'clerk has one seat and certifies: a second person must confirm'],
      ['clerk/clerk', 'clerk has one seat and certifies: a second person must confirm'],
    ] as const
  ).map(
    ([confirmedBy, reason]) =>
      [
        `an override confirmed by ${confirmedBy}`,
        requiring(council(), mayor({ override: { requirement: 'council', yes: 9, within: 'P30D', confirmedBy } })),
        at(1, '/override/confirmedBy'),
        reason,
      ] as const,
  ),
  [
    'an adoption confirmed by the clerk who alone certifies it',
    requiring(council({ confirmedBy: 'clerk' }), mayor()),
    at(0, '/confirmedBy'),
    'clerk has one seat and certifies: a second person must confirm',
  ],
];
