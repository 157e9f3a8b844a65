import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Ballot, judgeBallots, judgeRollCall, needed, type Vote } from '../../../domain/policy/rollCall.ts';
import type { Requirement, Threshold } from '../../../domain/policy/schema.ts';
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

/** `figures`: yes, no, present, denominator, needed. */
const rows: readonly [what: string, letters: string, Requirement, outcome: string, figures: readonly number[]][] = [
  ['7 yes of 13 seats are one', 'yyyyyyynnnnnn', council(), 'met', [7, 6, 13, 13, 7]],
  ['9 yes are two thirds', 'yyyyyyyyynnnn', asking('two-thirds', 'seats'), 'met', [9, 4, 13, 13, 9]],
  ['a vacancy counts as a seat, so 6 of 11 members fail', 'yyyyyynnnnnvv', council(), 'below', [6, 5, 11, 13, 7]],
  ['of filled seats, 6 of 11 pass', 'yyyyyynnnnnvv', asking('majority', 'filled'), 'met', [6, 5, 11, 11, 6]],
  ['of those present, 5 of 8 pass', 'yyyyynnn-----', asking('majority', 'present', { quorum: 7 }), 'met', [5, 3, 8, 8, 5]],
  ['absent and excused are not there', 'yyyyyynnn--ee', asking('majority', 'present'), 'met', [6, 3, 9, 9, 5]],
  [
    'six there are no quorum of seven, though all say yes',
    'yyyyyy-------',
    asking('majority', 'present', { quorum: 7 }),
    'no-quorum',
    [6, 0, 6, 6, 4],
  ],
  [
    'who abstains makes the quorum and stays in the denominator',
    'yyyaaaa------',
    asking('majority', 'present', { quorum: 7 }),
    'below',
    [3, 0, 7, 7, 4],
  ],
  ['a recused seat stays in the denominator', 'yyyyyynnnnnrr', council(), 'below', [6, 5, 13, 13, 7]],
  [
    'unless the policy excludes it',
    'yyyyyynnnnnrr',
    asking('majority', 'seats', { recused: 'excluded', quorum: 7 }),
    'met',
    [6, 5, 11, 11, 6],
  ],
  ['of those present a recused seat is there', 'yyyyyynnnnnrr', asking('majority', 'present'), 'below', [6, 5, 13, 13, 7]],
  [
    'excluded, it makes no quorum either',
    'yyyyrrrrr----',
    asking('majority', 'present', { recused: 'excluded', quorum: 7 }),
    'no-quorum',
    [4, 0, 4, 4, 3],
  ],
  ['an abstention prevents unanimity', 'yyyyyyyyyyyya', asking('unanimous', 'present'), 'below', [12, 0, 13, 13, 13]],
  ['an absence does not, of those present', 'yyyyyyyyyyyy-', asking('unanimous', 'present'), 'met', [12, 0, 12, 12, 12]],
  ['of all seats it does', 'yyyyyyyyyyyy-', asking('unanimous', 'seats'), 'below', [12, 0, 12, 13, 13]],
  ['a number nobody can reach is never lowered', 'yyyyyvvvvvvvv', asking(7, 'filled'), 'below', [5, 0, 5, 5, 7]],
  ['nobody there: a denominator of 0 never passes', '-------------', asking('unanimous', 'present'), 'below', [0, 0, 0, 0, 1]],
];

