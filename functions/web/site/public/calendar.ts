import type { Context } from 'hono';
import * as z from 'zod';
import { localDateOf } from '../../../../domain/kernel/zone.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { readRules } from '../../../gate/rules.ts';
import { capitalized, dateFormat } from '../../../platform/catalogue.ts';
import { decodeCursor, encodeCursor } from '../../../register/lists.ts';
import { paging, requirePage } from '../../http/input.ts';
import { json } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, fillText, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName, VendorQuery, vendorNames } from '../names.ts';
import { linkIn, localeFor, render } from '../page.ts';
import { type CsvColumns, csv, formatLinks, withCursor } from '../parts/formats.ts';
import { type ComingDate, comingDates, placeOf } from './dates.ts';
import { LimitQuery, queryOf, textUpTo } from './query.ts';

/** A date in the month's table. `isEnd`: something ends at that instant, so midnight belongs to the day before. */
interface Dated {
  readonly at: string;
  readonly isEnd: boolean;
  readonly text: string;
  readonly change: string;
  readonly title: string;
}

/** Most dates shown for one day; the list below has all. */
const SHOWN_MAX = 3;
const DAYS = 7;

/** Returns the local day on which a date is shown. */
const dayOf = ({ at, isEnd }: Dated, zone: string): string =>
  localDateOf(isEnd ? new Date(Date.parse(at) - 1).toISOString() : at, zone);

const dayIn = (year: number, month: number, day: number): string =>
  new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);

/** Returns the month `count` months later: `2026-12` plus one is `2027-01`. */
const monthAfter = (month: string, count: number): string => {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return dayIn(year, number + count, 1).slice(0, 7);
};

/** Returns the first day of the week in a language's region; 0 is Sunday. */
const firstDayOf = (language: string): number => {
  const locale = new Intl.Locale(language) as Intl.Locale & { getWeekInfo?: () => { firstDay: number } };
  return (locale.getWeekInfo?.().firstDay ?? 1) % DAYS;
};

const cell = (context: Context, locale: Locale, day: string, month: string, dates: readonly Dated[]): Html => {
  const { words, count, now, zone } = locale;
  if (!day.startsWith(month)) return html`<td class="other"></td>`;
  const today = day === localDateOf(now, zone);
  const shown = dates
    .slice(0, SHOWN_MAX)
    .map(
      ({ text, change, title }) =>
        html`<li><a href="${linkIn(context, `/changes/${change}`)}">${foreign(title)}</a> <small>${text}</small></li>`,
    );
  const more =
    dates.length > SHOWN_MAX ? html`<li><small>${count(words.month, 'more', dates.length - SHOWN_MAX)}</small></li>` : empty;
  const list = dates.length === 0 ? empty : html`<ul>${shown}${more}</ul>`;
  return html`<td${today ? html` class="today" aria-current="date"` : empty}><time datetime="${day}">${Number(day.slice(8))}${today ? html` <small>${words.month.today}</small>` : empty}</time>${list}</td>`;
};

/** Renders a month as a table of weeks, on wide screens; the list beside it has the same dates and more. */
const monthTable = (context: Context, locale: Locale, month: string, dates: readonly Dated[]): Html => {
  const { language, zone } = locale;
  const [year = 0, number = 1] = month.split('-').map(Number);
  const first = firstDayOf(language);
  const lead = (new Date(`${month}-01T00:00:00Z`).getUTCDay() - first + DAYS) % DAYS;
  const length = new Date(Date.UTC(year, number, 0)).getUTCDate();
  const byDay = Map.groupBy(dates, (date) => dayOf(date, zone));
  const format = (options: Intl.DateTimeFormatOptions) => dateFormat(language, { ...options, timeZone: 'UTC' });
  const heads = Array.from({ length: DAYS }, (_, index) => new Date(Date.UTC(2023, 0, 1 + first + index)));
  const weeks = Array.from({ length: Math.ceil((lead + length) / DAYS) }, (_, week) =>
    Array.from({ length: DAYS }, (__, index) => dayIn(year, number, 1 - lead + week * DAYS + index)),
  );
  return html`
<table class="month"><caption>${format({ month: 'long', year: 'numeric' }).format(new Date(`${month}-01T00:00:00Z`))}</caption><thead><tr>${heads.map(
    (head) =>
      html`<th scope="col"><abbr title="${format({ weekday: 'long' }).format(head)}">${format({ weekday: 'short' }).format(head)}</abbr></th>`,
  )}</tr></thead><tbody>${weeks.map((days) => html`<tr>${days.map((day) => cell(context, locale, day, month, byDay.get(day) ?? []))}</tr>`)}</tbody></table>`;
};

