import { expect, test } from 'vitest';
import type { EventOf } from '../../../domain/feature/events.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { ballotsOutcome } from '../../../domain/judge/arithmetic.ts';
import { mustCount } from '../../../domain/judge/certify.ts';
import { Objection } from '../../../domain/judge/verdict.ts';
import { BOARD, council } from '../../support/fixtures/city.ts';
import { day } from '../feature/support.ts';

// A body of five seats now, of nine when the rule was pinned: five of nine must say yes, not three of five.
const SEATS = ['a', 'b', 'c', 'd', 'e'];
const pinned = { ...council({ quorum: 1 }), seats: 9 };

const certificate = (yes: number, tally: { readonly of: number; readonly needed: number }): EventOf<'VoteCertified'> => ({
  type: 'VoteCertified',
  v: 1,
  at: day(10),
  change: 1,
  revision: 1,
  digest: `sha256:${'a'.repeat(64)}`,
  requirement: 'council',
  act: 'a'.repeat(16),
  comment: null,
  purpose: 'adopt',
  holder: 'clerk',
  seat: 'clerk',
  roster: 2,
  fileNumber: '1',
  meetingDate: day(10).slice(0, 10),
  mover: null,
  seconder: null,
  roll: SEATS.map((seat, index) => ({ seat, holder: seat, vote: index < yes ? 'yes' : 'no' })),
  tally: { yes, no: SEATS.length - yes, present: SEATS.length, ...tally },
  minutesUrl: null,
  minutesSha256: null,
  terms: NO_TERMS,
});

test('seats that a policy took away since count in a vote', () => {
  expect(mustCount(pinned, certificate(5, { of: 9, needed: 5 }), undefined)).toBe(true);
  expect(mustCount(pinned, certificate(4, { of: 9, needed: 5 }), undefined)).toBe(false);
  expect(() => mustCount(pinned, certificate(3, { of: 5, needed: 3 }), undefined)).toThrow(Objection);
});

test('a body that has grown counts all its seats', () => {
  expect(mustCount({ ...pinned, seats: 3 }, certificate(3, { of: 5, needed: 3 }), undefined)).toBe(true);
});

test('seats that a policy took away since count in ballots', () => {
  const ballots = { ...council({ instrument: 'ballots', quorum: 1 }), seats: 9 };
  const cast = (yes: number) => new Map(BOARD.map((seat, index) => [seat, index < yes ? 'approve' : 'refuse'] as const));
  expect(ballotsOutcome(ballots, BOARD, BOARD, cast(3))).toBe('open');
  expect(ballotsOutcome(council({ instrument: 'ballots', quorum: 1 }), BOARD, BOARD, cast(3))).toBe('met');
});
