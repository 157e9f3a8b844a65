/** Dates are added by the calendar, hours and minutes as elapsed time. */
export interface Duration {
  readonly years: number;
  readonly months: number;
  readonly weeks: number;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
}

const DURATION = /^P(?!$)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?!$)(?:(\d{1,6})H)?(?:(\d{1,8})M)?)?$/;

/** Short enough for dates to stay within four-digit years. */
const YEARS_MAX = 100;
const DAYS_MAX = YEARS_MAX * 366;
const HOURS_MAX = DAYS_MAX * 24;

/** Parses `PnYnMnWnDTnHnM`, at most a hundred years; undefined for anything else. */
export const parseDuration = (text: string): Duration | undefined => {
  const found = DURATION.exec(text);
  if (!found) return undefined;
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0] = found
    .slice(1)
    .map((digits) => Number(digits ?? 0));
  if (years * 12 + months > YEARS_MAX * 12 || weeks * 7 + days > DAYS_MAX || hours + minutes / 60 > HOURS_MAX) return undefined;
  return { years, months, weeks, days, hours, minutes };
};

/** As {@link parseDuration}, but throws RangeError for anything else. */
export const durationOf = (text: string): Duration => {
  const duration = parseDuration(text);
  if (duration === undefined) throw new RangeError(`not a duration: ${text}`);
  return duration;
};

const ZONES_MAX = 64;
const NAME_CHARS_MAX = 64;

/** Caches the offsets at the beginning of UTC days: asking Intl takes longer than the rest of a decision. */
const makeZone = (timeZone: string) => ({
  format: new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }),
  offsets: new Map<number, number>(),
});
type Zone = ReturnType<typeof makeZone>;

const zones = new Map<string, Zone>();

/** Throws RangeError on an unknown zone. */
const zoneOf = (timeZone: string): Zone => {
  const known = zones.get(timeZone);
  if (known) return known;
  if (!isName(timeZone)) throw new RangeError(`not an IANA time zone: ${timeZone}`);
  const zone = makeZone(timeZone);
  if (zones.size >= ZONES_MAX) zones.clear();
  zones.set(timeZone, zone);
  return zone;
};

/** Intl also accepts offsets such as `+01:00`, which have no daylight saving. */
const isName = (timeZone: string): boolean => timeZone.length <= NAME_CHARS_MAX && /^[A-Za-z]/.test(timeZone);

export const isZone = (timeZone: string): boolean => {
  try {
    return zoneOf(timeZone) !== undefined;
  } catch {
    return false;
  }
};

const OFFSETS_MAX = 4_096;

const offsetAt = (day: number, { format, offsets }: Zone): number => {
  const known = offsets.get(day);
  if (known !== undefined) return known;
  const offset = askOffsetMs(day * DAY_MS, format);
  if (offsets.size >= OFFSETS_MAX) offsets.clear();
  offsets.set(day, offset);
  return offset;
};

/**
 * No zone ever changed its clocks twice within three days, so a day that ends with the offset it began with has only that one.
 */
const offsetMs = (ms: number, timeZone: string): number => {
  const zone = zoneOf(timeZone);
  const day = Math.floor(ms / DAY_MS);
  const offset = offsetAt(day, zone);
  return offset === offsetAt(day + 1, zone) ? offset : askOffsetMs(ms, zone.format);
};

const askOffsetMs = (ms: number, format: Intl.DateTimeFormat): number => {
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of format.formatToParts(ms)) part[type] = value;
  const year = part.era === 'BC' ? 1 - Number(part.year) : Number(part.year);
  const wall = new Date(0);
  wall.setUTCFullYear(year, Number(part.month) - 1, Number(part.day));
  wall.setUTCHours(Number(part.hour), Number(part.minute), Number(part.second));
  return wall.getTime() - Math.floor(ms / 1000) * 1000;
};

// "Wall" below is the time on a clock in the zone, as milliseconds in which UTC would show the same.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const INSTANT = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

/** Four-digit years, so that text order is time order. */
const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Returns the instant after a duration, by the calendar of the zone: first years and months (31 January + P1M is the last of
 * February), then weeks and days, at the same time on the clock, then hours and minutes as they elapse. A time that daylight
 * saving skips moves forward by the gap; of one that occurs twice the earlier is used. Never later than the last instant with a
 * four-digit year. Throws RangeError on an invalid instant, duration or zone.
 */
export const plusDuration = (instant: string, duration: string, timeZone: string): string => {
  const parts = durationOf(duration);
  const elapsed = parts.hours * HOUR_MS + parts.minutes * MINUTE_MS;
  return textOf(plusDate(msOf(instant), parts, timeZone) + elapsed);
};

export const localDateOf = (instant: string, timeZone: string): string => dateOf(wallOf(msOf(instant), timeZone));

export const lastDayOf = (end: string, timeZone: string): string => localDateOf(textOf(msOf(end) - 1), timeZone);

/**
 * Returns how many calendar days lie between today and the last day before an end; 0: today is that day; negative: it is past.
 */
export const daysLeft = (end: string, now: string, timeZone: string): number =>
  Math.round((Date.parse(lastDayOf(end, timeZone)) - Date.parse(localDateOf(now, timeZone))) / DAY_MS);

export interface LocalMoment {
  readonly at: string;
  readonly date: string;
  readonly zone: string;
}

export const localMoment = (at: string, zone: string): LocalMoment => ({ at, date: localDateOf(at, zone), zone });

