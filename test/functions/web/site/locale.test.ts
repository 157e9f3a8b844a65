import { expect, test } from 'vitest';
import { localMoment } from '../../../../domain/kernel/zone.ts';
import { bodyName, holderName, localeOf, seatName, withRoster } from '../../../../functions/web/site/locale.ts';

test.each([
  ['en', '2026-06-02T06:00:00.000Z', 'the end of Monday, June 1, 2026'],
  ['en', '2026-06-01T14:00:00.000Z', 'Monday, June 1, 2026 at 8:00 AM'],
  ['es', '2026-06-02T06:00:00.000Z', 'el final del lunes 1 de junio de 2026'],
  ['es', '2026-06-01T14:00:00.000Z', 'el lunes 1 de junio de 2026 a las 08:00'],
] as const)('in %s a deadline of %s is %s, in the city’s time zone, which has a name', (language, instant, text) => {
  const locale = localeOf(language, 'America/Denver', '2026-03-03T15:00:00.000Z');
  expect(locale.deadline(instant)).toBe(text);
  expect(locale.zoneName).toBe(language === 'en' ? 'Mountain Time' : 'hora de las Montañas Rocosas');
});

test('numbers are written as in the US, in Spanish too', () => {
  for (const language of ['en', 'es'] as const)
    expect(localeOf(language, 'UTC', '2026-03-03T15:00:00.000Z').number(20_000)).toBe('20,000');
});

test('UTC is called by its name', () => {
  for (const language of ['en', 'es'] as const)
    expect(localeOf(language, 'UTC', '2026-03-03T15:00:00.000Z').zoneName).toBe('UTC');
});

test('a body that is no more is named as it was last, and whoever sat in a seat as on that day', () => {
  const term = { id: 'one', name: 'First holder', body: 'board', seat: 'chair', from: '2020-01-01', language: 'en' };
  const board = (name: string, holder: string) => ({
    bodies: { board: { name, seats: ['chair', 'member'] } },
    holders: [{ ...term, name: holder }],
  });
  const rosters = [
    { since: '2026-01-01T00:00:00.000Z', roster: board('Board', 'First holder') },
    { since: '2026-02-01T00:00:00.000Z', roster: board('Privacy Board', 'Second holder') },
    { since: '2026-03-01T00:00:00.000Z', roster: { bodies: {}, holders: [] } },
  ];
  const locale = withRoster(localeOf('en', 'UTC', '2026-04-01T00:00:00.000Z'), rosters[2]?.roster, rosters);
  expect(bodyName(locale, 'board')).toBe('Privacy Board');
  const named = ['2026-01-15', '2026-02-15'].map((day) => {
    const at = `${day}T00:00:00.000Z`;
    return [holderName(locale, 'one', at), seatName(locale, 'board', 'chair', localMoment(at, 'UTC'))];
  });
  expect(named).toEqual([Array(2).fill('First holder'), Array(2).fill('Second holder')]);
  expect([holderName(locale, 'one'), holderName(locale, 'two')]).toEqual(['Second holder', 'two']);
});
