import { localDateOf } from '../../domain/kernel/zone.ts';

const DAY_MS = 86_400_000;

/** A clock that stands still until it is advanced; `release` switches to the machine's clock. It never runs backwards. */
export interface DemoClock {
  /** The instant, ISO 8601 in UTC. */
  readonly now: () => string;
  /** Sets the clock to a day of the story (0 is the first). Throws if that is in the clock's past or beyond the present. */
  readonly toDay: (day: number) => void;
  /** Returns an instant on a day of the story, for dates in notices. */
  readonly dayAt: (day: number) => string;
  /** Returns a day of the story as a date in the city's time zone. */
  readonly dateAt: (day: number) => string;
  /** Switches to the machine's clock. */
  readonly release: () => void;
}

/** Returns a clock whose story began `daysAgo` days before the present, so that it can end today. */
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
