import { describe, expect, test } from 'vitest';
import { holderOfSeat, holdersOf, holdsSeat } from '../../../domain/roster/holders.ts';
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
    expect(holderOfSeat(acting(), 'mayor', 'mayor', date)?.id).toBe(id);
    expect(holdsSeat(acting(), 'deputy', 'mayor', date)).toBe(id === 'deputy' ? 'mayor' : undefined);
  });

  test('a body’s holders come in the order of its seats, vacant ones missing', () => {
    const roster = cityRoster();
    const shuffled = { ...roster, holders: roster.holders.filter(({ seat }) => seat !== 'district-3').toReversed() };
    expect([...holdersOf(shuffled, 'council', '2026-01-01').keys()]).toStrictEqual(
      COUNCIL_SEATS.filter((seat) => seat !== 'district-3'),
    );
  });

  test.each(['senate', 'constructor', '__proto__'])('an unknown body %s has none', (body) => {
    expect(holdersOf(cityRoster(), body, '2026-01-01').size).toBe(0);
    expect(holdsSeat(cityRoster(), 'holder-mayor', body, '2026-01-01')).toBeUndefined();
  });

  test('a seat of another body is not held', () =>
    expect(holdsSeat(cityRoster(), 'holder-mayor', 'council', '2026-01-01')).toBeUndefined());
});
