import { expect, test } from 'vitest';
import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import type { Requirement } from '../../../domain/policy/schema.ts';
import { ballots, boardVote, council, mayor, signature } from '../../support/fixtures/city.ts';
import { codeOfLast } from '../../support/judged.ts';
import { ballot, boardRoll, certify, correct, date, day, override, refuse } from '../feature/support.ts';
import { dropped } from './forger.ts';
import { graft, openUnder } from './forgeries/base.ts';

// A corrected record names another day of a vote than the one on which others acted.

const boardMet = (n: number) => certify(day(11), 1, { requirement: 'board', votes: boardRoll(3), meetingDate: date(n) });
const corrected = (n: number) => correct(day(20), 1, { meetingDate: date(n) });

test.each<[string, Requirement, ...FeatureCommand[]]>([
  [
    'a first ballot',
    ballots({ id: 'board', body: 'board', after: ['council'] }),
    ballot(day(11), 1, 'board-1', { requirement: 'board' }),
    ballot(day(13), 1, 'board-2', { requirement: 'board' }),
  ],
  ['a vote that waits', boardVote({ after: ['council'], confirmedBy: 'board' }), boardMet(11)],
])('%s that comes before the vote that it must follow ends the change', (_, second, ...acts) => {
  const told = () => openUnder([council(), second, signature('mayor')]).feat(certify(day(10), 1), ...acts);
  for (const n of [11, 12]) expect(codeOfLast(told().feat(corrected(n)).bytes)).toBe('stands');
  expect(codeOfLast(dropped(told().feat(corrected(12)), ({ type }) => type !== 'ChangeRefused').bytes)).toBe(
    'consequence-missing',
  );
});

test('a second vote comes after what the refusal that it overturns came after', () => {
  const told = () =>
    openUnder([council(), boardVote({ after: ['council'] }), mayor({ after: ['board'] })])
      .feat(certify(day(10), 1), boardMet(10))
      .feat(refuse(day(11, '13:00:00.000'), 1));
  const moved = (n: number) => told().feat({ ...boardMet(n), at: day(14), purpose: 'correct' });
  const second = (n: number) => override(day(20), 1, { meetingDate: date(n) });
  expect(() => moved(13).feat(second(12))).toThrow('refused: meeting-out-of-time');
  const again = (n: number) => correct(day(21), 1, { meetingDate: date(n), votes: second(n).votes });
  expect(
    codeOfLast(
      graft(
        () => moved(13),
        () => told().feat(second(12)),
      )().bytes,
    ),
  ).toBe('meeting');
  expect(
    codeOfLast(
      graft(
        () => moved(12).feat(second(13)),
        () => told().feat(second(13), again(11)),
      )().bytes,
    ),
  ).toBe('meeting');
});

const dispute = { decision: 'dispute' } as const;
test.each([
  [
    'a vote',
    openUnder([council(), boardVote({ after: ['council'], confirmedBy: 'board' }), signature('mayor')])
      .feat(certify(day(10), 1), boardMet(11))
      .confirmLast(day(12), 1, { ...dispute, requirement: 'board', holder: 'board-1' })
      .feat(corrected(12)),
    boardMet(11),
  ],
  [
    'a second vote',
    openUnder([council(), boardVote(), mayor({ after: ['council', 'board'] })])
      .feat(certify(day(10), 1), boardMet(10), refuse(day(11, '13:00:00.000'), 1), override(day(11, '14:00:00.000'), 1))
      .confirmLast(day(12), 1, dispute)
      .feat({ ...boardMet(12), at: day(20), purpose: 'correct' }),
    override(day(11), 1),
  ],
])('%s whose record is in dispute ends nothing, and is certified anew after what it comes after', (_, log, again) => {
  expect(log.last.events.map(({ type }) => type)).toEqual(['VoteCertified']);
  expect(codeOfLast(log.bytes)).toBe('stands');
  expect(() => log.feat({ ...again, at: day(21), fileNumber: '26-0303' })).toThrow('refused: meeting-out-of-time');
});
