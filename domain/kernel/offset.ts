/** A server has one zone; tests and tools have a few. Making a formatter is slow, so they are kept, up to this many. */
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

/** Intl also takes offsets such as `+01:00`, which have no daylight saving and are no zone's name. */
const isName = (timeZone: string): boolean => timeZone.length <= NAME_CHARS_MAX && /^[A-Za-z]/.test(timeZone);

/** Whether this is a time zone of the IANA database that this runtime knows. */
export const isZone = (timeZone: string): boolean => {
  try {
    return formatOf(timeZone) !== undefined;
  } catch {
    return false;
  }
};

/** How far the zone's clocks are ahead of UTC at an instant (both in milliseconds). Throws RangeError on an unknown zone. */
export const offsetMs = (ms: number, timeZone: string): number => {
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(ms)) part[type] = value;
  const year = part.era === 'BC' ? 1 - Number(part.year) : Number(part.year);
  const wall = new Date(0);
  wall.setUTCFullYear(year, Number(part.month) - 1, Number(part.day));
  wall.setUTCHours(Number(part.hour), Number(part.minute), Number(part.second));
  return wall.getTime() - Math.floor(ms / 1000) * 1000;
};
