/** The calendar and clock of a time zone, as the platform shows them. */
export interface WallClock {
  /** The date that is shown at an instant. */
  readonly dayOf: (at: string) => string;
  /** The last moment of a date. */
  readonly endOf: (date: string) => string;
  /** Adds years and months by the calendar (at most the month's last day), then days, at the same time on the clock. */
  readonly after: (at: string, duration: string) => string;
}

const DURATION = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?$/;
const DAY_MS = 86_400_000;

/** Swedish writes a date and a time of the day as `2026-03-01 12:00:00`. */
const FORMAT = { dateStyle: 'short', timeStyle: 'medium' } as const;

const remembered = (make: (key: string) => string): ((key: string) => string) => {
  const known = new Map<string, string>();
  return (key) => {
    const made = known.get(key) ?? make(key);
    known.set(key, made);
    return made;
  };
};

const formats = new Map<string, Intl.DateTimeFormat>();

export const wallClock = (timeZone: string): WallClock => {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, ...FORMAT });
  formats.set(timeZone, format);
  /** Returns the milliseconds at which UTC shows what this zone shows at `ms`. */
  const shown = (ms: number) => Date.parse(`${format.format(ms).replace(' ', 'T')}Z`) + (((ms % 1000) + 1000) % 1000);
  /** Returns the instant of a time on the clock: the earlier of two, and a skipped time later by as much as the clock was put forward. */
  const instantOf = (wall: number) => {
    const [before, later] = [wall - DAY_MS, wall + DAY_MS].map((ms) => wall - (shown(ms) - ms));
    if (before === undefined || later === undefined) throw new Error('two guesses');
    return [Math.min(before, later), Math.max(before, later)].find((ms) => shown(ms) === wall) ?? before;
  };
  const added = (at: string, duration: string) => {
    const parts = DURATION.exec(duration);
    if (parts === null) throw new Error(`this reader does not know ${duration}`);
    const [years = 0, months = 0, days = 0] = parts.slice(1).map((part) => Number(part ?? 0));
    const from = new Date(shown(Date.parse(at)));
    const [year, month] = [from.getUTCFullYear() + years, from.getUTCMonth() + months];
    const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    const date = Date.UTC(year, month, Math.min(from.getUTCDate(), last) + days);
    return new Date(instantOf(date + (from.getTime() % DAY_MS))).toISOString();
  };
  const after = remembered((key) => added(...(key.split(' ') as [string, string])));
  return {
    dayOf: remembered((at) => new Date(shown(Date.parse(at))).toISOString().slice(0, 10)),
    endOf: remembered((date) => new Date(instantOf(Date.parse(date) + DAY_MS) - 1).toISOString()),
    after: (at, duration) => after(`${at} ${duration}`),
  };
};
