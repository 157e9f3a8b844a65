import type { Context } from 'hono';
import { localDateOf } from '../../../../domain/kernel/zone.ts';
import { dateFormat } from '../../../platform/formatters.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { linkIn } from '../page.ts';

/** A date in the month's table. `isEnd`: something ends at that instant, so midnight belongs to the day before. */
export interface Dated {
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
export const monthAfter = (month: string, count: number): string => {
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
export const monthTable = (context: Context, locale: Locale, month: string, dates: readonly Dated[]): Html => {
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
