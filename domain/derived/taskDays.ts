import { localDateOf, startOfLocalDay } from '../kernel/zone.ts';

const DAY_MS = 24 * 60 * 60_000;

/** No time before this instant has a date of four digits. */
const FIRST_DATE = '0000-01-01';
const LAST_DATE = '9999-12-31';

const movedBy = (date: string, days: number): string => {
  const moved = Date.parse(`${date}T00:00:00.000Z`) + days * DAY_MS;
  const [first, last] = [Date.parse(FIRST_DATE), Date.parse(LAST_DATE)];
  return new Date(Math.min(last, Math.max(first, moved))).toISOString().slice(0, FIRST_DATE.length);
};

/** Returns the first moment of the local day that is `days` after that of an instant; negative: before it. */
export const startOfDayFrom = (instant: string, days: number, zone: string): string =>
  startOfLocalDay(movedBy(localDateOf(instant, zone), days), zone);

/** Returns the first moment after the local day that is `days` after that of an instant. */
export const endOfDayFrom = (instant: string, days: number, zone: string): string => startOfDayFrom(instant, days + 1, zone);

/**
 * The time of a question. Rules compare time only through `reached`, so that what they compared with is known: until one of these instants
 * comes, the answer stays the same.
 */
export interface Clock {
  readonly zone: string;
  /** Reports whether an instant has come. */
  readonly reached: (instant: string) => boolean;
}

export const clockAt = (now: string, zone: string): Clock => ({ zone, reached: (instant) => instant <= now });

/** As {@link clockAt}; `next` returns the earliest instant asked about that has not come, null for none. */
export const watchedClock = (now: string, zone: string): Clock & { readonly next: () => string | null } => {
  let next: string | null = null;
  return {
    zone,
    reached: (instant) => {
      if (instant <= now) return true;
      if (next === null || instant < next) next = instant;
      return false;
    },
    next: () => next,
  };
};
