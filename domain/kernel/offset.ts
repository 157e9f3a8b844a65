/** Maximum cached formatters. Creating one is slow; a server has one zone, tests and tools have a few. */
const FORMATS_MAX = 64;
const NAME_CHARS_MAX = 64;

const formats = new Map<string, Intl.DateTimeFormat>();

const makeFormat = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-US', {
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
  });

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known) return known;
  if (!isName(timeZone)) throw new RangeError(`not an IANA time zone: ${timeZone}`);
  const format = makeFormat(timeZone);
  if (formats.size >= FORMATS_MAX) formats.clear();
  formats.set(timeZone, format);
  return format;
};

/** Reports whether this is a zone name: Intl also accepts offsets such as `+01:00`, which have no daylight saving. */
const isName = (timeZone: string): boolean => timeZone.length <= NAME_CHARS_MAX && /^[A-Za-z]/.test(timeZone);

/** Reports whether this is a time zone of the IANA database that this runtime knows. */
export const isZone = (timeZone: string): boolean => {
  try {
    return formatOf(timeZone) !== undefined;
  } catch {
    return false;
  }
};

/**
 * The cache interval. Since 1973 every zone has changed its clocks at a full quarter of an hour of UTC (Liberia's odd offset
 * ended in 1972), so within one the offset is constant. Asking Intl takes longer than the rest of a decision, and the quarters
 * around now are needed repeatedly.
 */
const QUARTER_MS = 15 * 60_000;
const QUARTERS_FROM_MS = Date.UTC(1973, 0);
const QUARTERS_MAX = 4_096;

const quarters = new Map<string, number>();

/**
 * Returns the offset of the zone's clocks from UTC at an instant (both in milliseconds). Throws RangeError on an unknown zone.
 */
export const offsetMs = (ms: number, timeZone: string): number => {
  if (ms < QUARTERS_FROM_MS) return askOffsetMs(ms, timeZone);
  const quarter = `${Math.floor(ms / QUARTER_MS)} ${timeZone}`;
  const known = quarters.get(quarter);
  if (known !== undefined) return known;
  const offset = askOffsetMs(ms, timeZone);
  if (quarters.size >= QUARTERS_MAX) quarters.clear();
  quarters.set(quarter, offset);
  return offset;
};

const askOffsetMs = (ms: number, timeZone: string): number => {
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(ms)) part[type] = value;
  const year = part.era === 'BC' ? 1 - Number(part.year) : Number(part.year);
  const wall = new Date(0);
  wall.setUTCFullYear(year, Number(part.month) - 1, Number(part.day));
  wall.setUTCHours(Number(part.hour), Number(part.minute), Number(part.second));
  return wall.getTime() - Math.floor(ms / 1000) * 1000;
};
