// Wire format: RFC 5545.
import type { Context } from 'hono';
import { readRules } from '../../../gate/rules.ts';
import type { SiteDeps } from '../deps.ts';
import { localeFor } from '../page.ts';
import { datesQuery, whatText } from './calendar.ts';
import { comingDates } from './dates.ts';
import { queryOf } from './query.ts';

/** Octets of a line without its line break (section 3.1). */
const LINE_OCTETS_MAX = 75;

/** Most dates in one file, the soonest first. */
const EVENTS_MAX = 1_000;

/** Escapes a text value (section 3.3.11), so that no character of it can end the line, the value or the calendar. */
const escaped = (text: string): string =>
  text
    .replaceAll(/\r\n?|\n|\u2028|\u2029/g, '\n')
    .replaceAll(/(?!\n)\p{Cc}/gu, ' ')
    .replaceAll(/[\\;,]/g, '\\$&')
    .replaceAll('\n', '\\n');

/** Folds a line at 75 octets, never within a character. */
const fold = (line: string): string => {
  if (Buffer.byteLength(line) <= LINE_OCTETS_MAX) return line;
  const lines: string[] = [];
  let [current, octets] = ['', 0];
  for (const char of line) {
    const size = Buffer.byteLength(char);
    if (octets + size > LINE_OCTETS_MAX) {
      lines.push(current);
      [current, octets] = [' ', 1];
    }
    current += char;
    octets += size;
  }
  return [...lines, current].join('\r\n');
};

const stamp = (instant: string): string => `${instant.slice(0, 19).replaceAll(/[-:]/g, '')}Z`;

/** Answers with the calendar as iCalendar, filtered by vendor or body. */
export const calendarFile = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const { vendor, body } = queryOf(context, datesQuery);
  const locale = localeFor(context, deps.ports.zone, deps.ports.clock());
  const [dates, { roster }] = await Promise.all([comingDates(deps, { vendor, body }), readRules(deps.ports)]);
  const host = new URL(deps.ports.url).host;
  const events = dates
    .after('', EVENTS_MAX)
    .flatMap((date) => [
      'BEGIN:VEVENT',
      `UID:${escaped(`${date.change}-${date.what}${date.body === null ? '' : `-${date.body}`}@${host}`)}`,
      `DTSTAMP:${stamp(date.since)}`,
      `DTSTART:${stamp(date.at)}`,
      `SUMMARY:${escaped(`${whatText(locale, date, roster?.roster ?? null)}: ${date.title}`)}`,
      `DESCRIPTION:${escaped(date.change)}`,
      `URL:${deps.ports.url}/changes/${date.change}`,
      'TRANSP:TRANSPARENT',
      'END:VEVENT',
    ]);
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Aldergate//Calendar//EN',
    'CALSCALE:GREGORIAN',
    `X-WR-CALNAME:${escaped(locale.words.month.name)}`,
    ...events,
    'END:VCALENDAR',
  ];
  return new Response(`${lines.map(fold).join('\r\n')}\r\n`, {
    headers: { 'content-type': 'text/calendar; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  });
};
