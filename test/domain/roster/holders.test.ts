import { describe, expect, test } from 'vitest';
import { areTwoOfTwo } from '../../../domain/judge/sitting.ts';
import { lastMomentOf, localMoment } from '../../../domain/kernel/zone.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import type { Officer } from '../../../domain/roster/events.ts';
import {
  areTwoOfTwoBodies,
  decidingBodies,
  endingWithoutSuccessor,
  holderOfSeat,
  holdersOf,
  holdsSeat,
  isInDecidingBody,
  isLastInDecidingBody,
} from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { council, mayor, policy, rule } from '../../support/fixtures/city.ts';
import { by, COUNCIL_SEATS, cityRoster } from './cityRoster.ts';

/** Returns a roster with the mayor until 28 February, an acting deputy in the first half of March, then the mayor again. */
const acting = (): Roster => {
  const roster = cityRoster();
  const mayor = { id: 'holder-mayor', name: 'The Mayor', body: 'mayor', seat: 'mayor', language: 'en' };
  const terms = [
    { ...mayor, from: '2023-07-17', to: '2026-02-28' },
    { ...mayor, id: 'deputy', from: '2026-03-01', to: '2026-03-14' },
    { ...mayor, from: '2026-03-15' },
  ];
  return { ...roster, holders: [...roster.holders.filter(({ body }) => body !== 'mayor'), ...terms] };
};

const on = (date: string) => lastMomentOf(date, 'UTC');

describe('who holds a seat', () => {
  test.each([
    ['2023-07-16', undefined],
    ['2023-07-17', 'holder-mayor'],
    ['2026-02-28', 'holder-mayor'],
    ['2026-03-01', 'deputy'],
    ['2026-03-14', 'deputy'],
    ['2026-03-15', 'holder-mayor'],
    ['2099-01-01', 'holder-mayor'],
  ])('on %s: %s, the first and the last day included', (date, id) => {
    expect(holderOfSeat(acting(), 'mayor', 'mayor', on(date))?.id).toBe(id);
    expect(holdsSeat(acting(), 'deputy', 'mayor', on(date))).toBe(id === 'deputy' ? 'mayor' : undefined);
  });

  test('a body’s holders come in the order of its seats, vacant ones missing', () => {
    const roster = cityRoster();
    const shuffled = { ...roster, holders: roster.holders.filter(({ seat }) => seat !== 'district-3').toReversed() };
    expect([...holdersOf(shuffled, 'council', on('2026-01-01')).keys()]).toStrictEqual(
      COUNCIL_SEATS.filter((seat) => seat !== 'district-3'),
    );
  });

  test.each(['senate', 'constructor', '__proto__'])('an unknown body %s has none', (body) => {
    expect(holdersOf(cityRoster(), body, on('2026-01-01')).size).toBe(0);
    expect(holdsSeat(cityRoster(), 'holder-mayor', body, on('2026-01-01'))).toBeUndefined();
  });

  test('a seat of another body is not held', () =>
    expect(holdsSeat(cityRoster(), 'holder-mayor', 'council', on('2026-01-01'))).toBeUndefined());
});

describe('a swearing-in at noon', () => {
  const NOON = '2027-01-04T19:00:00.000Z';
  const terms = (to: string, from: string) => {
    const roster = cityRoster();
    const mayor = roster.holders.find(({ seat }) => seat === 'mayor');
    if (mayor === undefined) throw new Error('the city has a mayor');
    const next = { ...mayor, id: 'next', from };
    return { ...roster, holders: [...roster.holders.filter((each) => each !== mayor), { ...mayor, to }, next] };
  };
  const at = (instant: string) => localMoment(instant, 'America/Denver');

  test('the seat changes hands at that instant, and has no gap', () => {
    const roster = terms(NOON, NOON);
    expect(holderOfSeat(roster, 'mayor', 'mayor', at('2027-01-04T18:59:59.999Z'))?.id).toBe('holder-mayor');
    expect(holderOfSeat(roster, 'mayor', 'mayor', at(NOON))?.id).toBe('next');
  });
  test('after a last day, the seat is vacant until then', () => {
    const roster = terms('2027-01-03', NOON);
    expect(holderOfSeat(roster, 'mayor', 'mayor', at('2027-01-04T06:59:59.999Z'))?.id).toBe('holder-mayor');
    expect(holderOfSeat(roster, 'mayor', 'mayor', at('2027-01-04T07:00:00.000Z'))).toBeUndefined();
    expect(holderOfSeat(roster, 'mayor', 'mayor', at(NOON))?.id).toBe('next');
  });
  test('of a date alone the last moment counts, or an earlier one that is given', () => {
    const roster = terms(NOON, NOON);
    const meeting = (notAfter?: string) => lastMomentOf('2027-01-04', 'America/Denver', notAfter);
    expect(holderOfSeat(roster, 'mayor', 'mayor', meeting())?.id).toBe('next');
    expect(holderOfSeat(roster, 'mayor', 'mayor', meeting('2027-01-04T18:00:00.000Z'))?.id).toBe('holder-mayor');
    expect(holderOfSeat(roster, 'mayor', 'mayor', meeting('2027-01-09T18:00:00.000Z'))?.id).toBe('next');
  });
});

