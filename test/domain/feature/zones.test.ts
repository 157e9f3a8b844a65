import { expect, test } from 'vitest';
import { effectOf } from '../../../domain/feature/effect.ts';
import { headWith } from '../../../domain/feature/evaluate.ts';
import { factsOf, Notice } from '../../../domain/feature/notice.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { ballots, council, mayor, roster } from '../../support/fixtures/city.ts';
import { APPROVES, bound, PASSES, under, viewOf } from './story.ts';
import {
  ballot,
  certify,
  confirm,
  confirmRollback,
  date,
  facts,
  notify,
  override,
  refuse,
  rollOf,
  sign,
  withdraw,
} from './support.ts';

// Days are those of the city. Denver is seven hours behind UTC until 8 March, then six.

const within = { notBefore: 'P2D', notAfter: 'P21D' };
const toOverride = (timed: boolean) => ({
  requirement: 'council',
  yes: 9,
  within: timed ? within : 'P30D',
  confirmedBy: 'council/at-large-a',
});

type Seats = Readonly<Record<string, Partial<Roster['holders'][number]>>>;
type Rules = Pick<ReturnType<typeof bound>, 'policy'>;
const usual = (timed = false): Rules => bound([council(), mayor({ override: toOverride(timed) })], { window: 'P90D' });
const denver = (seats: Seats = {}, rules = usual()) =>
  under({ zone: 'America/Denver', roster: { number: 1, roster: roster(seats) }, ...rules });

const march = (n: number, time: string) => `${date(n - 1)}T${time}:00.000Z`;
const on = (n: number) => date(n - 1);

type City = ReturnType<typeof denver>;
const arrived = ({ tell }: City = denver(), at = march(1, '12:00')) => tell(notify(at, 1));
const certified = (at: string, meeting: number, over = {}) => certify(at, 1, { meetingDate: on(meeting), ...over });
/** Passed by the council at a meeting in March, certified at an instant of its evening. */
const passed = (city: City, meeting: number, at: string) => arrived(city).then(certified(at, meeting));
const second = (at: string, meeting: number) => override(at, 1, { meetingDate: on(meeting) });

test('a meeting of the evening is of that day, and none of the day after in UTC', () => {
  arrived()
    .yields(certified(march(11, '03:00'), 10), ...PASSES)
    .refuses(certified(march(11, '03:00'), 11), 'meeting-in-future', '/meetingDate');
});

test('a change that arrives in the evening can be decided that evening', () => {
  arrived(denver(), march(11, '03:00'))
    .yields(certified(march(11, '04:00'), 10), ...PASSES)
    .refuses(certified(march(11, '04:00'), 9), 'meeting-before-revision', '/meetingDate');
});

test('a second vote can be held on the evening of the veto', () => {
  passed(denver(), 10, march(10, '20:00'))
    .then(refuse(march(12, '03:00'), 1))
    .yields(second(march(12, '05:00'), 11), 'VoteCertified')
    .refuses(second(march(12, '05:00'), 10), 'meeting-out-of-time', '/meetingDate');
});

test('two days after a veto are two days of the calendar, also when the clock is put forward between them', () => {
  // 23:30 on 7 March; two days of 24 hours would end at 00:30 on 10 March.
  const vetoed = passed(denver({}, usual(true)), 6, march(6, '20:00')).then(refuse(march(8, '06:30'), 1));
  vetoed
    .yields(second(march(10, '04:00'), 9), 'VoteCertified')
    .refuses(second(march(10, '04:00'), 8), 'meeting-out-of-time', '/meetingDate');
  // 21 days later at 23:30.
  expect(vetoed.state.changes[0]?.veto?.until).toBe(march(29, '05:30'));
});

test('a certificate waits for fourteen days of the calendar', () => {
  const waits = passed(denver(), 1, march(1, '22:00')).then(refuse(march(2, '20:00'), 1), second(march(3, '19:30'), 3));
  const { act = '', until } = waits.state.changes[0]?.confirmation ?? {};
  expect(until).toBe(march(17, '18:30'));
  waits.refuses(confirm(march(17, '18:30'), 1, act), 'closed');
});

test('who holds a seat until a day holds it to the end of that day', () => {
  passed(denver({ mayor: { to: on(10) } }), 9, march(10, '20:00'))
    .yields(sign(march(11, '05:59'), 1), ...APPROVES)
    .refuses(sign(march(11, '06:00'), 1), 'not-in-office');
});

test('the roll of a meeting is of those who held the seats at the end of its day', () => {
  const seats = { 'district-1': { from: march(11, '02:00') }, 'district-2': { from: march(11, '06:00') } };
  const roll = (named: Record<string, string>) => certified(march(12, '20:00'), 10, { votes: rollOf(7, 2, named) });
  arrived(denver(seats))
    .refuses(roll({ 'district-2': 'yes' }), 'roll-call', '/vote.district-2')
    .refuses(roll({ 'district-1': 'vacant', 'district-2': 'vacant' }), 'roll-call', '/vote.district-1')
    .yields(roll({ 'district-2': 'vacant', 'district-8': 'yes' }), ...PASSES);
});

