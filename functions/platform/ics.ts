// Wire format: RFC 5545.

/** Without the line break (section 3.1). */
const LINE_OCTETS_MAX = 75;

/** Section 3.3.11: no character can end the line, the value or the calendar. */
const escaped = (text: string): string =>
  text
    .replaceAll(/\r\n?|\n|\u2028|\u2029/g, '\n')
    .replaceAll(/(?!\n)\p{Cc}/gu, ' ')
    .replaceAll(/[\\;,]/g, '\\$&')
    .replaceAll('\n', '\\n');

/** Folds a line, never within a character. */
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

/** An event at an instant, or on a whole local `day`. */
interface CalendarEvent {
  readonly uid: string;
  readonly stamp: string;
  readonly at?: string;
  readonly day?: string;
  readonly summary: string;
  readonly description?: string;
  readonly url: string;
}

/** Returns an iCalendar file. `name`: of a calendar to subscribe to. */
export const icsFile = (events: readonly CalendarEvent[], name?: string): string => {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Aldergate//Calendar//EN',
    'CALSCALE:GREGORIAN',
    ...(name === undefined ? ['METHOD:PUBLISH'] : [`X-WR-CALNAME:${escaped(name)}`]),
    ...events.flatMap((event) => [
      'BEGIN:VEVENT',
      `UID:${escaped(event.uid)}`,
      `DTSTAMP:${stamp(event.stamp)}`,
      event.day === undefined
        ? `DTSTART:${stamp(event.at ?? event.stamp)}`
        : `DTSTART;VALUE=DATE:${event.day.replaceAll('-', '')}`,
      `SUMMARY:${escaped(event.summary)}`,
      ...(event.description === undefined ? [] : [`DESCRIPTION:${escaped(event.description)}`]),
      `URL:${event.url}`,
      'TRANSP:TRANSPARENT',
      'END:VEVENT',
    ]),
    'END:VCALENDAR',
  ];
  return `${lines.map(fold).join('\r\n')}\r\n`;
};
