import type { Context } from 'hono';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { readRules } from '../../../gate/rules.ts';
import { capitalized } from '../../../platform/catalogue.ts';
import { icsFile } from '../../../platform/ics.ts';
import { decodeCursor, encodeCursor } from '../../../register/lists.ts';
import { paging, requirePage } from '../../http/input.ts';
import { json } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, fillText, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName, VendorQuery, vendorNames } from '../names.ts';
import { linkIn, localeFor, render } from '../page.ts';
import { type CsvColumns, csv, formatLinks, withCursor } from '../parts/formats.ts';
import { type ComingDate, comingDates, type DatesOf, placeOf, readDates, vendorsWithDates } from './dates.ts';
import { LimitQuery, queryOf, textUpTo } from './query.ts';

/** Filters of dates: by vendor, and by the body that must act. */
export const datesQuery = { vendor: VendorQuery, body: textUpTo(100) };

const query = {
  ...datesQuery,
  cursor: paging.cursor,
  limit: LimitQuery,
};

const DATES = 50;
const DATA_DATES = 100;

/** Returns the query string with the filters that are set. */
export const suffixOf = (filters: Readonly<Record<string, string | undefined>>): string => {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(filters)) if (value !== undefined) params.set(name, value);
  return params.size === 0 ? '' : `?${params}`;
};

const whatText = (locale: Locale, { what, body }: ComingDate, roster: Roster | null): string =>
  fillText(locale.words.calendar[what], body === null ? {} : { ...locale.bodySlots(bodyName(locale, roster, body)) });

const isEnd = ({ what }: ComingDate): boolean =>
  what !== 'opens' && what !== 'begins' && what !== 'effective' && what !== 'removed';

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
  locale: Locale,
  { vendor, body }: DatesOf,
  names: ReadonlyMap<string, string>,
  roster: Roster | null,
): Html => {
  const { words, language } = locale;
  const lang = context.req.query('lang') === undefined ? empty : html`<input type="hidden" name="lang" value="${language}">`;
  const select = (
    name: string,
    label: string,
    chosen: string | undefined,
    choices: readonly (readonly [string, string])[],
  ): Html =>
    html`
<div><label for="${name}">${label}</label><select id="${name}" name="${name}"><option value="">${words.calendar.everyone}</option>${choices.map(([value, text]) => html`<option value="${value}"${value === chosen ? html` selected` : empty}>${text}</option>`)}</select></div>`;
  const bodies = Object.keys(roster?.bodies ?? {}).map((id) => [id, bodyName(locale, roster, id)] as const);
  return html`
<form class="find" method="get" action="${context.req.path}" aria-label="${words.calendar.filter}">${lang}${select('vendor', words.calendar.vendor, vendor, [...names])}${select('body', words.calendar.body, body, bodies)}
<button type="submit" class="quiet">${words.calendar.go}</button></form>`;
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
  const dates = await readDates(deps);
  const found = comingDates(dates, { vendor, body }, after, limit + 1);
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const next = found.length > limit && last !== undefined ? encodeCursor(placeOf(last)) : null;
  if (format === 'json') return json({ items: shown, next });
  if (format === 'csv') return csv(COLUMNS, shown, next === null ? undefined : withCursor(context, next));
  const locale = localeFor(context, deps.ports.zone, deps.ports.clock());
  const { words } = locale;
  const { roster } = await readRules(deps.ports);
  const people = roster?.roster ?? null;
  const names = await vendorNames(deps, new Set([...vendorsWithDates(dates), ...(vendor === undefined ? [] : [vendor])]));
  const suffix = suffixOf({ vendor, body });
  const page = html`
<h1>${words.calendar.title}</h1>${filters(context, locale, asked, names, people)}
${shown.length === 0 ? html`<p>${words.calendar.empty}</p>` : list(context, locale, shown, people)}
${next === null ? empty : html`<p><a rel="next" href="${withCursor(context, next)}">${words.find.more}</a></p>`}
${formatLinks(context, locale, [
  [`iCalendar: ${words.calendar.subscribe}`, `/calendar.ics${suffix}`],
  ['Atom', `/feed.atom${suffix}`],
])}`;
  return render(context, locale, { title: words.calendar.title, body: page, here: 'calendar' });
};

const EVENTS_MAX = 1_000;

/** Answers with the calendar as iCalendar, filtered by vendor or body. */
export const calendarFile = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const { vendor, body } = queryOf(context, datesQuery);
  const locale = localeFor(context, deps.ports.zone, deps.ports.clock());
  const [read, { roster }] = await Promise.all([readDates(deps), readRules(deps.ports)]);
  const host = new URL(deps.ports.url).host;
  const file = icsFile(
    comingDates(read, { vendor, body }, '', EVENTS_MAX).map((date) => ({
      uid: `${date.change}-${date.what}${date.body === null ? '' : `-${date.body}`}@${host}`,
      stamp: date.since,
      at: date.at,
      summary: `${whatText(locale, date, roster?.roster ?? null)}: ${date.title}`,
      description: date.change,
      url: `${deps.ports.url}/changes/${date.change}`,
    })),
    locale.words.calendar.name,
  );
  return new Response(file, {
    headers: { 'content-type': 'text/calendar; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  });
};