describe('a roll call', () => {
  test.each(rows)('%s (%s)', (_, letters, requirement, outcome, figures) => {
    const { outcome: found, yes, no, present, denominator, needed: votes } = judge(letters, requirement);
    expect([found, yes, no, present, denominator, votes]).toStrictEqual([outcome, ...figures]);
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

test('a majority is more than half and two thirds are two thirds, whatever the size', () => {
  for (let seats = 1; seats <= 200; seats += 1) {
    const count = { seats, filled: seats, present: seats, recused: 0 };
    const majority = needed({ yes: 'majority', of: 'seats' }, count);
    expect(majority * 2 > seats && (majority - 1) * 2 <= seats).toBe(true);
    const twoThirds = needed({ yes: 'two-thirds', of: 'seats' }, count);
    expect(twoThirds * 3 >= seats * 2 && (twoThirds - 1) * 3 < seats * 2).toBe(true);
  }
});

const DECISIONS: Readonly<Record<string, Ballot['decision']>> = { y: 'approve', n: 'refuse', a: 'abstain' };

const askingBallots = (yes: Threshold['yes'], of: Threshold['of'] = 'seats', quorum?: number): Requirement => ({
  id: 'board',
  body: 'board',
  instrument: 'ballots',
  threshold: { yes, of },
  ...(quorum !== undefined && { quorum }),
});

/** Judges the ballots of the first seats, given as letters: y, n, a. The first `filled` seats have holders. */
const judged = (requirement: Requirement, letters: string, seats = 13, filled = seats) => {
  const all = Array.from({ length: seats }, (_, index) => `seat-${index + 1}`);
  const ballots = letters
    .split('')
    .map((letter, index) => ({ seat: all[index] ?? '', decision: DECISIONS[letter] ?? 'abstain' }));
  return judgeBallots(requirement, { seats: all, filled: all.slice(0, filled), ballots });
};

test.each([
  ['', 'open', 0, 0, 0],
  ['yyyyyy', 'open', 6, 0, 0],
  ['yyyyyyy', 'met', 7, 0, 0],
  ['yyyyyynnnnnn', 'open', 6, 6, 0],
  ['yyyyyynnnnnnn', 'refused', 6, 7, 0],
  ['nnnaaaa', 'refused', 0, 3, 4],
])('majority of 13 seats: "%s" is %s', (letters, outcome, yes, no, abstain) => {
  const counted = { outcome, yes, no, abstain, denominator: 13, needed: 7 };
  expect(judged(askingBallots('majority'), letters)).toStrictEqual(counted);
});

const ofFilled = askingBallots('majority', 'filled');
const excluded: Requirement = {
  ...askingBallots('unanimous'),
  threshold: { yes: 'unanimous', of: 'seats', recused: 'excluded' },
};
type Judged = Partial<ReturnType<typeof judged>>;
// What follows is rare; that judge and gate count alike in every small case, test/domain/judge/statedTwice shows.
test.each<[string, Judged, Judged]>([
  ['too few seats are filled', judged(askingBallots('majority'), 'nnnnn', 13, 5), { outcome: 'open', needed: 7 }],
  ['three of five in office said yes', judged(ofFilled, 'yyy', 13, 5), { outcome: 'met', denominator: 5, needed: 3 }],
  ['a number waits for vacancies', judged(askingBallots(7, 'filled'), 'nnnn', 13, 5), { outcome: 'open', needed: 7 }],
  ['until even those cannot help', judged(askingBallots(7, 'filled'), 'nnnnnnn', 13, 7), { outcome: 'refused', needed: 7 }],
  ['unanimous, and one abstains', judged(askingBallots('unanimous'), 'yya', 3), { outcome: 'refused', abstain: 1 }],
  ['no ballot is recused', judged(excluded, 'yy', 2), { outcome: 'met', needed: 2 }],
  ['a quorum waits for answers', judged(askingBallots(2, 'seats', 3), 'yy', 3), { outcome: 'open' }],
  ['and is reached by a no', judged(askingBallots(2, 'seats', 3), 'yyn', 3), { outcome: 'met' }],
])('%s', (_, found, expected) => expect(found).toMatchObject(expected));

test.each<[string, string[], Ballot[], Judged]>([
  [
    'the first ballot of a seat counts, and one only',
    ['a', 'b'],
    [
      { seat: 'a', decision: 'refuse' },
      { seat: 'a', decision: 'approve' },
    ],
    { yes: 0, no: 1 },
  ],
  ['a ballot survives its seat, which stays counted', ['a'], [{ seat: 'gone', decision: 'approve' }], { yes: 1, denominator: 2 }],
  ['who holds a seat that the body does not have is no member', ['a', 'gone'], [], { denominator: 1 }],
])('%s', (_, filled, ballots, expected) =>
  expect(judgeBallots(ofFilled, { seats: ['a', 'b'], filled, ballots })).toMatchObject(expected),
);

test('no order of ballots takes a certain outcome back', () => {
  const arbitrary = fc.record({
    wanted: fc.oneof(fc.constantFrom<Threshold['yes']>('majority', 'two-thirds', 'unanimous'), fc.integer({ min: 1, max: 9 })),
    of: fc.constantFrom<Threshold['of']>('seats', 'filled'),
    filled: fc.integer({ min: 0, max: 7 }),
    letters: fc.array(fc.constantFrom('y', 'n', 'a'), { maxLength: 7 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ wanted, of, filled, letters }) => {
      let settled: string | undefined;
      const voters = Math.min(filled, letters.length);
      for (let count = 0; count <= voters; count += 1) {
        const found = judged(askingBallots(wanted, of), letters.slice(0, count).join(''), 7, filled);
        if (settled !== undefined) expect(found.outcome).toBe(settled);
        if (found.outcome !== 'open') settled = found.outcome;
        if (found.outcome === 'met') expect(found.yes).toBeGreaterThanOrEqual(found.needed);
        if (count === 0) expect(found.outcome).toBe('open');
        if (count === 7 && found.needed <= 7) expect(found.outcome).not.toBe('open');
      }
    }),
  );
});
