import type { Context } from 'hono';
import type { Roster } from '../../../domain/roster/schema.ts';
import { readRules } from '../../gate/rules.ts';
import { json } from '../../http/respond.ts';
import { csv } from '../csv.ts';
import type { SiteDeps } from '../deps.ts';
import { fillText, foreign, html } from '../html.ts';
import { bodyName } from '../names.ts';
import { linkIn, render, voiceFor } from '../page.ts';
import type { Voice } from '../voice.ts';
import { type ComingDate, comingDates } from './dates.ts';
import { formatLinks } from './formats.ts';
import { queryOf } from './query.ts';

const whatText = ({ words }: Voice, { what, body }: ComingDate, roster: Roster | null): string =>
  what === 'deadline' ? fillText(words.calendar.deadline, { body: bodyName(roster, body ?? '') }) : words.calendar[what];

/** What closes when: windows, deadlines, vetoes and approvals, soonest first. */
export const calendarPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const { format } = queryOf(context, {});
  const dates = await comingDates(deps);
  if (format === 'json') return json({ items: dates, next: null });
  if (format === 'csv')
    return csv(
      ['at', 'what', 'change', 'title', 'body'],
      dates.map(({ at, what, change, title, body }) => [at, what, change, title, body]),
    );
  const voice = voiceFor(context, deps.ports.zone, deps.ports.clock());
  const { words, until, dateTime } = voice;
  const { roster } = await readRules(deps.ports);
  const rows = dates.map(
    (date) => html`
<tr><th scope="row"><time datetime="${date.at}">${date.what === 'opens' ? dateTime(date.at) : until(date.at)}</time></th><td>${whatText(voice, date, roster?.roster ?? null)}</td><td><a href="${linkIn(context, `/changes/${date.change}`)}">${foreign(date.title)}</a> <small><code>${date.change}</code></small></td></tr>`,
  );
  const table = html`
<table><caption>${words.calendar.caption}</caption><thead><tr><th scope="col">${words.calendar.when}</th><th scope="col">${words.calendar.what}</th><th scope="col">${words.calendar.entry}</th></tr></thead><tbody>${rows}</tbody></table>`;
  const body = html`
<h1>${words.calendar.title}</h1>${rows.length === 0 ? html`<p>${words.calendar.empty}</p>` : table}
${formatLinks(context, voice, [[`iCalendar: ${words.calendar.subscribe}`, '/calendar.ics']])}`;
  return render(context, voice, { title: words.calendar.title, body, wide: true, here: 'calendar' });
};

const escaped = (text: string): string => text.replaceAll(/[\\;,]/g, '\\$&').replaceAll(/\r?\n/g, '\\n');

/** RFC 5545, section 3.1: lines of at most 75 octets, going on after a space; never within a character. */
const fold = (line: string): string => {
  const lines: string[] = [];
  let current = '';
  for (const char of line) {
    if (Buffer.byteLength(current + char) > (lines.length === 0 ? 75 : 74)) {
      lines.push(current);
      current = '';
    }
    current += char;
  }
  return [...lines, current].join('\r\n ');
};

const stamp = (instant: string): string => `${instant.slice(0, 19).replaceAll(/[-:]/g, '')}Z`;

/** The same as an iCalendar file to subscribe to. */
export const calendarFile = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const voice = voiceFor(context, deps.ports.zone, deps.ports.clock());
  const [dates, { roster }] = await Promise.all([comingDates(deps), readRules(deps.ports)]);
  const host = new URL(deps.ports.url).host;
  const events = dates.flatMap((date) => [
    'BEGIN:VEVENT',
    `UID:${date.change}-${date.what}${date.body === null ? '' : `-${date.body}`}@${host}`,
    `DTSTAMP:${stamp(date.since)}`,
    `DTSTART:${stamp(date.at)}`,
    `SUMMARY:${escaped(`${whatText(voice, date, roster?.roster ?? null)}: ${date.title}`)}`,
    `DESCRIPTION:${escaped(date.change)}`,
    `URL:${deps.ports.url}/changes/${date.change}`,
    'END:VEVENT',
  ]);
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Aldergate//Calendar//EN',
    `X-WR-CALNAME:${escaped(voice.words.calendar.title)}`,
    ...events,
    'END:VCALENDAR',
  ];
  return new Response(`${lines.map(fold).join('\r\n')}\r\n`, {
    headers: { 'content-type': 'text/calendar; charset=utf-8', 'cache-control': 'no-store' },
  });
};
