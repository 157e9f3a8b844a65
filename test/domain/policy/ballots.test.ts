import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Ballot, judgeBallots } from '../../../domain/policy/rollCall.ts';
import type { Requirement, Threshold } from '../../../domain/policy/schema.ts';

const DECISIONS: Readonly<Record<string, Ballot['decision']>> = { y: 'approve', n: 'refuse', a: 'abstain' };

const asking = (yes: Threshold['yes'], of: Threshold['of'] = 'seats', quorum?: number): Requirement => ({
  id: 'board',
  body: 'board',
  instrument: 'ballots',
  threshold: { yes, of },
  ...(quorum !== undefined && { quorum }),
});

/** Judges the ballots of the first seats, given as letters: y, n, a. The first `filled` seats have holders. */
const judge = (requirement: Requirement, letters: string, seats = 13, filled = seats) => {
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
  expect(judge(asking('majority'), letters)).toStrictEqual(counted);
});

const ofFilled = asking('majority', 'filled');
const excluded: Requirement = { ...asking('unanimous'), threshold: { yes: 'unanimous', of: 'seats', recused: 'excluded' } };
type Judged = Partial<ReturnType<typeof judge>>;
// What follows is rare; that judge and gate count alike in every small case, test/domain/judge/statedTwice shows.
test.each<[string, Judged, Judged]>([
  ['too few seats are filled', judge(asking('majority'), 'nnnnn', 13, 5), { outcome: 'open', needed: 7 }],
  ['no one is in office', judge(ofFilled, '', 13, 0), { outcome: 'open', denominator: 0, needed: 1 }],
  ['three of five in office said yes', judge(ofFilled, 'yyy', 13, 5), { outcome: 'met', denominator: 5, needed: 3 }],
  ['three of five in office said no', judge(ofFilled, 'nnn', 13, 5), { outcome: 'refused', denominator: 5, needed: 3 }],
  ['a number waits for vacancies', judge(asking(7, 'filled'), 'nnnn', 13, 5), { outcome: 'open', needed: 7 }],
  ['until even those cannot help', judge(asking(7, 'filled'), 'nnnnnnn', 13, 7), { outcome: 'refused', needed: 7 }],
  ['a number above the body', judge(asking(14), 'n'.repeat(13)), { outcome: 'open', needed: 14 }],
  ['unanimous, and one abstains', judge(asking('unanimous'), 'yya', 3), { outcome: 'refused', abstain: 1 }],
  ['no ballot is recused', judge(excluded, 'yy', 2), { outcome: 'met', needed: 2 }],
  ['a quorum waits for answers', judge(asking(2, 'seats', 3), 'yy', 3), { outcome: 'open' }],
  ['and is reached by a no', judge(asking(2, 'seats', 3), 'yyn', 3), { outcome: 'met' }],
  ['a quorum above those in office', judge(asking(2, 'seats', 3), 'yy', 3, 2), { outcome: 'open' }],
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
        const judged = judge(asking(wanted, of), letters.slice(0, count).join(''), 7, filled);
        if (settled !== undefined) expect(judged.outcome).toBe(settled);
        if (judged.outcome !== 'open') settled = judged.outcome;
        if (judged.outcome === 'met') expect(judged.yes).toBeGreaterThanOrEqual(judged.needed);
        if (count === 0) expect(judged.outcome).toBe('open');
        if (count === 7 && judged.needed <= 7) expect(judged.outcome).not.toBe('open');
      }
    }),
  );
});
