import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Ballot, judgeBallots } from '../../../domain/policy/rollCall.ts';
import type { Requirement, Threshold } from '../../../domain/policy/schema.ts';

const DECISIONS: Readonly<Record<string, Ballot['decision']>> = { y: 'approve', n: 'refuse', a: 'abstain' };

const asking = (threshold: Threshold, quorum?: number): Requirement => ({
  id: 'board',
  body: 'board',
  instrument: 'ballots',
  threshold,
  ...(quorum !== undefined && { quorum }),
});

/**
 * Judges the ballots of the first seats, given as letters: y, n, a; a dot is a seat that has not answered. The first `filled` seats have
 * holders.
 */
const judge = (requirement: Requirement, letters: string, size: { seats?: number; filled?: number } = {}) => {
  const { seats = 13 } = size;
  const { filled = seats } = size;
  const all = Array.from({ length: seats }, (_, index) => `seat-${index + 1}`);
  const ballots = letters.split('').flatMap((letter, index): Ballot[] => {
    const decision = DECISIONS[letter];
    return decision === undefined ? [] : [{ seat: `seat-${index + 1}`, decision }];
  });
  return judgeBallots(requirement, { seats: all, filled: all.slice(0, filled), ballots });
};

const majority = asking({ yes: 'majority', of: 'seats' });
const ofFilled = asking({ yes: 'majority', of: 'filled' });

describe('ballots as they come in', () => {
  test.each([
    ['', 'open', 0, 0, 0],
    ['yyyyyy', 'open', 6, 0, 0],
    ['yyyyyyy', 'met', 7, 0, 0],
    ['yyyyyynnnnnn', 'open', 6, 6, 0],
    ['yyyyyynnnnnnn', 'refused', 6, 7, 0],
    ['nnnnnn', 'open', 0, 6, 0],
    ['nnnnnnn', 'refused', 0, 7, 0],
    ['nnnaaaa', 'refused', 0, 3, 4],
    ['yyyyyyynnnnnn', 'met', 7, 6, 0],
  ])('majority of 13 seats: "%s" is %s', (letters, outcome, yes, no, abstain) => {
    expect(judge(majority, letters)).toStrictEqual({
      outcome,
      yes,
      no,
      abstain,
      denominator: 13,
      needed: 7,
      reachable: outcome !== 'refused',
    });
  });

  test.each([
    ['', 'open'],
    ['nnnnn', 'open'],
  ])('of 13 seats with 5 filled nobody can reach seven: "%s" stays open and is not reachable', (letters, outcome) => {
    expect(judge(majority, letters, { filled: 5 })).toMatchObject({ outcome, denominator: 13, needed: 7, reachable: false });
  });

  test('no one in office: open, not reachable, never met', () => {
    expect(judge(majority, '', { filled: 0 })).toMatchObject({ outcome: 'open', reachable: false, needed: 7 });
    expect(judge(ofFilled, '', { filled: 0 })).toMatchObject({ outcome: 'open', reachable: false, denominator: 0, needed: 1 });
    expect(judge(asking({ yes: 'unanimous', of: 'filled' }), '', { filled: 0 })).toMatchObject({ outcome: 'open', needed: 1 });
  });

  test.each([
    ['yy', 'open'],
    ['yyy', 'met'],
    ['nn', 'open'],
    ['nnn', 'refused'],
    ['yynnn', 'refused'],
  ])('majority of 5 filled seats of 13: "%s" is %s', (letters, outcome) => {
    expect(judge(ofFilled, letters, { filled: 5 })).toMatchObject({ outcome, denominator: 5, needed: 3 });
  });

  test('a number above those in office waits for vacancies to be filled, until so many refuse that even that cannot help', () => {
    const seven = asking({ yes: 7, of: 'filled' });
    expect(judge(seven, 'nnnn', { filled: 5 })).toMatchObject({ outcome: 'open', needed: 7, reachable: false });
    expect(judge(seven, 'nnnnnnn', { filled: 7 })).toMatchObject({ outcome: 'refused', needed: 7 });
  });

  test('a number above the whole body stays open for ever, also after a refusal', () => {
    expect(judge(asking({ yes: 14, of: 'seats' }), 'nnnnnnnnnnnnn')).toMatchObject({
      outcome: 'open',
      needed: 14,
      reachable: false,
    });
  });

  test('unanimous: one abstention refuses', () => {
    const all = asking({ yes: 'unanimous', of: 'seats' });
    expect(judge(all, 'yya', { seats: 3 })).toMatchObject({ outcome: 'refused', abstain: 1 });
    expect(judge(all, 'yyy', { seats: 3 })).toMatchObject({ outcome: 'met' });
  });

  test('a quorum asks for so many ballots before yes is enough', () => {
    const two = asking({ yes: 2, of: 'seats' }, 3);
    expect(judge(two, 'yy', { seats: 3 })).toMatchObject({ outcome: 'open', reachable: true });
    expect(judge(two, 'yyn', { seats: 3 })).toMatchObject({ outcome: 'met' });
    expect(judge(two, 'yy', { seats: 3, filled: 2 })).toMatchObject({ outcome: 'open', reachable: false });
  });

  test('the first ballot of a seat counts, and one only', () => {
    const ballots: Ballot[] = [
      { seat: 'a', decision: 'refuse' },
      { seat: 'a', decision: 'approve' },
    ];
    expect(judgeBallots(majority, { seats: ['a', 'b', 'c'], filled: ['a', 'b', 'c'], ballots })).toMatchObject({ yes: 0, no: 1 });
  });

  test('a ballot survives its holder and even its seat, and its seat stays in the denominator', () => {
    const ballots: Ballot[] = [{ seat: 'gone', decision: 'approve' }];
    expect(judgeBallots(ofFilled, { seats: ['a', 'b'], filled: ['a'], ballots })).toMatchObject({
      yes: 1,
      denominator: 2,
      needed: 2,
    });
  });

  test('who holds a seat that the body does not have is not one of its members', () =>
    expect(judgeBallots(ofFilled, { seats: ['a', 'b'], filled: ['a', 'gone'], ballots: [] })).toMatchObject({ denominator: 1 }));

  test('no ballot is recused', () =>
    expect(judge(asking({ yes: 'unanimous', of: 'seats', recused: 'excluded' }), 'yy', { seats: 2 })).toMatchObject({
      needed: 2,
    }));

  test('no order of ballots takes a certain outcome back', () => {
    const yes = fc.oneof(
      fc.constantFrom<Threshold['yes']>('majority', 'two-thirds', 'unanimous'),
      fc.integer({ min: 1, max: 9 }),
    );
    const arbitrary = fc.record({
      yes,
      of: fc.constantFrom<Threshold['of']>('seats', 'filled'),
      filled: fc.integer({ min: 0, max: 7 }),
      letters: fc.array(fc.constantFrom('y', 'n', 'a'), { maxLength: 7 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ yes: wanted, of, filled, letters }) => {
        let settled: string | undefined;
        const voters = Math.min(filled, letters.length);
        for (let count = 0; count <= voters; count += 1) {
          const judged = judge(asking({ yes: wanted, of }), letters.slice(0, count).join(''), { seats: 7, filled });
          if (settled !== undefined) expect(judged.outcome).toBe(settled);
          if (judged.outcome !== 'open') settled = judged.outcome;
          if (judged.outcome === 'met') expect(judged.yes).toBeGreaterThanOrEqual(judged.needed);
          if (count === 0) expect(judged.outcome).toBe('open');
          if (count === 7 && judged.needed <= 7) expect(judged.outcome).not.toBe('open');
        }
      }),
    );
  });
});
