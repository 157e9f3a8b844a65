import { localDateOf, startOfLocalDay } from '../../../domain/kernel/zone.ts';

/** Mail that only the calendar triggers leaves when offices open. */
const MORNING_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

/** Returns the local date that many days before another. */
export const daysBefore = (localDate: string, days: number): string =>
  new Date(Date.parse(`${localDate}T00:00:00.000Z`) - days * DAY_MS).toISOString().slice(0, 10);

/** Returns the morning of a local date, as an instant. */
export const morningOf = (localDate: string, zone: string): string =>
  new Date(Date.parse(startOfLocalDay(localDate, zone)) + MORNING_MS).toISOString();

/** Returns the morning that many days before the last day on which something that ends at the instant is open. */
export const morningBefore = (end: string, days: number, zone: string): string => {
  const lastDay = localDateOf(new Date(Date.parse(end) - 1).toISOString(), zone);
  return morningOf(daysBefore(lastDay, days), zone);
};

/** Returns the Monday of the week of a local date. */
export const mondayOf = (localDate: string): string =>
  daysBefore(localDate, (new Date(`${localDate}T00:00:00.000Z`).getUTCDay() + 6) % 7);