test('a meeting on the evening on which a policy changed its seats is of their day', () => {
  const rules = bound([council(), mayor()], { window: 'P90D' });
  const reseated = { policy: { ...rules.policy, seatsSince: { council: march(11, '03:00') } } };
  arrived(denver({}, reseated))
    .refuses(certified(march(12, '20:00'), 9), 'roll-call', '/meetingDate')
    .yields(certified(march(12, '20:00'), 10), ...PASSES);
});

test('the times of a rule are of the calendar, across the change of the clocks', () => {
  const rules = bound([council(), mayor()], { notice: 'P7D', window: 'P90D', term: 'P1Y' });
  // 22:30 on 1 March; seven days later it is 22:30 on 8 March, and by then the clocks are put forward.
  const story = arrived(denver({}, rules), march(2, '05:30'));
  expect(story.state.changes[0]).toMatchObject({ from: march(9, '04:30'), closesAt: '2026-05-31T04:30:00.000Z' });
  story.refuses(certified(march(12, '20:00'), 7), 'meeting-before-revision').yields(certified(march(12, '20:00'), 8), ...PASSES);
  const approved = story.then(certify(march(12, '20:00'), 1), sign(march(12, '22:00'), 1));
  // Clocks are put forward on 14 March 2027.
  expect(approved.state.changes[0]?.approved?.validUntil).toBe('2027-03-12T23:00:00.000Z');
  const view = viewOf(story);
  const asked = { at: march(12, '22:00'), zone: 'America/Denver', heads: [headWith(story.state)] };
  expect(view && effectOf(view, asked).until?.value).toBe('2027-03-12T23:00:00.000Z');
});

test('a deadline and the time to overturn it are of the calendar', () => {
  const waits = (at: string) => passed(denver(), 1, at).state.changes[0]?.requirements['mayor'];
  expect(waits(march(1, '20:00'))).toMatchObject({ deadlineAt: march(6, '20:00'), overrideUntil: '2026-04-05T19:00:00.000Z' });
  expect(waits(march(6, '20:00'))).toMatchObject({ deadlineAt: march(11, '19:00'), overrideUntil: '2026-04-10T19:00:00.000Z' });
});

test('who confirms a certificate sits until the end of the last day', () => {
  const story = passed(denver({ 'at-large-a': { to: on(10) } }), 9, march(9, '20:00')).then(
    refuse(march(9, '21:00'), 1),
    second(march(10, '20:00'), 10),
  );
  const act = story.state.changes[0]?.confirmation?.act ?? '';
  story
    .yields(confirm(march(11, '05:59'), 1, act), 'ConfirmationGiven', 'VetoOverridden', 'ChangeApproved')
    .refuses(confirm(march(11, '06:00'), 1, act), 'not-in-office');
});

test('of the filled seats a ballot counts those of its day', () => {
  const board = ballots({ id: 'board', body: 'board', threshold: { yes: 'majority', of: 'filled' } });
  const seats = { 'board-2': { to: on(10) }, 'board-3': { to: on(9) } };
  const story = arrived(denver(seats, bound([board, council()], { window: 'P90D' })));
  const yes = (at: string) => ballot(at, 1, 'board-1', { requirement: 'board' });
  expect(story.goes(yes(march(11, '05:59')), 'BallotCast').events.at(-1)).toMatchObject({ filled: 2 });
  story.yields(yes(march(11, '06:00')), 'BallotCast', 'RequirementMet');
});

test('who confirms that an update is rolled back sits until the end of the last day', () => {
  const forced = { notice: facts({ kind: 'update', optOut: 'no' }) };
  const mayorsYes = (at: string) => confirmRollback(at, { holder: 'mayor', body: 'mayor', seat: 'mayor' });
  passed(denver({ mayor: { to: on(10) } }), 2, march(2, '20:00'))
    .then(sign(march(2, '21:00'), 1), notify(march(3, '20:00'), 2, forced), withdraw(march(4, '20:00'), 2))
    .yields(mayorsYes(march(11, '05:59')), 'RollbackConfirmed')
    .refuses(mayorsYes(march(11, '06:00')), 'not-in-office');
});

test('a bare date of a notice is a day of the city', () => {
  const day = { effectiveAt: on(10), optOutBy: on(9), endsAt: on(20) };
  const notice = Notice.parse({ feature: 'acme', kind: 'update', title: 'An update', summary: 'It says what it does.', ...day });
  expect(factsOf(notice, 'America/Denver')).toMatchObject({
    effectiveAt: march(10, '06:00'),
    optOutBy: march(9, '06:00'),
    endsAt: march(21, '06:00'),
  });
});
