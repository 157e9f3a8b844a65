import { describe, expect, test } from 'vitest';
import { endOfLocalDay, isZone, localDateOf, plusDuration, startOfLocalDay, toInstant } from '../../../domain/kernel/zone.ts';

const DENVER = 'America/Denver';
const SAO_PAULO = 'America/Sao_Paulo';
const APIA = 'Pacific/Apia';
const KOLKATA = 'Asia/Kolkata';

describe('plusDuration', () => {
  test.each<[string, string, string, string, string]>([
    ['into a gap: 02:30 becomes 03:30', '2026-03-07T09:30:00.000Z', 'P1D', DENVER, '2026-03-08T09:30:00.000Z'],
    ['the later 01:30 plus no day stays', '2026-11-01T08:30:00.000Z', 'P0D', DENVER, '2026-11-01T08:30:00.000Z'],
    ['the later 01:30 plus an hour', '2026-11-01T08:30:00.000Z', 'PT1H', DENVER, '2026-11-01T09:30:00.000Z'],
    ['midnight in a gap becomes 01:00', '2018-11-03T03:00:00.000Z', 'P1D', SAO_PAULO, '2018-11-04T03:00:00.000Z'],
    ['into a skipped day: the same hour a day later', '2011-12-29T22:00:00.000Z', 'P1D', APIA, '2011-12-30T22:00:00.000Z'],
    ['a leap day plus four years', '2028-02-29T00:00:00.000Z', 'P4Y', 'UTC', '2032-02-29T00:00:00.000Z'],
    ['1900 and 2100 are no leap years', '2096-02-29T00:00:00.000Z', 'P4Y', 'UTC', '2100-02-28T00:00:00.000Z'],
    ['years and months are added together', '2027-12-31T00:00:00.000Z', 'P1Y2M', 'UTC', '2029-02-28T00:00:00.000Z'],
    ['months before days', '2026-01-31T00:00:00.000Z', 'P1M1D', 'UTC', '2026-03-01T00:00:00.000Z'],
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
    ['midnight twice: the earlier', '2006-10-29', 'America/St_Johns', '2006-10-29T02:30:00.000Z', '2006-10-30T03:30:00.000Z'],
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
