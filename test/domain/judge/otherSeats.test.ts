import { expect, test } from 'vitest';
import { roster, term } from '../../support/fixtures/city.ts';
import { codeOfLast } from '../../support/judged.ts';
import { certify, date, day, rollOf } from '../feature/support.ts';
import { graft } from './forgeries/base.ts';
import { openTo } from './forgeries/rules.ts';

const NOON = day(10, '12:00:00.000');

test('a vote is not recorded of a day on which a seat of the body was left by the hour, nor is its record corrected then', () => {
  const until = (...to: string[]) => {
    const after = to.map((from) => term('council', 'district-1', { id: 'newcomer', from }));
    return () => openTo(roster(Object.fromEntries(to.map((each) => ['district-1', { to: each }])), ...after));
  };
  const voted = (vote: string, n = 10) =>
    certify(day(11), 1, { meetingDate: date(n), votes: rollOf(7, 2, { 'district-1': vote }) });
  const [noon, midnight] = [until(NOON), until(day(10, '00:00:00.000'))];
  for (const vote of ['yes', 'absent']) {
    expect(() => noon().feat(voted(vote))).toThrow('refused: roll-call');
    expect(codeOfLast(graft(noon, () => midnight().feat(voted(vote)))())).toBe('roll-call');
  }
  expect(codeOfLast(midnight().feat(voted('yes')))).toBe('stands');
  const again = roster({ 'district-1': { to: NOON } }, term('council', 'district-1', { id: 'district-1', from: NOON }));
  expect(codeOfLast(openTo(again).feat(voted('yes')))).toBe('stands');
  for (const n of [9, 11]) expect(codeOfLast(noon().feat(voted('yes', n)))).toBe('stands');
  const morning = noon().feat({ ...voted('yes'), at: day(10, '11:00:00.000') });
  expect(codeOfLast(morning)).toBe('stands');
  expect(() => morning.feat({ ...voted('no'), purpose: 'correct' })).toThrow('refused: roll-call');
});
