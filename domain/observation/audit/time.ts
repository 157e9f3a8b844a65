const US = /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? +(\d{1,2}):(\d\d)(?::(\d\d))? *(AM|PM)?(?: *(?:UTC|GMT|Z))?$/i;
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?)?(?: *(Z|UTC|[+-]\d\d:?\d\d))?$/i;

const instant = (text: string): string | undefined => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  const found = new Date(ms).toISOString();
  // Date.parse moves a 30th of February into March.
  return /[Z]$/.test(text) && found.slice(0, 10) !== text.slice(0, 10) ? undefined : found;
};

const hour24 = (hour: number, half: string | undefined): number =>
  half === undefined ? hour : (hour % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);

const two = (n: number | string): string => String(n).padStart(2, '0');

/**
 * Parses the instant in a cell, in the forms seen in exports (`06/18/2025, 01:02:03 PM UTC`, `2025-06-18 13:02:03.789`, ISO
 * 8601); undefined for anything else. A time without a zone is read as UTC.
 */
export const timeOf = (cell: string): string | undefined => {
  const text = cell.trim();
  const us = US.exec(text);
  if (us !== null) {
    const [, month = '', day = '', year = '', hour = '', minute = '', second = '00', half] = us;
    if (half !== undefined && (Number(hour) < 1 || Number(hour) > 12)) return undefined;
    return instant(`${year}-${two(month)}-${two(day)}T${two(hour24(Number(hour), half))}:${minute}:${second}Z`);
  }
  const iso = ISO.exec(text);
  if (iso === null) return undefined;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', zone = 'Z'] = iso;
  return instant(`${year}-${month}-${day}T${hour}:${minute}:${second}${/^[+-]/.test(zone) ? zone : 'Z'}`);
};
