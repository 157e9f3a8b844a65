import { describe, expect, test } from 'vitest';
import { judgeRollCall } from '../../../domain/policy/rollCall.ts';
import type { Requirement, Threshold } from '../../../domain/policy/schema.ts';
import type { Vote } from '../../../domain/policy/threshold.ts';
import { council } from '../../support/fixtures/city.ts';

const WORDS: Readonly<Record<string, Vote>> = {
  y: 'yes',
  n: 'no',
  a: 'abstain',
  '-': 'absent',
  e: 'excused',
  r: 'recused',
  v: 'vacant',
};

const rollOf = (letters: string): Record<string, Vote> =>
  Object.fromEntries(letters.split('').map((letter, index) => [`seat-${index + 1}`, WORDS[letter] ?? 'absent']));

const judge = (letters: string, requirement: Requirement, override?: number) => {
  const roll = rollOf(letters);
  return judgeRollCall(requirement, roll, Object.keys(roll), override);
};

const asking = (
  yes: Threshold['yes'],
  of: Threshold['of'],
  more: { recused?: 'excluded'; quorum?: number } = {},
): Requirement => {
  const { quorum, ...rest } = more;
  const { quorum: _, ...plain } = council({ threshold: { yes, of, ...rest } });
  return quorum === undefined ? plain : { ...plain, quorum };
};

const rows: readonly [string, string, Requirement, ReturnType<typeof judgeRollCall>][] = [
  [
    '6 yes of 13 seats are no majority',
    'yyyyyynnnnnnn',
    council(),
    { outcome: 'below', yes: 6, no: 7, present: 13, denominator: 13, needed: 7 },
  ],
  [
    '7 yes of 13 seats are one',
    'yyyyyyynnnnnn',
    council(),
    { outcome: 'met', yes: 7, no: 6, present: 13, denominator: 13, needed: 7 },
  ],
  [
    '9 yes are two thirds',
    'yyyyyyyyynnnn',
    asking('two-thirds', 'seats'),
    { outcome: 'met', yes: 9, no: 4, present: 13, denominator: 13, needed: 9 },
  ],
  [
    '8 yes are not',
    'yyyyyyyynnnnn',
    asking('two-thirds', 'seats'),
    { outcome: 'below', yes: 8, no: 5, present: 13, denominator: 13, needed: 9 },
  ],
  [
    'a vacancy counts as a seat, so 6 of 11 members fail',
    'yyyyyynnnnnvv',
    council(),
    { outcome: 'below', yes: 6, no: 5, present: 11, denominator: 13, needed: 7 },
  ],
  [
    'of filled seats, 6 of 11 pass',
    'yyyyyynnnnnvv',
    asking('majority', 'filled'),
    { outcome: 'met', yes: 6, no: 5, present: 11, denominator: 11, needed: 6 },
  ],
  [
    'of those present, 5 of 8 pass',
    'yyyyynnn-----',
    asking('majority', 'present', { quorum: 7 }),
    { outcome: 'met', yes: 5, no: 3, present: 8, denominator: 8, needed: 5 },
  ],
  [
    'the same vote fails of all seats',
    'yyyyynnn-----',
    asking('majority', 'seats', { quorum: 7 }),
    { outcome: 'below', yes: 5, no: 3, present: 8, denominator: 13, needed: 7 },
  ],
  [
    'absent and excused are not there',
    'yyyyyynnn--ee',
    asking('majority', 'present'),
    { outcome: 'met', yes: 6, no: 3, present: 9, denominator: 9, needed: 5 },
  ],
  [
    'six there are no quorum of seven, though all say yes',
    'yyyyyy-------',
    asking('majority', 'present', { quorum: 7 }),
    { outcome: 'no-quorum', yes: 6, no: 0, present: 6, denominator: 6, needed: 4 },
  ],
  [
    'who abstains makes the quorum and stays in the denominator',
    'yyyaaaa------',
    asking('majority', 'present', { quorum: 7 }),
    { outcome: 'below', yes: 3, no: 0, present: 7, denominator: 7, needed: 4 },
  ],
  [
    'a recused seat stays in the denominator',
    'yyyyyynnnnnrr',
    council(),
    { outcome: 'below', yes: 6, no: 5, present: 13, denominator: 13, needed: 7 },
  ],
  [
    'unless the policy excludes it',
    'yyyyyynnnnnrr',
    asking('majority', 'seats', { recused: 'excluded', quorum: 7 }),
    { outcome: 'met', yes: 6, no: 5, present: 11, denominator: 11, needed: 6 },
  ],
  [
    'of those present a recused seat is there',
    'yyyyyynnnnnrr',
    asking('majority', 'present'),
    { outcome: 'below', yes: 6, no: 5, present: 13, denominator: 13, needed: 7 },
  ],
  [
    'excluded, it makes no quorum either',
    'yyyyrrrrr----',
    asking('majority', 'present', { recused: 'excluded', quorum: 7 }),
    { outcome: 'no-quorum', yes: 4, no: 0, present: 4, denominator: 4, needed: 3 },
  ],
  [
    'an abstention prevents unanimity',
    'yyyyyyyyyyyya',
    asking('unanimous', 'present'),
    { outcome: 'below', yes: 12, no: 0, present: 13, denominator: 13, needed: 13 },
  ],
  [
    'an absence does not, of those present',
    'yyyyyyyyyyyy-',
    asking('unanimous', 'present'),
    { outcome: 'met', yes: 12, no: 0, present: 12, denominator: 12, needed: 12 },
  ],
  [
    'of all seats it does',
    'yyyyyyyyyyyy-',
    asking('unanimous', 'seats'),
    { outcome: 'below', yes: 12, no: 0, present: 12, denominator: 13, needed: 13 },
  ],
  [
    'a number nobody can reach is never lowered',
    'yyyyyvvvvvvvv',
    asking(7, 'filled'),
    { outcome: 'below', yes: 5, no: 0, present: 5, denominator: 5, needed: 7 },
  ],
  [
    'a number is a number, also of those present',
    'yyyyyyy------',
    asking(7, 'present'),
    { outcome: 'met', yes: 7, no: 0, present: 7, denominator: 7, needed: 7 },
  ],
  [
    'nobody there: a denominator of 0 never passes',
    '-------------',
    asking('unanimous', 'present'),
    { outcome: 'below', yes: 0, no: 0, present: 0, denominator: 0, needed: 1 },
  ],
  [
    'everybody recused: neither',
    'rrrrrrrrrrrrr',
    asking('majority', 'seats', { recused: 'excluded' }),
    { outcome: 'below', yes: 0, no: 0, present: 0, denominator: 0, needed: 1 },
  ],
  [
    'an empty body: neither',
    'vvvvvvvvvvvvv',
    asking('two-thirds', 'filled'),
    { outcome: 'below', yes: 0, no: 0, present: 0, denominator: 0, needed: 1 },
  ],
];

