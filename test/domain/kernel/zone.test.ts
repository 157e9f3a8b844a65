import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Duration,
  daysLeft,
  endOfLocalDay,
  isZone,
  lastDayOf,
  lastMomentOf,
  localDateOf,
  parseDuration,
  plusDuration,
  startOfDayFrom,
  startOfLocalDay,
  toInstant,
} from '../../../domain/kernel/zone.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Returns what the clocks of a zone show, `2026-03-08 01:59:00`, in whole seconds, computed otherwise than by the code under test: Swedish
 * formatting is ISO 8601.
 */
const wallClock = (ms: number, timeZone: string) => {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' });
  formats.set(timeZone, format);
  return format.format(ms);
};

const STEP_MS = 15 * 60_000;
const STEPS = (28 * 3_600_000) / STEP_MS;

/**
 * Returns every instant within 28 hours of `near` at which the clocks show this time, earliest first; since 1970 offsets differ by quarters
 * of an hour.
 */
const instantsShowing = (wall: string, near: number, timeZone: string): readonly number[] =>
  Array.from({ length: 2 * STEPS + 1 }, (_, step) => near + (step - STEPS) * STEP_MS).filter(
    (ms) => wallClock(ms, timeZone) === wall,
  );

const zero: Duration = { years: 0, months: 0, weeks: 0, days: 0, hours: 0, minutes: 0 };

test.each<[string, Partial<Duration>]>([
  ['P1Y', { years: 1 }],
  ['P2M', { months: 2 }],
  ['P3W', { weeks: 3 }],
  ['P5D', { days: 5 }],
  ['PT12H', { hours: 12 }],
  ['PT90M', { minutes: 90 }],
  ['P1Y2M3W4DT5H6M', { years: 1, months: 2, weeks: 3, days: 4, hours: 5, minutes: 6 }],
  ['P1MT1M', { months: 1, minutes: 1 }],
  ['P0D', {}],
  ['PT0M', {}],
  ['P090D', { days: 90 }],
  ['P100Y', { years: 100 }],
  ['P1200M', { months: 1200 }],
  ['P36600D', { days: 36_600 }],
  ['P5228W', { weeks: 5228 }],
  ['PT878400H', { hours: 878_400 }],
  ['PT52704000M', { minutes: 52_704_000 }],
])('%s', (text, parts) => {
  expect(parseDuration(text)).toStrictEqual({ ...zero, ...parts });
});