/** Filters of dates: by vendor, and by the body that must act. */
export const datesQuery = { vendor: VendorQuery, body: textUpTo(100) };

const query = {
  ...datesQuery,
  month: z
    .string()
    .regex(/^(19|2\d)\d\d-(0[1-9]|1[0-2])$/, 'is not a month such as 2026-04')
    .optional(),
  cursor: paging.cursor,
  limit: LimitQuery,
};

/** Dates on a page; data has a hundred by default. */
const DATES = 50;
const DATA_DATES = 100;
const DAY_MS = 86_400_000;

/** Returns the query string with the filters that are set. */
export const suffixOf = (filters: Readonly<Record<string, string | undefined>>): string => {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(filters)) if (value !== undefined) params.set(name, value);
  return params.size === 0 ? '' : `?${params}`;
};

/** Returns what a date is, without its title. */
const whatText = ({ words, bodySlots }: Locale, { what, body }: ComingDate, roster: Roster | null): string => {
  if (what === 'deadline') return fillText(words.calendar.deadline, { ...bodySlots(bodyName(roster, body ?? '')) });
  return what === 'effective' || what === 'removed' ? words.month[what] : words.calendar[what];
};

/** Returns instants that enclose the days of a month in every time zone. */
const instantsAround = (month: string): readonly [string, string] => {
  const [first, next] = [month, monthAfter(month, 1)].map((each) => Date.parse(`${each}-01T00:00:00.000Z`));
  return [new Date((first ?? 0) - DAY_MS).toISOString(), new Date((next ?? 0) + DAY_MS).toISOString()];
};

const isEnd = ({ what }: ComingDate): boolean =>
  what !== 'opens' && what !== 'begins' && what !== 'effective' && what !== 'removed';

const withParams = (context: Context, params: Readonly<Record<string, string | null>>): string => {
  const url = new URL(context.req.url);
  for (const [name, value] of Object.entries(params)) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return `${url.pathname}${url.search}`;
};

const list = (context: Context, locale: Locale, dates: readonly ComingDate[], roster: Roster | null): Html => {
  const { words, deadline, moment } = locale;
  const rows = dates.map(
    (date) => html`
<tr><th scope="row"><time datetime="${date.at}">${capitalized(isEnd(date) ? deadline(date.at) : moment(date.at))}</time></th><td>${whatText(locale, date, roster)}</td><td><a href="${linkIn(context, `/changes/${date.change}`)}">${foreign(date.title)}</a> <small><code>${date.change}</code></small></td></tr>`,
  );
  return html`
<table class="dates"><caption>${words.calendar.caption}</caption><thead><tr><th scope="col">${words.calendar.when}</th><th scope="col">${words.calendar.what}</th><th scope="col">${words.calendar.entry}</th></tr></thead><tbody>${rows}</tbody></table>`;
};