describe('a term that ends without a successor', () => {
  const ending = (...terms: readonly object[]) => {
    const mayor = { id: 'holder-mayor', name: 'The Mayor', body: 'mayor', seat: 'mayor', language: 'en', from: '2023-07-17' };
    const { bodies } = cityRoster();
    const roster = { bodies, holders: terms.map((term) => ({ ...mayor, ...term })) };
    return endingWithoutSuccessor(roster, localMoment('2026-01-15T12:00:00.000Z', 'America/Denver')).map(({ to }) => to);
  };
  test.each<[string, readonly object[], readonly string[]]>([
    ['within sixty days', [{ to: '2026-02-28' }], ['2026-02-28']],
    ['when sixty days of the city are over', [{ to: '2026-03-16T11:00:00.000Z' }], ['2026-03-16T11:00:00.000Z']],
    ['later', [{ to: '2026-03-16T11:00:00.001Z' }], []],
    ['never', [{}], []],
    ['followed by another', [{ to: '2026-02-28' }, { id: 'next', from: '2026-03-01' }], []],
    [
      'followed by one that ends soon too',
      [{ to: '2026-01-31' }, { id: 'next', from: '2026-02-01', to: '2026-02-20' }],
      ['2026-02-20'],
    ],
    ['over', [{ to: '2026-01-14' }], []],
    ['of another seat', [{ to: '2026-02-28' }, { id: 'clerk', body: 'clerk', seat: 'clerk' }], ['2026-02-28']],
  ])('%s', (_, terms, ends) => expect(ending(...terms)).toStrictEqual(ends));
});

const inForce = policy(rule([council(), mayor(), { id: 'board', body: 'board', instrument: 'advice' }]));
const AT = '2026-04-06T09:00:00.000Z';
const [BEFORE_MIDNIGHT, MIDNIGHT] = ['2026-04-06T05:59:59.999Z', '2026-04-06T06:00:00.000Z'];
const ZONE = 'America/Denver';

// That the judge says the same of a seat, test/domain/judge/statedTwice asks of many rosters.
const sits = (rules: Policy | null, roster: Roster, officer: Officer, at = AT) =>
  isInDecidingBody(rules, roster, officer, localMoment(at, ZONE));
const wasLast = (roster: Roster, officer: Officer, at = AT) =>
  isLastInDecidingBody(inForce, roster, officer, localMoment(at, ZONE));

const city = cityRoster();
const { attestedBy: _, ...alone } = city.bodies['council'] ?? { name: '', seats: [] };
const unattested: Roster = { ...city, bodies: { ...city.bodies, council: alone } };
const withMayor = (...terms: readonly { readonly id: string; readonly from: string; readonly to?: string }[]): Roster => {
  const mayors = terms.map((term) => ({ name: 'A Mayor', body: 'mayor', seat: 'mayor', language: 'en', ...term }));
  return { ...city, holders: [...mayors, ...city.holders.filter(({ body }) => body !== 'mayor')] };
};
const untilYesterday = withMayor({ id: 'holder-mayor', from: '2026-01-01', to: '2026-04-05' });

