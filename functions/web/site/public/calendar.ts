import type { Context } from 'hono';
import * as z from 'zod';
import { localDateOf } from '../../../../domain/kernel/zone.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { readRules } from '../../../gate/rules.ts';
import { capitalized } from '../../../platform/catalogue.ts';
import { decodeCursor, encodeCursor } from '../../../register/cursor.ts';
import { paging, requirePage } from '../../http/paging.ts';
import { json } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, fillText, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName } from '../names.ts';
import { linkIn, localeFor, render } from '../page.ts';
import { type CsvColumns, csv, formatLinks, withCursor } from '../parts/formats.ts';
import { monthAfter, monthTable } from '../parts/month.ts';
import { VendorQuery, vendorNames } from '../vendors.ts';
import { type ComingDate, comingDates, placeOf } from './dates.ts';
import { LimitQuery, queryOf, textUpTo } from './query.ts';

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
export const whatText = ({ words, bodySlots }: Locale, { what, body }: ComingDate, roster: Roster | null): string => {
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
