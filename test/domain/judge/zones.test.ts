import { expect, test } from 'vitest';
import { council, mayor, policy, roster, rule } from '../../support/fixtures/city.ts';
import { objections } from '../../support/judged.ts';
import { certify, date, notify, override, refuse, rollOf, sign } from '../feature/support.ts';
import { Log } from './log.ts';

// The judge reads the days of the city, too: what the gate takes on an evening in Denver is right. Seven hours behind UTC until 8
// March, then six.

const march = (n: number, time: string): string => `${date(n - 1)}T${time}:00.000Z`;
const on = (n: number): string => date(n - 1);

const within = { notBefore: 'P2D', notAfter: 'P21D' };
const toOverride = { requirement: 'council', yes: 9, within, confirmedBy: 'council/at-large-a' };
const atOnce = policy(rule([council(), mayor()], { window: 'P90D' }));
const timed = policy(rule([council(), mayor({ override: toOverride })], { window: 'P90D' }));

const denver = (rules = atOnce, seats: Parameters<typeof roster>[0] = {}): Log =>
  new Log()
    .zone('America/Denver')
    .setRoster(roster(seats))
    .adopt(rules)
    .vendor()
    .feat(notify(march(1, '12:00'), 1));

test.each<[string, () => Log]>([
  [
    'a second vote on the evening of the veto',
    () =>
      denver().feat(
        certify(march(10, '20:00'), 1),
        refuse(march(12, '03:00'), 1),
        override(march(12, '05:00'), 1, { meetingDate: on(11) }),
      ),
  ],
  [
    'a second vote two days of the calendar after the veto, between which clocks are put forward',
    () =>
      denver(timed).feat(
        certify(march(6, '20:00'), 1),
        refuse(march(8, '06:30'), 1),
        override(march(10, '04:00'), 1, { meetingDate: on(9) }),
      ),
  ],
  [
    'a signature on the evening of the last day in office',
    () => denver(atOnce, { mayor: { to: on(10) } }).feat(certify(march(9, '20:00'), 1), sign(march(11, '05:59'), 1)),
  ],
  [
    'a roll of those who held the seats at the end of the day of the meeting',
    () => {
      const votes = { ...rollOf(8), 'district-2': 'vacant', 'district-9': 'yes' };
      const seats = { 'district-1': { from: march(11, '02:00') }, 'district-2': { from: march(11, '06:00') } };
      return denver(atOnce, seats).feat(certify(march(12, '20:00'), 1, { meetingDate: on(10), votes }));
    },
  ],
  [
    'the end of a proposal after fourteen days of the calendar',
    () =>
      denver()
        .proposeRoster(roster({ mayor: { id: 'next-mayor' } }), march(7, '20:00'))
        .endProposal(march(21, '19:00')),
  ],
])('%s is right', (_, log) => {
  expect(objections(log().bytes)).toEqual([]);
});