test.each([
  '',
  'P5229W',
  'PT52704001M',
  'P',
  'PT',
  'P1YT',
  '1Y',
  'P1',
  'PY',
  'p1y',
  'P1y',
  'P1D2M',
  'P1DT1D',
  'PT1Y',
  'P1H',
  'PT30S',
  'P1.5D',
  'P1,5D',
  'PT0.5H',
  '-P1D',
  '+P1D',
  'P-1D',
  ' P1D',
  'P1D ',
  'P1D\n',
  'P1D1D',
  'P١D',
  'P101Y',
  'P100Y1M',
  'P36601D',
  'PT878400H1M',
  'P9999999Y',
])('%j is refused', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

const DENVER = 'America/Denver';
const SAO_PAULO = 'America/Sao_Paulo';
const APIA = 'Pacific/Apia';
const KOLKATA = 'Asia/Kolkata';
const ST_JOHNS = 'America/St_Johns';

describe('plusDuration', () => {
  test.each<[string, string, string, string, string]>([
    ['into a gap: 02:30 becomes 03:30', '2026-03-07T09:30:00.000Z', 'P1D', DENVER, '2026-03-08T09:30:00.000Z'],
    ['the later 01:30 plus no day stays', '2026-11-01T08:30:00.000Z', 'P0D', DENVER, '2026-11-01T08:30:00.000Z'],
    ['into a skipped day: the same hour a day later', '2011-12-29T22:00:00.000Z', 'P1D', APIA, '2011-12-30T22:00:00.000Z'],
    [
      'a minute past midnight, while it is still to come',
      '2010-03-14T03:30:30.000Z',
      'P1D',
      ST_JOHNS,
      '2010-03-15T02:30:30.000Z',
    ],
    ['and once clocks went forward', '2010-03-14T03:31:00.000Z', 'P1D', ST_JOHNS, '2010-03-15T03:31:00.000Z'],
    ['1900 and 2100 are no leap years', '2096-02-29T00:00:00.000Z', 'P4Y', 'UTC', '2100-02-28T00:00:00.000Z'],
    ['years and months are added together', '2027-12-31T00:00:00.000Z', 'P1Y2M', 'UTC', '2029-02-28T00:00:00.000Z'],
    ['months by the local calendar, not by that of UTC', '2026-01-31T20:00:00.000Z', 'P1M', KOLKATA, '2026-02-28T20:00:00.000Z'],
    ['everything', '2026-01-31T10:20:30.456Z', 'P1Y1M1W1DT1H1M', 'UTC', '2027-03-08T11:21:30.456Z'],
    ['past the last instant', '9999-12-31T00:00:00.000Z', 'P1Y', 'UTC', '9999-12-31T23:59:59.999Z'],
  ])('%s', (_, instant, duration, zone, expected) => {
    expect(plusDuration(instant, duration, zone)).toBe(expected);
  });

  test.each([
    ['no duration', '2026-01-01T00:00:00.000Z', 'soon', 'UTC'],
    ['no instant', 'now', 'P1D', 'UTC'],
    ['a local time', '2026-01-01T00:00:00', 'P1D', 'UTC'],
    ['an instant that is not normalised', '2026-01-01T00:00:00Z', 'P1D', 'UTC'],
    ['an impossible date', '2026-02-30T00:00:00.000Z', 'P1D', 'UTC'],
    ['no zone', '2026-01-01T00:00:00.000Z', 'P1D', 'Mars/Olympus'],
  ])('%s is a programmer’s error', (_, instant, duration, zone) => {
    expect(() => plusDuration(instant, duration, zone)).toThrow(RangeError);
  });
});

describe('local days', () => {
  test.each<[string, string, string, string, string]>([
    ['no midnight: the day begins at 01:00', '2018-11-04', SAO_PAULO, '2018-11-04T03:00:00.000Z', '2018-11-05T02:00:00.000Z'],
    ['23:00 twice on the day before', '2018-02-17', SAO_PAULO, '2018-02-17T02:00:00.000Z', '2018-02-18T03:00:00.000Z'],
    [
      'a gap that begins before midnight',
      '1919-03-31',
      'America/Toronto',
      '1919-03-31T04:30:00.000Z',
      '1919-04-01T04:00:00.000Z',
    ],
    ['midnight twice: the earlier', '2006-10-29', ST_JOHNS, '2006-10-29T02:30:00.000Z', '2006-10-30T03:30:00.000Z'],
    ['a skipped day is empty', '2011-12-30', APIA, '2011-12-30T10:00:00.000Z', '2011-12-30T10:00:00.000Z'],
    ['local mean time, with seconds', '1883-01-01', DENVER, '1883-01-01T06:59:56.000Z', '1883-01-02T06:59:56.000Z'],
    ['the first of all days', '0000-01-01', KOLKATA, '0000-01-01T00:00:00.000Z', '0000-01-01T18:06:32.000Z'],
    ['the last of all days', '9999-12-31', DENVER, '9999-12-31T07:00:00.000Z', '9999-12-31T23:59:59.999Z'],
  ])('%s', (_, date, zone, start, end) => {
    expect([startOfLocalDay(date, zone), endOfLocalDay(date, zone)]).toStrictEqual([start, end]);
  });

  test.each<[string, string, string]>([
    ['2026-03-17T05:59:59.999Z', DENVER, '2026-03-16'],
    ['2026-03-17T06:00:00.000Z', DENVER, '2026-03-17'],
    ['2011-12-30T09:59:59.999Z', APIA, '2011-12-29'],
    ['2011-12-30T10:00:00.000Z', APIA, '2011-12-31'],
    ['0050-01-01T12:00:00.000Z', 'UTC', '0050-01-01'],
    ['0000-06-01T12:00:00.000Z', DENVER, '0000-06-01'],
  ])('at %s the date in %s is %s', (instant, zone, date) => {
    expect(localDateOf(instant, zone)).toBe(date);
  });

  test('an end is exclusive: its last day is that of the moment before, and so many days are left until then', () => {
    const midnight = '2026-03-17T06:00:00.000Z';
    expect(lastDayOf(midnight, DENVER)).toBe('2026-03-16');
    expect(lastDayOf('2026-03-17T06:00:00.001Z', DENVER)).toBe('2026-03-17');
    const left = (now: string) => daysLeft(midnight, now, DENVER);
    expect(['2026-03-15T12:00:00.000Z', '2026-03-16T12:00:00.000Z', midnight].map(left)).toStrictEqual([1, 0, -1]);
  });

  test('the last moment of a day is a millisecond before the next, or an earlier one that is given', () => {
    const last = { at: '2026-03-17T05:59:59.999Z', date: '2026-03-16', zone: DENVER };
    expect(lastMomentOf('2026-03-16', DENVER)).toStrictEqual(last);
    expect(lastMomentOf('2026-03-16', DENVER, '2026-03-17T06:00:00.000Z')).toStrictEqual(last);
    const noon = '2026-03-16T18:00:00.000Z';
    expect(lastMomentOf('2026-03-16', DENVER, noon)).toStrictEqual({ ...last, at: noon });
  });

  test('a day that begins so many days later, or before', () => {
    const from = (days: number) => startOfDayFrom('2026-03-17T05:00:00.000Z', days, DENVER);
    expect([-9, 0, 1].map(from)).toStrictEqual([
      '2026-03-07T07:00:00.000Z',
      '2026-03-16T06:00:00.000Z',
      '2026-03-17T06:00:00.000Z',
    ]);
  });

  test.each(['2026-02-29', '2026-13-01', '2026-04-31', '2026-4-1', '2026-04-01T00:00:00.000Z', '', 'today'])(
    '%j is no date',
    (date) => {
      expect(() => startOfLocalDay(date, 'UTC')).toThrow(RangeError);
      expect(() => endOfLocalDay(date, 'UTC')).toThrow(RangeError);
    },
  );
});

describe('toInstant', () => {
  test.each<[string, string]>([
    ['2026-04-01T00:00:00Z', '2026-04-01T00:00:00.000Z'],
    ['2026-04-01t00:00:00z', '2026-04-01T00:00:00.000Z'],
    ['2026-04-01T00:00:00.5Z', '2026-04-01T00:00:00.500Z'],
    ['2026-04-01T00:00:00.123456789Z', '2026-04-01T00:00:00.123Z'],
    ['2026-04-01T00:00:00+02:00', '2026-03-31T22:00:00.000Z'],
    ['2026-04-01T00:00:00-00:30', '2026-04-01T00:30:00.000Z'],
    ['2026-04-01T00:00:00-00:00', '2026-04-01T00:00:00.000Z'],
    ['2026-04-01T00:00:00+23:59', '2026-03-31T00:01:00.000Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['0099-01-01T00:00:00Z', '0099-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['2028-02-29', '2028-03-01T07:00:00.000Z'],
    ['9999-12-31', '9999-12-31T23:59:59.999Z'],
  ])('%s in Denver is %s', (text, instant) => {
    expect(toInstant(text, DENVER)).toBe(instant);
  });

  test.each([
    '',
    '2026-4-1',
    '2026-04-31',
    '2026-04-01T00:00:00',
    '2026-04-01 00:00:00Z',
    '2026-04-01T24:00:00Z',
    '2026-04-01T23:60:00Z',
    '2026-06-30T23:59:60Z',
    '2026-02-29T00:00:00+01:00',
    '2026-04-01T00:00:00.Z',
    '2026-04-01T00:00:00.1234567890Z',
    '2026-04-01T00:00:00+24:00',
    '2026-04-01T00:00:00+01:60',
    '2026-04-01T00:00:00+0100',
    '2026-04-01T00:00:00\u221201:00',
    '2026-04-01\n',
    '2026-04-01T00:00:00Z\n',
    '\u0662026-04-01',
    '+02026-04-01T00:00:00Z',
    '0000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
  ])('%j is refused', (text) => {
    expect(toInstant(text, DENVER)).toBeUndefined();
  });
});

describe('isZone', () => {
  test.each(['UTC', DENVER, 'america/denver', 'Etc/GMT+7', 'America/Argentina/Buenos_Aires', 'Asia/Calcutta'])('%s', (zone) => {
    expect(isZone(zone)).toBe(true);
  });

  test.each(['', 'Mars/Olympus', '+01:00', '-07:00', 'UTC+1', 'UTC\n', '../etc/localtime', 'A'.repeat(1000), '__proto__'])(
    '%j is none',
    (zone) => {
      expect(isZone(zone)).toBe(false);
    },
  );

  test('more zones than are kept give the same answers', () => {
    const zones = Intl.supportedValuesOf('timeZone').slice(0, 100);
    const starts = (): readonly string[] => zones.map((zone) => startOfLocalDay('2026-07-01', zone));
    expect(starts()).toStrictEqual(starts());
  });
});

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const text = (ms: number) => new Date(ms).toISOString();

/** Each zone with instants at which its clocks change, so that the generators come near them often. */
const zones: readonly { zone: string; changes: readonly string[] }[] = [
  { zone: 'UTC', changes: ['2026-01-01T00:00:00.000Z'] },
  { zone: 'America/Denver', changes: ['2026-03-08T09:00:00.000Z', '2026-11-01T08:00:00.000Z'] },
  { zone: 'Asia/Kolkata', changes: ['2026-12-31T18:30:00.000Z'] },
  { zone: 'Australia/Lord_Howe', changes: ['2026-04-04T15:00:00.000Z', '2026-10-03T15:30:00.000Z'] },
  { zone: 'America/Sao_Paulo', changes: ['2018-02-18T02:00:00.000Z', '2018-11-04T03:00:00.000Z'] },
  { zone: 'Pacific/Apia', changes: ['2011-12-30T10:00:00.000Z', '2012-03-31T14:00:00.000Z'] },
];

const minute = (from: number, to: number) => fc.integer({ min: from / 60_000, max: to / 60_000 }).map((count) => count * 60_000);
const anywhere = minute(Date.UTC(1971, 0, 1), Date.UTC(2090, 0, 1));
const near = (changes: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...changes.map((change) => Date.parse(change))), minute(-60 * HOUR_MS, 60 * HOUR_MS))
    .map(([change, by]) => change + by);

const asUtc = (wall: string) => Date.parse(`${wall.replace(' ', 'T')}.000Z`);
const asWall = (ms: number) => text(ms).slice(0, 19).replace('T', ' ');

describe.each(zones)('$zone', ({ zone, changes }) => {
  const instant = fc.oneof(anywhere, near(changes));
  const assert = (property: fc.IRawProperty<unknown>): unknown => fc.assert(property, { numRuns: 60 });

  test('days added: the clock shows the same time, and the earlier instant if it does twice; in a gap it shows what was skipped more', () => {
    assert(
      fc.property(instant, fc.integer({ min: 1, max: 400 }), (from, days) => {
        const to = Date.parse(plusDuration(text(from), `P${days}D`, zone));
        const expected = asWall(asUtc(wallClock(from, zone)) + days * DAY_MS);
        const [earliest] = instantsShowing(expected, to, zone);
        if (earliest !== undefined) expect(text(to)).toBe(text(earliest));
        else {
          const skipped = asUtc(wallClock(to, zone)) - asUtc(expected);
          const before = asUtc(wallClock(to - 26 * HOUR_MS, zone)) - (to - 26 * HOUR_MS);
          const after = asUtc(wallClock(to + 26 * HOUR_MS, zone)) - (to + 26 * HOUR_MS);
          expect(skipped).toBe(after - before);
        }
      }),
    );
  });

  test('months added: the month is the named one, the day the same or its last', () => {
    assert(
      fc.property(instant, fc.integer({ min: 1, max: 60 }), (from, months) => {
        const [year = 0, month = 0, day = 0] = localDateOf(text(from), zone).split('-').map(Number);
        const lastDay = new Date(Date.UTC(year, month - 1 + months + 1, 0));
        const expected = Date.UTC(lastDay.getUTCFullYear(), lastDay.getUTCMonth(), Math.min(day, lastDay.getUTCDate()));
        const got = Date.parse(`${localDateOf(plusDuration(text(from), `P${months}M`, zone), zone)}T00:00:00.000Z`);
        // Where the hour or the day was skipped, the date may be the next.
        const skipped =
          got === expected + DAY_MS &&
          localDateOf(startOfLocalDay(text(expected).slice(0, 10), zone), zone) !== text(expected).slice(0, 10);
        expect(skipped || got === expected).toBe(true);
      }),
    );
  });

  test('hours added elapse, whatever the clocks do', () => {
    assert(
      fc.property(instant, fc.integer({ min: 0, max: 10_000 }), (from, minutes) => {
        expect(plusDuration(text(from), `PT${minutes}M`, zone)).toBe(text(from + minutes * 60_000));
      }),
    );
  });

  test('an instant is within its local day: from its start, before its end, and the day before is over', () => {
    assert(
      fc.property(instant, (ms) => {
        const date = localDateOf(text(ms), zone);
        expect(date).toBe(wallClock(ms, zone).slice(0, 10));
        const [start, end] = [startOfLocalDay(date, zone), endOfLocalDay(date, zone)];
        expect(start <= text(ms) && text(ms) < end).toBe(true);
        expect(wallClock(Date.parse(start), zone).slice(0, 10)).toBe(date);
        expect(wallClock(Date.parse(start) - 1, zone).slice(0, 10) < date).toBe(true);
        expect(wallClock(Date.parse(end), zone).slice(0, 10) > date).toBe(true);
        expect(wallClock(Date.parse(end) - 1, zone).slice(0, 10)).toBe(date);
      }),
    );
  });

  test('an instant written with the zone’s offset reads back as itself', () => {
    assert(
      fc.property(instant, fc.integer({ min: 0, max: 999 }), (whole, fraction) => {
        const ms = whole + fraction;
        const wall = asUtc(wallClock(ms, zone)) + fraction;
        const minutes = Math.round((wall - ms) / 60_000);
        const offset = `${minutes < 0 ? '-' : '+'}${text(Math.abs(minutes) * 60_000).slice(11, 16)}`;
        expect(toInstant(text(wall).replace('Z', offset), zone)).toBe(text(ms));
      }),
    );
  });

  test('a bare date is the end of that day', () => {
    assert(
      fc.property(instant, (ms) => {
        const date = localDateOf(text(ms), zone);
        expect(toInstant(date, zone)).toBe(endOfLocalDay(date, zone));
      }),
    );
  });
});
