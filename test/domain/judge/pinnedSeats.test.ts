import { expect, test } from 'vitest';
import type { EventOf } from '../../../domain/feature/events.ts';
import { mustCount } from '../../../domain/judge/certify.ts';
import { ballotsOutcome } from '../../../domain/judge/rules.ts';
import { Objection } from '../../../domain/judge/verdict.ts';
import { BOARD, council } from '../../support/fixtures/city.ts';

// A body of five seats now, of nine when the rule was pinned: five of nine must say yes, not three of five.
const pinned = { ...council({ quorum: 1 }), seats: 9 };

const counted = (requirement: typeof pinned, yes: number, tally: { readonly of: number; readonly needed: number }) => {
  const roll = ['a', 'b', 'c', 'd', 'e'].map((seat, index) => ({ seat, holder: seat, vote: index < yes ? 'yes' : 'no' }));
  const certificate = { roll, tally: { yes, no: 5 - yes, present: 5, ...tally } };
  return mustCount(requirement, certificate as EventOf<'VoteCertified'>, undefined);
};

test('seats that a policy took away since count in a vote, and all of a body that has grown', () => {
  expect(counted(pinned, 5, { of: 9, needed: 5 })).toBe(true);
  expect(counted(pinned, 4, { of: 9, needed: 5 })).toBe(false);
  expect(() => counted(pinned, 3, { of: 5, needed: 3 })).toThrow(Objection);
  expect(counted({ ...pinned, seats: 3 }, 3, { of: 5, needed: 3 })).toBe(true);
});

test('seats that a policy took away since count in ballots', () => {
  const now = council({ instrument: 'ballots', quorum: 1 });
  const cast = new Map(BOARD.map((seat) => [seat, 'approve'] as const));
  expect(ballotsOutcome({ ...now, seats: 9 }, BOARD, BOARD, cast)).toBe('open');
  expect(ballotsOutcome(now, BOARD, BOARD, cast)).toBe('met');
});
