import type { Context } from 'hono';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { readRules } from '../../../gate/rules.ts';
import { capitalized } from '../../../platform/catalogue.ts';
import { icsFile } from '../../../platform/ics.ts';
import { decodeCursor } from '../../../register/lists.ts';
import { paging, requirePage } from '../../http/input.ts';
import { json } from '../../http/respond.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, fillText, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName, VendorQuery, vendorNames } from '../names.ts';
import { linkIn, localeFor, render } from '../page.ts';
import { pageOfTask, taskList } from '../parts/cityTasks.ts';
import { type CsvColumns, csv, formatLinks, withCursor } from '../parts/formats.ts';
import { type CalendarEntry, calendarEntries, urgentEntries, urgentTasks } from './calendarEntries.ts';
import { type Dates, type DatesOf, readDates, vendorsWithDates } from './dates.ts';
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

const whatText = (locale: Locale, entry: CalendarEntry, roster: Roster | null): string => {
  const { words, bodySlots } = locale;
  if ('task' in entry) return words.tasks.doing[entry.task.kind];
  const { what, body } = entry.date;
  return fillText(words.calendar[what], body === null ? {} : { ...bodySlots(bodyName(locale, roster, body)) });
};

const isEnd = ({ date: { what } }: CalendarEntry): boolean =>
  what !== 'opens' && what !== 'begins' && what !== 'effective' && what !== 'removed';

/** Returns why something has to be done, or what was recorded about it. */
const whyText = ({ words }: Locale, entry: CalendarEntry): string | undefined => {
  if ('task' in entry) return words.tasks.because[entry.task.because];
  const { optedOut } = entry.date;
  return optedOut === undefined ? undefined : words.calendar.optedOut[optedOut];
};

/** Returns the page of an entry, and what it is named by there. */
const subjectOf = (entry: CalendarEntry): { readonly page: string; readonly name: string } => {
  if ('task' in entry) return { page: pageOfTask(entry.task), name: entry.task.change ?? entry.task.key ?? entry.task.vendor };
  return { page: `/changes/${entry.date.change}`, name: entry.date.change };
};

const list = (context: Context, locale: Locale, entries: readonly CalendarEntry[], roster: Roster | null): Html => {
  const { words, deadline, moment } = locale;
  const rows = entries.map((entry) => {
    const { date } = entry;
    const { page, name } = subjectOf(entry);
    const why = whyText(locale, entry);
    return html`
<tr><th scope="row"><time datetime="${date.at}">${capitalized(isEnd(entry) ? deadline(date.at) : moment(date.at))}</time></th><td>${whatText(locale, entry, roster)}${why === undefined ? empty : html` <small>${why}</small>`}</td><td><a href="${linkIn(context, page)}">${foreign(date.title)}</a> <small><code>${name}</code></small></td></tr>`;
  });
  return html`
<table class="dates"><caption>${words.calendar.caption}</caption><thead><tr><th scope="col">${words.calendar.when}</th><th scope="col">${words.calendar.what}</th><th scope="col">${words.calendar.entry}</th></tr></thead><tbody>${rows}</tbody></table>`;
};

const URGENT_MAX = 20;