export const lastMomentOf = (date: string, zone: string, notAfter?: string): LocalMoment => {
  const last = textOf(msOf(endOfLocalDay(date, zone)) - 1);
  return { at: notAfter !== undefined && notAfter < last ? notAfter : last, date, zone };
};

export const startOfLocalDay = (date: string, timeZone: string): string => textOf(startOfDayMs(wallOfDate(date), timeZone));

/** Returns the first instant after a local date: intervals are half-open. */
export const endOfLocalDay = (date: string, timeZone: string): string =>
  textOf(startOfDayMs(wallOfDate(date) + DAY_MS, timeZone));

const LAST_DAY_MS = Date.parse('9999-12-31T00:00:00.000Z');

/**
 * Returns the first moment of the local day `days` after that of an instant (before it if negative), limited to days with four-digit
 * years.
 */
export const startOfDayFrom = (instant: string, days: number, timeZone: string): string => {
  const day = Math.floor(wallOf(msOf(instant), timeZone) / DAY_MS) * DAY_MS + days * DAY_MS;
  return textOf(startOfDayMs(Math.min(LAST_DAY_MS, Math.max(FIRST_MS, day)), timeZone));
};

/**
 * Parses an RFC 3339 instant with any offset, cut to milliseconds, or a bare date, which means the end of that day in the zone; undefined
 * for anything else.
 */
export const toInstant = (text: string, timeZone: string): string | undefined => {
  if (isDate(text)) return endOfLocalDay(text, timeZone);
  const found = INSTANT.exec(text);
  if (!found) return undefined;
  const [, date = '', time = '', fraction = '', sign, hours = '0', minutes = '0'] = found;
  const wall = `${date}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const wallMs = Date.parse(wall);
  // Date.parse accepts the 30th of February and 24:00, but writes the result differently.
  if (Number.isNaN(wallMs) || new Date(wallMs).toISOString() !== wall) return undefined;
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS);
  const ms = wallMs - offset;
  return ms < FIRST_MS || ms > LAST_MS ? undefined : textOf(ms);
};

/** Reports whether a date or instant is in the year 1900 or later; earlier ones are slips. */
export const isPlausibleYear = (text: string): boolean => /^(?:19|[2-9]\d)\d\d-/.test(text);

/** Parses as {@link toInstant} does, but a bare date means the beginning of that day. */
export const toBeginning = (text: string, timeZone: string): string | undefined =>
  isDate(text) ? startOfLocalDay(text, timeZone) : toInstant(text, timeZone);

const plusDate = (ms: number, { years, months, weeks, days }: Duration, timeZone: string): number => {
  const monthsToAdd = years * 12 + months;
  const daysToAdd = weeks * 7 + days;
  if (monthsToAdd === 0 && daysToAdd === 0) return ms;
  const wall = wallOf(ms, timeZone);
  return instantOf(plusMonths(wall, monthsToAdd) + daysToAdd * DAY_MS, timeZone);
};

const plusMonths = (wall: number, months: number): number => {
  const from = new Date(wall);
  const lastOfMonth = new Date(wall);
  lastOfMonth.setUTCFullYear(from.getUTCFullYear(), from.getUTCMonth() + months + 1, 0);
  const day = Math.min(from.getUTCDate(), lastOfMonth.getUTCDate());
  return lastOfMonth.setUTCDate(day);
};

const wallOf = (ms: number, timeZone: string): number => ms + offsetMs(ms, timeZone);

/** Returns two offsets that include the one at a wall time: no zone changes twice within two days. */
const offsetsAround = (wall: number, timeZone: string): readonly [number, number] => [
  offsetMs(wall - DAY_MS, timeZone),
  offsetMs(wall + DAY_MS, timeZone),
];

/** Returns the instants of a wall time, earliest first: none in a gap, two in an overlap. */
const instantsOf = (wall: number, timeZone: string): readonly number[] =>
  [...new Set(offsetsAround(wall, timeZone))].map((offset) => wall - offset).filter((ms) => wallOf(ms, timeZone) === wall);

const instantOf = (wall: number, timeZone: string): number => {
  const [earliest] = instantsOf(wall, timeZone);
  // In a gap, reading the clock as if it had not been put forward moves the time by the gap.
  return earliest ?? wall - offsetsAround(wall, timeZone)[0];
};

/** When midnight is skipped the day begins where the gap ends. */
const startOfDayMs = (midnight: number, timeZone: string): number => {
  const [earliest] = instantsOf(midnight, timeZone);
  if (earliest !== undefined) return earliest;
  let [before, after] = [midnight - DAY_MS, midnight + DAY_MS];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (wallOf(middle, timeZone) < midnight) before = middle;
    else after = middle;
  }
  return after;
};

const textOf = (ms: number): string => new Date(Math.min(LAST_MS, Math.max(FIRST_MS, ms))).toISOString();

const msOf = (instant: string): number => {
  const ms = Date.parse(instant);
  if (Number.isNaN(ms) || textOf(ms) !== instant) throw new RangeError(`not an instant in UTC with milliseconds: ${instant}`);
  return ms;
};

const dateOf = (wall: number): string => textOf(wall).slice(0, -'T00:00:00.000Z'.length);

export const isDate = (text: string): boolean => {
  if (!DATE.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00.000Z`);
  return !Number.isNaN(ms) && dateOf(ms) === text;
};

const wallOfDate = (date: string): number => {
  if (!isDate(date)) throw new RangeError(`not a date: ${date}`);
  return Date.parse(`${date}T00:00:00.000Z`);
};
