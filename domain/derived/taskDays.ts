import { startOfDayFrom } from '../kernel/zone.ts';

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

/** `next` returns the earliest instant asked about that has not come, null for none. */
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
