import { localDateOf } from '../../domain/kernel/zone.ts';

const DAY_MS = 86_400_000;

/** A clock that stands still until it is put forward; `release` hands over to the machine's own. It never runs back. */
export interface DemoClock {
  /** The instant, ISO 8601 in UTC. */
  readonly now: () => string;
  /** Puts the clock on the given day of the story (0 is the first). Throws when that would be back in time or beyond the present. */
  readonly toDay: (day: number) => void;
  /** An instant on a day of the story, for dates in notices. */
  readonly dayAt: (day: number) => string;
  /** A day of the story as a date of the city, which lasts to its end. */
  readonly dateAt: (day: number) => string;
  /** From here on time passes by itself. */
  readonly release: () => void;
}

/** A clock whose story began `daysAgo` days before the present, so that it can end today. */
export const demoClock = (daysAgo: number, zone: string): DemoClock => {
  const presentMs = Date.now();
  const firstMs = presentMs - daysAgo * DAY_MS;
  let standsMs: number | undefined = firstMs;
  const dayMs = (day: number): number => firstMs + day * DAY_MS;
  return {
    now: () => new Date(standsMs ?? Date.now()).toISOString(),
    toDay: (day) => {
      if (standsMs === undefined || dayMs(day) < standsMs || dayMs(day) > presentMs)
        throw new Error(`the clock cannot be put on day ${day}`);
      standsMs = dayMs(day);
    },
    dayAt: (day) => new Date(dayMs(day)).toISOString(),
    dateAt: (day) => localDateOf(new Date(dayMs(day)).toISOString(), zone),
    release: () => {
      standsMs = undefined;
    },
  };
};
