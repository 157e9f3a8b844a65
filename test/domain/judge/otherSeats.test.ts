import { expect, test } from 'vitest';
import type { Roster } from '../../../domain/roster/schema.ts';
import { COUNCIL, council, policy, roster, rule, signature, term } from '../../support/fixtures/city.ts';
import { codeOfLast } from '../../support/judged.ts';
import { certify, date, day, notify, rollOf } from '../feature/support.ts';
import { approvedPolicy } from './cityStories.ts';
import { graft } from './forgeries/base.ts';
import { city } from './log.ts';

const rules = policy(rule([council({ threshold: { yes: 'majority', of: 'present' }, quorum: 3 }), signature('mayor')]));
const FEW = COUNCIL.slice(0, 9);
const { bodies, holders } = roster();
const few: Roster = {
  bodies: { ...bodies, council: { name: 'City Council', seats: [...FEW], attestedBy: 'clerk' } },
  holders: holders.filter(({ body, seat }) => body !== 'council' || FEW.some((each) => each === seat)),
};
const open = (base = roster()) => city(rules, base).feat(notify(day(0), 1));
/** A policy of day 13 takes four seats away. */
const shrunk = () => approvedPolicy(open().proposePolicy({ ...rules, version: 'few' }, day(1), few)).adoptProposed(day(13));
/** Of a meeting at which those four had said no. */
const heldOn = (n: number) => certify(day(14), 1, { meetingDate: date(n), votes: rollOf(6, 3, {}, FEW) });

const NOON = day(10, '12:00:00.000');

test('a vote that was lost by seats that a policy took away since is not recorded as carried', () => {
  expect(() => shrunk().feat(heldOn(12))).toThrow('refused: roll-call');
  const forged = graft(shrunk, () => open(few).feat(heldOn(12)));
  expect(codeOfLast(forged().bytes)).toBe('roll-call');
  expect(codeOfLast(shrunk().feat(heldOn(13)).bytes)).toBe('stands');
});

test('a vote is not recorded of a day on which a seat of the body was left by the hour, nor is its record corrected then', () => {
  const until = (...to: string[]) => {
    const after = to.map((from) => term('council', 'district-1', { id: 'newcomer', from }));
    return () => open(roster(Object.fromEntries(to.map((each) => ['district-1', { to: each }])), ...after));
  };
  const voted = (vote: string, n = 10) =>
    certify(day(11), 1, { meetingDate: date(n), votes: rollOf(7, 2, { 'district-1': vote }) });
  const [noon, midnight] = [until(NOON), until(day(10, '00:00:00.000'))];
  for (const vote of ['yes', 'absent']) {
    expect(() => noon().feat(voted(vote))).toThrow('refused: roll-call');
    expect(codeOfLast(graft(noon, () => midnight().feat(voted(vote)))().bytes)).toBe('roll-call');
  }
  expect(codeOfLast(midnight().feat(voted('yes')).bytes)).toBe('stands');
  const again = roster({ 'district-1': { to: NOON } }, term('council', 'district-1', { id: 'district-1', from: NOON }));
  expect(codeOfLast(open(again).feat(voted('yes')).bytes)).toBe('stands');
  for (const n of [9, 11]) expect(codeOfLast(noon().feat(voted('yes', n)).bytes)).toBe('stands');
  const morning = noon().feat({ ...voted('yes'), at: day(10, '11:00:00.000') });
  expect(codeOfLast(morning.bytes)).toBe('stands');
  expect(() => morning.feat({ ...voted('no'), purpose: 'correct' })).toThrow('refused: roll-call');
});
