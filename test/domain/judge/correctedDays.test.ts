import { expect, test } from 'vitest';
import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import type { Requirement } from '../../../domain/policy/schema.ts';
import { ballots, boardVote, council, mayor, policy, roster, rule, signature } from '../../support/fixtures/city.ts';
import { codeOfLast } from '../../support/judged.ts';
import {
  ballot,
  boardRoll,
  certify,
  correct,
  date,
  day,
  notify,
  override,
  refuse,
  rollOf,
  sign,
  tick,
} from '../feature/support.ts';
import { dropped } from './forger.ts';
import { graft, openUnder } from './forgeries/base.ts';
import { city } from './log.ts';

const boardMet = (n: number) => certify(day(11), 1, { requirement: 'board', votes: boardRoll(3), meetingDate: date(n) });
const corrected = (n: number) => correct(day(20), 1, { meetingDate: date(n) });
const dispute = { decision: 'dispute', requirement: 'board', holder: 'board-1' } as const;

test.each<[string, Requirement, ...FeatureCommand[]]>([
  ['a signature beside it', signature('auditor'), sign(day(11), 1, { requirement: 'auditor', holder: 'auditor' })],
  [
    'a first ballot',
    ballots({ id: 'board', body: 'board', after: ['council'] }),
    ballot(day(11), 1, 'board-1', { requirement: 'board' }),
  ],
  ['a vote that waits', boardVote({ after: ['council'], confirmedBy: 'board' }), boardMet(11)],
  ['a refusal', mayor({ id: 'auditor', body: 'auditor' }), refuse(day(11), 1, { requirement: 'auditor', holder: 'auditor' })],
  ['a deadline', mayor({ id: 'auditor', body: 'auditor', deadline: 'P1D' }), tick(day(12))],
])('after %s a vote is corrected on its own day, and on another one the change ends', (_, second, ...acts) => {
  const told = () => openUnder([council(), second, signature('mayor')]).feat(certify(day(10), 1), ...acts);
  expect(told().feat(corrected(10)).types).toEqual(['VoteCertified']);
  expect(codeOfLast(told().feat(corrected(10)))).toBe('stands');
  for (const n of [9, 11]) {
    const ended = told().feat(corrected(n));
    expect(codeOfLast(ended)).toBe('stands');
    expect(codeOfLast(dropped(ended, ({ type }) => type !== 'ChangeRefused'))).toBe('consequence-missing');
  }
});

test('a vote whose record is in dispute is an act of others, and a second vote is corrected on its own day alone', () => {
  const waits = openUnder([council(), boardVote({ after: ['council'], confirmedBy: 'board' }), signature('mayor')])
    .feat(certify(day(10), 1), boardMet(11))
    .confirmLast(day(12), 1, dispute)
    .feat(corrected(12));
  expect(waits.types).toEqual(['VoteCertified', 'ChangeRefused']);
  expect(codeOfLast(waits)).toBe('stands');
  const { votes } = override(day(12), 1);
  const second = (n: number) =>
    openUnder([council(), mayor()])
      .feat(certify(day(10), 1), refuse(day(11), 1), override(day(12), 1))
      .feat(correct(day(13), 1, { meetingDate: date(n), votes }));
  expect(second(12).types).toEqual(['VoteCertified']);
  expect(second(13).types).toEqual(['VoteCertified', 'ChangeRefused']);
  for (const n of [12, 13]) expect(codeOfLast(second(n))).toBe('stands');
});

test.each<[string, string, FeatureCommand[], string]>([
  ['a vote', date(10), [certify(day(10), 1, { votes: rollOf(9, 2) })], 'ChangeRefused'],
  ['a second vote', date(12), [certify(day(10), 1), refuse(day(11), 1), override(day(12), 1)], 'ApprovalEnded'],
])(
  'once a second person has confirmed who took part in %s, a record of others ends the change',
  (what, meetingDate, acts, end) => {
    const rules = what === 'a vote' ? [council({ confirmedBy: 'council' }), signature('mayor')] : [council(), mayor()];
    const told = () => openUnder(rules).feat(...acts);
    const record = (yes: number, no: number) => correct(day(14), 1, { meetingDate, votes: rollOf(yes, no) });
    for (const [yes, no] of [
      [10, 1],
      [9, 1],
      [9, 3],
    ] as const) {
      const isSame = yes + no === 11;
      const [waits, confirmed] = [told().feat(record(yes, no)), told().confirmLast(day(13), 1).feat(record(yes, no))];
      expect(waits.types).toEqual(['VoteCertified']);
      expect(confirmed.types).toEqual(isSame ? ['VoteCertified'] : ['VoteCertified', end]);
      for (const log of [waits, confirmed]) expect(codeOfLast(log)).toBe('stands');
      if (!isSame) expect(codeOfLast(dropped(confirmed, ({ type }) => type !== end))).toBe('consequence-missing');
    }
  },
);

test('who took part in a second vote that was certified again after a dispute is told by its newest record', () => {
  const rules = [council(), mayor({ override: { requirement: 'council', yes: 9, within: 'P30D', confirmedBy: 'council' } })];
  const again = (yes: number, n: number) => override(day(n), 1, { meetingDate: date(12), votes: rollOf(yes) });
  for (const yes of [9, 11]) {
    const told = openUnder(rules)
      .feat(certify(day(10), 1), refuse(day(11), 1), again(11, 12))
      .confirmLast(day(12), 1, { decision: 'dispute' })
      .feat(again(9, 13))
      .confirmLast(day(13), 1, { holder: 'at-large-b' })
      .feat(correct(day(14), 1, { meetingDate: date(12), votes: rollOf(yes) }));
    const ends = yes === 9 ? [] : ['ApprovalEnded'];
    expect(told.types).toEqual(['VoteCertified', ...ends]);
    expect(codeOfLast(told)).toBe('stands');
  }
});

test('who overturned one refusal, and had no part in the next, counts in no other requirement', () => {
  const over = { requirement: 'council', yes: 9, within: 'P30D', confirmedBy: 'council/at-large-a' };
  const auditor = signature('auditor', { after: ['council'], override: over });
  const rules = policy(rule([council(), mayor(), auditor, ballots({ id: 'board', body: 'board', after: ['auditor'] })]));
  const told = (no: number) =>
    city(rules, roster({ 'board-1': { id: 'at-large-b' } }))
      .feat(notify(day(0), 1), certify(day(10), 1), refuse(day(11), 1), override(day(12), 1, { votes: rollOf(9, no) }))
      .confirmLast(day(13), 1)
      .feat(refuse(day(14), 1, { requirement: 'auditor', holder: 'auditor' }), override(day(15), 1))
      .confirmLast(day(16), 1);
  const given = ballot(day(17), 1, 'at-large-b', { requirement: 'board' });
  const apart = told(3).feat(given);
  expect(codeOfLast(apart)).toBe('stands');
  expect(() => told(4).feat(given)).toThrow('same-person');
  const grafted = graft(
    () => told(4),
    () => apart,
  );
  expect(codeOfLast(grafted())).toBe('same-person');
});