describe('a roll call', () => {
  test.each(rows)('%s (%s)', (_, letters, requirement, judged) => {
    expect(judge(letters, requirement)).toStrictEqual(judged);
  });

  test.each([
    ['yyyyyyyyynnnn', 'met'],
    ['yyyyyyyynnnnn', 'below'],
  ])('an override needs its nine: %s', (letters, outcome) => {
    expect(judge(letters, council(), 9)).toMatchObject({ outcome, needed: 9, denominator: 13 });
  });

  test('an override needs the quorum too', () => {
    expect(judge('yyyyyyyyy----', council({ quorum: 10 }), 9)).toMatchObject({ outcome: 'no-quorum', needed: 9 });
  });

  test('a missing, a foreign or an inherited seat is a broken invariant, not an abstention', () => {
    const roll = rollOf('yyy');
    expect(() => judgeRollCall(council(), roll, ['seat-1', 'seat-2', 'seat-3', 'seat-4'])).toThrow('no vote of seat seat-4');
    expect(() => judgeRollCall(council(), roll, ['seat-1', 'seat-2'])).toThrow('other seats');
    expect(() => judgeRollCall(council(), {}, ['constructor'])).toThrow('no vote of seat constructor');
    expect(() => judgeRollCall({ id: 'x', body: 'mayor', instrument: 'signature' }, {}, [])).toThrow('no threshold');
  });
});
