import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endOfLocalDay, localDateOf, plusDuration, startOfLocalDay, toInstant } from '../../../domain/kernel/zone.ts';
import { instantsShowing, wallClock } from './wallClock.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const text = (ms: number): string => new Date(ms).toISOString();

/** Each zone with instants at which its clocks change, so that the generators come near them often. */
const zones: readonly { zone: string; changes: readonly string[] }[] = [
  { zone: 'UTC', changes: ['2026-01-01T00:00:00.000Z'] },
  { zone: 'America/Denver', changes: ['2026-03-08T09:00:00.000Z', '2026-11-01T08:00:00.000Z'] },
  { zone: 'Asia/Kolkata', changes: ['2026-12-31T18:30:00.000Z'] },
  { zone: 'Australia/Lord_Howe', changes: ['2026-04-04T15:00:00.000Z', '2026-10-03T15:30:00.000Z'] },
  { zone: 'America/Sao_Paulo', changes: ['2018-02-18T02:00:00.000Z', '2018-11-04T03:00:00.000Z'] },
  { zone: 'Pacific/Apia', changes: ['2011-12-30T10:00:00.000Z', '2012-03-31T14:00:00.000Z'] },
];

const minute = (from: number, to: number): fc.Arbitrary<number> =>
  fc.integer({ min: from / 60_000, max: to / 60_000 }).map((count) => count * 60_000);
const anywhere = minute(Date.UTC(1971, 0, 1), Date.UTC(2090, 0, 1));
const near = (changes: readonly string[]): fc.Arbitrary<number> =>
  fc
    .tuple(fc.constantFrom(...changes.map((change) => Date.parse(change))), minute(-60 * HOUR_MS, 60 * HOUR_MS))
    .map(([change, by]) => change + by);

/** Returns the milliseconds that UTC would have if it showed the same time. */
const asUtc = (wall: string): number => Date.parse(`${wall.replace(' ', 'T')}.000Z`);
const asWall = (ms: number): string => text(ms).slice(0, 19).replace('T', ' ');

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