/** Renders what the city has to do at once, above the dates. */
const urgent = async (
  { ports }: SiteDeps,
  context: Context,
  locale: Locale,
  dates: Dates,
  { vendor, body }: DatesOf,
): Promise<Html> => {
  const w = locale.words.calendar;
  const { tasks, more } = body === undefined ? await urgentTasks(ports, dates, vendor, URGENT_MAX) : { tasks: [], more: false };
  if (tasks.length === 0) return empty;
  return html`
<section aria-labelledby="urgent-heading"><h2 id="urgent-heading">${w.urgent}</h2>${taskList(context, locale, tasks)}${more ? html`<p>${w.moreUrgent}</p>` : empty}</section>`;
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

const COLUMNS: CsvColumns<CalendarEntry> = {
  at: ({ date: { at } }) => at,
  what: ({ date: { what } }) => what,
  change: ({ date: { change } }) => change,
  title: ({ date: { title } }) => title,
  body: ({ date: { body } }) => body,
  because: (entry) => ('task' in entry ? entry.task.because : null),
  optedOut: (entry) => ('task' in entry ? null : (entry.date.optedOut ?? null)),
};

/** Answers with the calendar: what the city has to do, windows, deadlines, vetoes, ends of approvals and vendors' dates, soonest first. */
export const calendarPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const asked = queryOf(context, query);
  const { format, vendor, body, cursor } = asked;
  const limit = asked.limit ?? (format === 'html' ? DATES : DATA_DATES);
  const after = requirePage(decodeCursor(cursor));
  const dates = await readDates(deps);
  // The page shows what is urgent in a part of its own.
  const part = { urgent: format !== 'html', cursor: after, limit };
  const { entries, next } = requirePage(await calendarEntries(deps.ports, dates, { vendor, body }, part));
  if (format === 'json') return json({ items: entries.map(({ date }) => date), next });
  if (format === 'csv') return csv(COLUMNS, entries, next === null ? undefined : withCursor(context, next));
  const locale = localeFor(context, deps.ports.zone, deps.ports.clock());
  const { words } = locale;
  const { roster } = await readRules(deps.ports);
  const people = roster?.roster ?? null;
  const names = await vendorNames(deps, new Set([...vendorsWithDates(dates), ...(vendor === undefined ? [] : [vendor])]));
  const suffix = suffixOf({ vendor, body });
  const page = html`
<h1>${words.calendar.title}</h1>${filters(context, locale, asked, names, people)}
${cursor === undefined ? await urgent(deps, context, locale, dates, { vendor, body }) : empty}
${entries.length === 0 ? html`<p>${words.calendar.empty}</p>` : list(context, locale, entries, people)}
${next === null ? empty : html`<p><a rel="next" href="${withCursor(context, next)}">${words.find.more}</a></p>`}
${formatLinks(context, locale, [
  [`iCalendar: ${words.calendar.subscribe}`, `/calendar.ics${suffix}`],
  ['Atom', `/feed.atom${suffix}`],
])}`;
  return render(context, locale, { title: words.calendar.title, body: page, here: 'calendar' });
};

/** So many of what is urgent, and of what is to come: neither crowds out the other. */
const EVENTS_MAX = 1_000;

/** Answers with the calendar as iCalendar, filtered by vendor or body. */
export const calendarFile = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const { vendor, body } = queryOf(context, datesQuery);
  const locale = localeFor(context, deps.ports.zone, deps.ports.clock());
  const [read, { roster }] = await Promise.all([readDates(deps), readRules(deps.ports)]);
  const host = new URL(deps.ports.url).host;
  const [urgentOnes, coming] = await Promise.all([
    urgentEntries(deps.ports, read, { vendor, body }, { limit: EVENTS_MAX }),
    calendarEntries(deps.ports, read, { vendor, body }, { urgent: false, cursor: '', limit: EVENTS_MAX }),
  ]);
  const file = icsFile(
    [...urgentOnes, ...(coming?.entries ?? [])].map((entry) => {
      const { date } = entry;
      const { page, name } = subjectOf(entry);
      const id = 'task' in entry ? entry.name : `${name}-${date.what}${date.body === null ? '' : `-${date.body}`}`;
      return {
        uid: `${id}@${host}`,
        stamp: date.since,
        at: date.at,
        summary: `${whatText(locale, entry, roster?.roster ?? null)}: ${date.title}`,
        description: [name, whyText(locale, entry) ?? []].flat().join('\n'),
        url: `${deps.ports.url}${page}`,
      };
    }),
    locale.words.calendar.name,
  );
  return new Response(file, {
    headers: { 'content-type': 'text/calendar; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  });
};