test('a deciding body approves, certifies, or certifies for one that does; before a policy it certifies, or there is none such', () => {
  const deciding = (rules: Policy | null, { bodies }: Roster) => [...decidingBodies(rules, bodies)].sort();
  expect(deciding(inForce, city)).toStrictEqual(['clerk', 'council', 'mayor']);
  expect(deciding(null, city)).toStrictEqual(['clerk']);
  expect(deciding(null, unattested)).toStrictEqual(Object.keys(city.bodies).sort());
});

test.each<[string, Policy | null, Roster, Officer, string, boolean]>([
  ['the clerk', inForce, city, by('clerk'), AT, true],
  ['a member', inForce, city, by('council', 'district-1'), AT, true],
  ['a body that only advises', inForce, city, by('board', 'board-1'), AT, false],
  ['a body that no rule names', inForce, city, by('auditor'), AT, false],
  ['another seat than one’s own', inForce, city, by('council', 'district-1', 'holder-district-2'), AT, false],
  ['a body that does not exist', inForce, city, by('constructor'), AT, false],
  ['the clerk before a policy', null, city, by('clerk'), AT, true],
  ['the mayor before a policy', null, city, by('mayor'), AT, false],
  ['anybody before one, where no body certifies for another', null, unattested, by('board', 'board-1'), AT, true],
  ['until the end of the day in the city', inForce, untilYesterday, by('mayor'), BEFORE_MIDNIGHT, true],
  ['not from then on', inForce, untilYesterday, by('mayor'), MIDNIGHT, false],
])('can be one of the two: %s', (__, rules, roster, officer, at, expected) => {
  expect(sits(rules, roster, officer, at)).toBe(expected);
});

test('one of the two sits in a seat that the policy in force still has', () => {
  const fewer = { ...inForce, bodies: { council: { seats: ['district-2'] } } };
  const sitsIn = (seat: string) => isInDecidingBody(fewer, city, by('council', seat), localMoment(AT, ZONE));
  expect(['district-1', 'district-2'].map(sitsIn)).toStrictEqual([false, true]);
});

describe('the last in a seat', () => {
  const ended = [
    { id: 'holder-mayor', from: '2025-01-01', to: '2026-04-05' },
    { id: 'earlier', from: '2023-01-01', to: '2024-12-31' },
  ];
  const over = { ...city, holders: city.holders.map((term) => ({ ...term, to: '2026-01-01' })) };
  const hour = { from: '2026-04-05T18:00:00.000Z', to: '2026-04-05T20:00:00.000Z' };
  test.each<[string, Roster, Officer, string, boolean]>([
    ['who held it until its date', withMayor(...ended), by('mayor'), MIDNIGHT, true],
    ['not while they sit', withMayor(...ended), by('mayor'), BEFORE_MIDNIGHT, false],
    ['not who sat before them', withMayor(...ended), by('mayor', 'mayor', 'earlier'), AT, false],
    ['nobody once it has a successor', withMayor(...ended, { id: 'next', from: '2026-04-06' }), by('mayor'), AT, false],
    ['nobody once one is to come', withMayor(...ended, { id: 'next', from: '2026-06-01' }), by('mayor'), AT, false],
    ['nobody once one was there for an hour', withMayor(...ended, { id: 'next', ...hour }), by('mayor'), AT, false],
    ['nobody in an empty seat', withMayor(), by('mayor'), AT, false],
    ['nobody in a body that only advises', over, by('board', 'board-1'), AT, false],
    ['a member', over, by('council', 'district-1'), AT, true],
  ])('is %s', (__, roster, officer, at, expected) => expect(wasLast(roster, officer, at)).toBe(expected));
});

const [clerk, first, second, both] = [
  by('clerk'),
  by('council', 'district-1'),
  by('council', 'district-2'),
  by('council', 'district-1', 'holder-clerk'),
];
test.each([
  ['nobody', [], false],
  ['one person twice', [clerk, clerk], false],
  ['two persons of one body', [first, second], false],
  ['one person in two bodies', [clerk, both], false],
  ['two persons of two bodies', [clerk, first], true],
  ['two, of whom one sits in both bodies', [both, clerk, second], true],
])('two persons of two bodies: %s', (__, acts, expected) => {
  expect([areTwoOfTwoBodies(acts), areTwoOfTwo(acts)]).toStrictEqual([expected, expected]);
});
