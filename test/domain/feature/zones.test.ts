import { expect, test } from 'vitest';
import type { DecisionContext } from '../../../domain/feature/commands.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { council, mayor, policy, roster, rule } from '../../support/fixtures/city.ts';
import { type Story, tell } from './story.ts';
import { certify, confirm, date, inForce, notify, override, refuse, sign } from './support.ts';

// Days are those of the city. Denver is seven hours behind UTC until 8 March, then six.

const within = { notBefore: 'P2D', notAfter: 'P21D' };
const toOverride = (timed: boolean) => ({
  requirement: 'council',
  yes: 9,
  within: timed ? within : 'P30D',
  confirmedBy: 'council/at-large-a',
});

const denver = (
  seats: Readonly<Record<string, Partial<Roster['holders'][number]>>> = {},
  timed = false,
): Partial<DecisionContext> => ({
  zone: 'America/Denver',
  roster: { number: 1, roster: roster(seats) },
  policy: inForce(policy(rule([council(), mayor({ override: toOverride(timed) })], { window: 'P90D' }))),
});

const march = (n: number, time: string): string => `${date(n - 1)}T${time}:00.000Z`;
const on = (n: number): string => date(n - 1);

/** Passed by the council at a meeting in March, certified at an instant of its evening. */
const passed = (city: Partial<DecisionContext>, meeting: number, at: string): Story =>
  tell(notify(march(1, '12:00'), 1, city), certify(at, 1, { ...city, meetingDate: on(meeting) }));

test('a meeting of the evening is of that day, and none of the day after in UTC', () => {
  const city = denver();
  const story = tell(notify(march(1, '12:00'), 1, city));
  const evening = march(11, '03:00');
  story
    .yields(certify(evening, 1, { ...city, meetingDate: on(10) }), 'VoteCertified', 'RequirementMet')
    .refuses(certify(evening, 1, { ...city, meetingDate: on(11) }), 'meeting-in-future', '/meetingDate');
});

test('a change that arrives in the evening can be decided that evening', () => {
  const city = denver();
  const story = tell(notify(march(11, '03:00'), 1, city));
  story
    .yields(certify(march(11, '04:00'), 1, { ...city, meetingDate: on(10) }), 'VoteCertified', 'RequirementMet')
    .refuses(certify(march(11, '04:00'), 1, { ...city, meetingDate: on(9) }), 'meeting-before-revision', '/meetingDate');
});

test('a second vote can be held on the evening of the veto', () => {
  const city = denver();
  const vetoed = passed(city, 10, march(10, '20:00')).then(refuse(march(12, '03:00'), 1, city));
  vetoed
    .yields(override(march(12, '05:00'), 1, { ...city, meetingDate: on(11) }), 'VoteCertified')
    .refuses(override(march(12, '05:00'), 1, { ...city, meetingDate: on(10) }), 'meeting-out-of-time', '/meetingDate');
});

test('two days after a veto are two days of the calendar, also when the clock is put forward between them', () => {
  const city = denver({}, true);
  // 23:30 on 7 March; two days of 24 hours would end at 00:30 on 10 March.
  const vetoed = passed(city, 6, march(6, '20:00')).then(refuse(march(8, '06:30'), 1, city));
  vetoed
    .yields(override(march(10, '04:00'), 1, { ...city, meetingDate: on(9) }), 'VoteCertified')
    .refuses(override(march(10, '04:00'), 1, { ...city, meetingDate: on(8) }), 'meeting-out-of-time', '/meetingDate');
  const veto = vetoed.state.changes[0]?.veto;
  // 21 days later at 23:30.
  expect(veto?.until).toBe(march(29, '05:30'));
});

test('a certificate waits for fourteen days of the calendar', () => {
  const city = denver();
  const waits = passed(city, 1, march(1, '22:00')).then(
    refuse(march(2, '20:00'), 1, city),
    override(march(3, '19:30'), 1, { ...city, meetingDate: on(3) }),
  );
  const { act = '', until } = waits.state.changes[0]?.confirmation ?? {};
  expect(until).toBe(march(17, '18:30'));
  waits.refuses(confirm(march(17, '18:30'), 1, act, city), 'closed');
});

test('who holds a seat until a day holds it to the end of that day', () => {
  const city = denver({ mayor: { to: on(10) } });
  const story = passed(city, 9, march(10, '20:00'));
  story
    .yields(sign(march(11, '05:59'), 1, city), 'SignatureGiven', 'RequirementMet', 'ChangeApproved')
    .refuses(sign(march(11, '06:00'), 1, city), 'not-in-office');
});

test('the roll of a meeting is of those who held the seats at the end of its day', () => {
  const city = denver({ 'district-1': { from: march(11, '02:00') }, 'district-2': { from: march(11, '06:00') } });
  const story = tell(notify(march(1, '12:00'), 1, city));
  const roll = { ...city, meetingDate: on(10) };
  const votes = certify(march(12, '20:00'), 1, roll).votes;
  story
    .refuses(
      certify(march(12, '20:00'), 1, { ...roll, votes: { ...votes, 'district-2': 'yes' } }),
      'roll-call',
      '/vote.district-2',
    )
    .refuses(
      certify(march(12, '20:00'), 1, { ...roll, votes: { ...votes, 'district-1': 'vacant', 'district-2': 'vacant' } }),
      'roll-call',
      '/vote.district-1',
    )
    .yields(
      certify(march(12, '20:00'), 1, { ...roll, votes: { ...votes, 'district-2': 'vacant', 'district-8': 'yes' } }),
      'VoteCertified',
      'RequirementMet',
    );
});