const filters = (
  context: Context,
  { words, language }: Locale,
  { vendor, body, month }: { vendor?: string | undefined; body?: string | undefined; month?: string | undefined },
  names: ReadonlyMap<string, string>,
  roster: Roster | null,
): Html => {
  const hidden = Object.entries({ month, lang: context.req.query('lang') === undefined ? undefined : language });
  const select = (
    name: string,
    label: string,
    chosen: string | undefined,
    choices: readonly (readonly [string, string])[],
  ): Html =>
    html`
<div><label for="${name}">${label}</label><select id="${name}" name="${name}"><option value="">${words.month.everyone}</option>${choices.map(([value, text]) => html`<option value="${value}"${value === chosen ? html` selected` : empty}>${text}</option>`)}</select></div>`;
  const bodies = Object.keys(roster?.bodies ?? {}).map((id) => [id, bodyName(roster, id)] as const);
  return html`
<form class="find" method="get" action="${context.req.path}" aria-label="${words.month.filter}">${hidden.map(([name, value]) => (value === undefined ? empty : html`<input type="hidden" name="${name}" value="${value}">`))}${select('vendor', words.month.vendor, vendor, [...names])}${select('body', words.month.body, body, bodies)}
<button type="submit" class="quiet">${words.month.go}</button></form>`;
};

const months = (context: Context, locale: Locale, month: string, dates: readonly ComingDate[], roster: Roster | null): Html => {
  const { words, now, zone } = locale;
  const shown = dates.map((date) => ({ ...date, isEnd: isEnd(date), text: whatText(locale, date, roster) }));
  const earlier =
    month > localDateOf(now, zone).slice(0, 7)
      ? html`<a rel="prev" href="${withParams(context, { month: monthAfter(month, -1) })}">${words.month.previous}</a> `
      : empty;
  return html`
<section class="months" aria-label="${words.calendar.title}">${monthTable(context, locale, month, shown)}
<p class="formats">${earlier}<a rel="next" href="${withParams(context, { month: monthAfter(month, 1) })}">${words.month.next}</a></p></section>`;
};

const COLUMNS: CsvColumns<ComingDate> = {
  at: ({ at }) => at,
  what: ({ what }) => what,
  change: ({ change }) => change,
  title: ({ title }) => title,
  body: ({ body }) => body,
};

/** Answers with the calendar: windows, deadlines, vetoes, ends of approvals and vendors' dates, soonest first. */
export const calendarPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const asked = queryOf(context, query);
  const { format, vendor, body, cursor } = asked;
  const limit = asked.limit ?? (format === 'html' ? DATES : DATA_DATES);
  const after = requirePage(decodeCursor(cursor));
  const dates = await comingDates(deps, { vendor, body });
  const found = dates.after(after, limit + 1);
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const next = found.length > limit && last !== undefined ? encodeCursor(placeOf(last)) : null;
  if (format === 'json') return json({ items: shown, next });
  if (format === 'csv') return csv(COLUMNS, shown, next === null ? undefined : withCursor(context, next));
  const locale = localeFor(context, deps.ports.zone, deps.ports.clock());
  const { words, now, zone } = locale;
  const { roster } = await readRules(deps.ports);
  const people = roster?.roster ?? null;
  const names = await vendorNames(deps, [...new Set([...dates.vendors(), ...(vendor === undefined ? [] : [vendor])])].sort());
  const month = asked.month ?? localDateOf(now, zone).slice(0, 7);
  const suffix = suffixOf({ vendor, body });
  const page = html`
<h1>${words.calendar.title}</h1>${filters(context, locale, asked, names, people)}
${months(context, locale, month, dates.between(...instantsAround(month)), people)}
${shown.length === 0 ? html`<p>${words.calendar.empty}</p>` : list(context, locale, shown, people)}
${next === null ? empty : html`<p><a rel="next" href="${withCursor(context, next)}">${words.find.more}</a></p>`}
${formatLinks(context, locale, [
  [`iCalendar: ${words.calendar.subscribe}`, `/calendar.ics${suffix}`],
  ['Atom', `/feed.atom${suffix}`],
])}`;
  return render(context, locale, { title: words.calendar.title, body: page, wide: true, here: 'calendar' });
};

// Wire format: RFC 5545.

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
