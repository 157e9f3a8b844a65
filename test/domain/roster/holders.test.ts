import { describe, expect, test } from 'vitest';
import { lastMomentOf, localMoment } from '../../../domain/kernel/zone.ts';
import { endingWithoutSuccessor, holderOfSeat, holdersOf, holdsSeat } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { COUNCIL_SEATS, cityRoster } from './cityRoster.ts';

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
