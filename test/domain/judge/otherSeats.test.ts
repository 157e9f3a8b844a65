import { expect, test } from 'vitest';
import type { EventOf } from '../../../domain/feature/events.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { COUNCIL, council, policy, roster, rule, signature, term } from '../../support/fixtures/city.ts';
import { codeOfLast } from '../../support/judged.ts';
import { certify, date, day, notify, rollOf, sign } from '../feature/support.ts';
import { approvedPolicy } from './cityStories.ts';
import { edit, graft } from './forgeries/base.ts';
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

test('who gave up a seat on the day of the meeting can have voted there, as the clerk says; who had left the day before cannot', () => {
  const until = (to: string) => () => open(roster({ 'district-1': { to } }));
  const [thatDay, before] = [until(day(10, '15:00:00.000')), until(day(10, '00:00:00.000'))];
  const voted = (vote: string) => certify(day(11), 1, { meetingDate: date(10), votes: rollOf(7, 2, { 'district-1': vote }) });
  for (const vote of ['no', 'vacant']) expect(codeOfLast(thatDay().feat(voted(vote)).bytes)).toBe('stands');
  expect(() => before().feat(voted('no'))).toThrow('refused: roll-call');
  expect(codeOfLast(graft(before, () => thatDay().feat(voted('no')))().bytes)).toBe('roll-call');
});

test('who moved to another seat of the body on the day of the meeting voted in one of them', () => {
  const moved = () =>
    open(
      roster(
        { 'district-1': { to: NOON }, 'district-2': { to: NOON } },
        term('council', 'district-2', { id: 'district-1', from: NOON }),
      ),
    );
  const voted = (vote: string) => certify(day(11), 1, { meetingDate: date(10), votes: rollOf(7, 2, { 'district-1': vote }) });
  expect(codeOfLast(moved().feat(voted('vacant')).bytes)).toBe('stands');
  expect(() => moved().feat(voted('yes'))).toThrow('refused: roll-call');
  const [{ roll }] = open().feat(voted('yes')).last.events as unknown as [EventOf<'VoteCertified'>];
  const twice = roll.map((each) =>
    each.seat === 'district-2' ? { ...each, holder: 'district-1', earlier: ['district-2'] } : each,
  );
  const forged = graft(
    moved,
    edit(() => open().feat(voted('yes')), 'VoteCertified', { roll: twice }),
  );
  expect(codeOfLast(forged().bytes)).toBe('same-person');
});

test('who left a seat on the day of the meeting counts in its vote beside the successor who is named', () => {
  const mayor = term('mayor', 'mayor', { id: 'district-1', from: NOON });
  const successor = term('council', 'district-1', { id: 'newcomer', from: NOON });
  const refilled = () => open(roster({ 'district-1': { to: NOON }, mayor: { to: NOON } }, successor, mayor));
  const voted = (vote: string) =>
    refilled().feat(certify(day(11), 1, { meetingDate: date(10), votes: rollOf(7, 2, { 'district-1': vote }) }));
  const signs = sign(day(12), 1, { holder: 'district-1' });
  expect(() => voted('yes').feat(signs)).toThrow('refused: same-person');
  expect(codeOfLast(voted('absent').feat(signs).bytes)).toBe('stands');
  const [{ roll }] = voted('yes').last.events as unknown as [EventOf<'VoteCertified'>];
  const alone = roll.map(({ earlier: _earlier, ...each }) => each);
  const forged = edit(() => voted('yes'), 'VoteCertified', { roll: alone });
  expect(codeOfLast(forged().bytes)).toBe('roll-call');
  expect(
    codeOfLast(
      graft(
        () => voted('yes'),
        () => voted('absent').feat(signs),
      )().bytes,
    ),
  ).toBe('same-person');
});

test('of a meeting on a day on which more than two seats changed hands the clerk records no vote that they took part in', () => {
  const seats = COUNCIL.slice(0, 3);
  const gone = Object.fromEntries(seats.map((seat) => [seat, { to: NOON }]));
  const came = seats.map((seat) => term('council', seat, { id: `new-${seat}`, from: NOON }));
  const voted = (vote: string) => certify(day(11), 1, { meetingDate: date(10), votes: rollOf(10, 2, { 'district-3': vote }) });
  expect(() => open(roster(gone, ...came)).feat(voted('yes'))).toThrow('refused: roll-call');
  const recorded = () => open(roster(gone, ...came)).feat(voted('excused'));
  expect(codeOfLast(recorded().bytes)).toBe('stands');
  expect(() => recorded().feat({ ...voted('yes'), at: day(12), purpose: 'correct' })).toThrow('refused: roll-call');
});

test('of a seat that was left several times on the day of the meeting the last to sit there is named, and every other person once', () => {
  const hours = ['00', '06', '07', '08', '09'].map((hour) => day(10, `${hour}:00:00.000`));
  const terms = ['one', 'two', 'one', 'two'].map((id, index) => {
    const [from = '', to = ''] = hours.slice(index);
    return term('council', 'district-1', { id, from, to });
  });
  const named = (...after: Roster['holders']) => {
    const log = open(roster({ 'district-1': { to: date(8) } }, ...terms, ...after)).feat(
      certify(day(11), 1, { meetingDate: date(10) }),
    );
    expect(codeOfLast(log.bytes)).toBe('stands');
    return (log.last.events[0] as unknown as EventOf<'VoteCertified'>).roll[0];
  };
  expect(named()).toMatchObject({ holder: 'two', earlier: ['one'] });
  const successor = term('council', 'district-1', { id: 'newcomer', from: NOON });
  expect(named(successor)).toMatchObject({ holder: 'newcomer', earlier: ['one', 'two'] });
});
