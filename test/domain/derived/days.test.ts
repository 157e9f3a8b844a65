import fc from 'fast-check';
import { expect, test } from 'vitest';
import { daySpans, daysOf } from '../../../domain/derived/cases.ts';

const DENVER = 'America/Denver';
const NOW = '2026-03-20T18:00:00.000Z';

const during = (since: string, until: string | null = null) => ({ since, until });

test.each<[string, readonly ReturnType<typeof during>[], number]>([
  ['none', [], 0],
  ['one that lasted no time is a day', [during('2026-03-10T12:00:00.000Z', '2026-03-10T12:00:00.000Z')], 1],
  ['an hour over local midnight is two days', [during('2026-03-10T05:30:00.000Z', '2026-03-10T06:30:00.000Z')], 2],
  [
    'what ends at local midnight has not touched the next day',
    [during('2026-03-09T20:00:00.000Z', '2026-03-10T06:00:00.000Z')],
    1,
  ],
  ['an open one lasts until now', [during('2026-03-18T18:00:00.000Z')], 3],
  ['one that began ahead of the clock is a day', [during('2026-03-20T18:00:01.000Z')], 1],
  [
    'off and on again adds up, and a day is counted once',
    [
      during('2026-03-01T18:00:00.000Z', '2026-03-03T18:00:00.000Z'),
      during('2026-03-03T20:00:00.000Z', '2026-03-04T18:00:00.000Z'),
      during('2026-03-10T18:00:00.000Z', '2026-03-10T19:00:00.000Z'),
    ],
    5,
  ],
])('%s', (_, cases, days) => {
  expect(daysOf(cases, NOW, DENVER)).toBe(days);
  expect(daysOf(cases.toReversed(), NOW, DENVER)).toBe(days);
});

test('days in a row are one span', () => {
  const cases = [
    during('2026-03-01T18:00:00.000Z', '2026-03-02T18:00:00.000Z'),
    during('2026-03-03T18:00:00.000Z', '2026-03-04T18:00:00.000Z'),
    during('2026-03-01T20:00:00.000Z', '2026-03-01T21:00:00.000Z'),
    during('2026-03-06T18:00:00.000Z', '2026-03-06T19:00:00.000Z'),
  ];
  expect(daySpans(cases, NOW, DENVER)).toStrictEqual([
    { first: '2026-03-01', last: '2026-03-04' },
    { first: '2026-03-06', last: '2026-03-06' },
  ]);
});

const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2026-10-20T00:00:00.000Z');
const localDay = new Intl.DateTimeFormat('en-CA', { timeZone: DENVER, dateStyle: 'short' });

test('the days are those that a person would tick in a calendar, hour by hour, also when the clocks change', () => {
  const hours = fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 80 }));
  fc.assert(
    fc.property(fc.array(hours, { maxLength: 6 }), (cases) => {
      const ticked = new Set(
        cases.flatMap(([from, length]) =>
          Array.from({ length }, (_, hour) => localDay.format(new Date(START_MS + (from + hour) * HOUR_MS))),
        ),
      );
      const at = (hour: number) => new Date(START_MS + hour * HOUR_MS).toISOString();
      expect(
        daysOf(
          cases.map(([from, length]) => during(at(from), at(from + length))),
          at(0),
          DENVER,
        ),
      ).toBe(ticked.size);
    }),
  );
});
