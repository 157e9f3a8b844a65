import type { Context } from 'hono';
import { type Task, taskIdentity } from '../../../../domain/derived/record.ts';
import { approvalNeverBeginning, lingeringOf, standingWords } from '../../../../domain/feature/arrival.ts';
import { nextBeginning } from '../../../../domain/feature/due.ts';
import { changeId, changeNamed } from '../../../../domain/feature/keys.ts';
import { hasChoice, type OptOutStanding } from '../../../../domain/feature/optOut.ts';
import {
  type ChangeState,
  type ChangeStatus,
  type FeatureState,
  inForceIn,
  isOpen,
  lapsesAt,
  openChanges,
  requirementsOf,
  waitingApproval,
} from '../../../../domain/feature/state.ts';
import { ascending, partitionPoint } from '../../../../domain/kernel/order.ts';
import { lastDayOf, localDateOf } from '../../../../domain/kernel/zone.ts';
import { withLateness } from '../../../gate/feature.ts';
import { lateText, taskName } from '../../../platform/acts.ts';
import { capitalized, fillText } from '../../../platform/catalogue.ts';
import { icsFile } from '../../../platform/ics.ts';
import { tasksByDay, URGENT, WITH_TIME } from '../../../register/derived/records.ts';
import { type ChangeLine, titleOfChange } from '../../../register/documents.ts';
import { allFeatures, decodeCursor, encodeCursor } from '../../../register/lists.ts';
import type { FacetOf, FeatureRow } from '../../../register/rows.ts';
import { paging, requirePage } from '../../http/input.ts';
import type { SiteDeps, SitePorts } from '../deps.ts';
import { type Html, html, tableHead, untrustedText } from '../html.ts';
import { bodySlotsOf, type CityLocale, type Locale } from '../locale.ts';
import { cityLocaleAt, render, restoredNote } from '../page.ts';
import { pageOfTask } from '../parts/seen.ts';
import { csv, formatLinks, LimitQuery, listData, pageCursors, pageLinks, queryOf, SUBSCRIBED } from '../query.ts';

const query = { cursor: paging.cursor, limit: LimitQuery };

const ENTRIES = 50;
const DATA_ENTRIES = 100;

const whatText = (locale: CityLocale, { date: { what, body }, task }: CalendarEntry): string => {
  const { words } = locale;
  if (task !== undefined) return taskName(words.tasks, task);
  return fillText(words.calendar[what as What], body === null ? {} : bodySlotsOf(locale, body));
};

const BEGINNINGS: readonly string[] = ['opens', 'begins', 'effective', 'removed'] satisfies What[];

const whyText = ({ words }: Locale, { date: { because, optedOut } }: CalendarEntry): string | undefined =>
  because === undefined ? optedOut && words.decide.optOut.standing[optedOut] : words.tasks.because[because];

const subjectOf = ({ date: { change }, task }: CalendarEntry): { readonly page: string; readonly name: string } =>
  task === undefined
    ? { page: `/changes/${change}`, name: change ?? '' }
    : { page: pageOfTask(task), name: change ?? task.key ?? task.vendor };

const list = (locale: CityLocale, entries: readonly CalendarEntry[]): Html => {
  const { words, deadline, moment } = locale;
  const rows = entries.map((entry) => {
    const { date } = entry;
    const { page, name } = subjectOf(entry);
    const begins = BEGINNINGS.includes(date.what);
    const when = capitalized(begins ? fillText(words.effect.atTime, { when: moment(date.at) }) : deadline(date.at));
    const due =
      date.at <= locale.now && html`<b>${lateText(words.tasks, locale.language, locale, { ...locale, by: date.at })}</b> `;
    const why = whyText(locale, entry);
    return html`
<tr><th scope="row">${locale.time(date.at, when)}</th>
<td>${whatText(locale, entry)}${why !== undefined && html`<br><small>${due}${why}</small>`}</td>
<td><a href="${locale.href(page)}">${untrustedText(date.title)}</a> <small><code>${name}</code></small></td></tr>`;
  });
  return html`
<table class="dates"><caption>${words.calendar.caption}</caption>
${tableHead(words.decide.receipt.when, words.what, words.calendar.entry)}<tbody>${rows}</tbody></table>`;
};

const COLUMNS = ['at', 'what', 'change', 'title', 'body', 'because', 'optedOut'] as const;

export const calendarPage = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const { format, cursor, limit: asked } = queryOf(context, query);
  const cursors = pageCursors(context);
  const limit = asked ?? (format === 'html' ? ENTRIES : DATA_ENTRIES);
  const after = requirePage(decodeCursor(cursors.read(cursor)));
  const dates = await readDates(deps);
  const { entries, next: following } = await calendarEntries(deps.ports, dates, { after, limit });
  const next = following && cursors.write(encodeCursor(following));
  const items = entries.map(({ date }) => date);
  if (format !== 'html') return listData(deps, format, { items, next }, () => csv(context, COLUMNS, items, next));
  const locale = await cityLocaleAt(deps, context);
  const { words } = locale;
  const page = html`
<h1>${words.calendar.title}</h1>${await restoredNote(deps, locale)}
${entries.length === 0 ? html`<p>${words.calendar.empty}</p>` : list(locale, entries)}
${pageLinks(context, locale, next)}
${formatLinks(context, locale, SUBSCRIBED)}`;
  return render(context, locale, { title: words.calendar.title, body: page, here: 'calendar' });
};

const EVENTS_MAX = 2_000;

export const calendarFile = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const [locale, dates] = await Promise.all([cityLocaleAt(deps, context), readDates(deps)]);
  const host = new URL(deps.ports.url).host;
  const { entries } = await calendarEntries(deps.ports, dates, { after: '', limit: EVENTS_MAX });
  const file = icsFile(
    entries.map((entry) => {
      const { date } = entry;
      const { page, name } = subjectOf(entry);
      const last = lastDayOf(date.at, locale.zone);
      // What ends at midnight stands on the day that it ends, as on the page.
      const isOnLastDay = !BEGINNINGS.includes(date.what) && last !== localDateOf(date.at, locale.zone);
      const id = entry.task ? taskIdentity(entry.task) : `${name}-${date.what}${date.body === null ? '' : `-${date.body}`}`;
      return {
        uid: `${id}@${host}`,
        stamp: date.since,
        ...(isOnLastDay ? { day: last } : { at: date.at }),
        summary: `${whatText(locale, entry)}: ${date.title}`,
        description: [name, whyText(locale, entry) ?? []].flat().join('\n'),
        url: `${deps.ports.url}${page}`,
      };
    }),
    `${deps.ports.city.name}: ${locale.words.calendar.title}`,
  );
  return new Response(file, {
    headers: { 'content-type': 'text/calendar; charset=utf-8', 'cache-control': 'no-store' },
  });
};

const WHAT = { 'opt-out': 'optOut', look: 'look', 'switch-off': 'switchOff', 'switch-on': 'switchOn' } as const;

type What = 'lapses' | 'deadline' | 'vetoEnds' | 'opens' | 'begins' | 'expires' | 'effective' | 'removed';

/**
 * A date on which something happens to a change, or by which the city has to act at a vendor. `because`: of a task; `key`: null for a silent
 * source; `title`: of the change or the key, else the source; `body`: of a deadline; `since`: when the change reached its state;
 * `optedOut`: the state of its opt-out.
 */
interface CalendarDate {
  readonly at: string;
  readonly what: What | (typeof WHAT)[Task['kind']];
  readonly because?: Task['because'];
  readonly key: string | null;
  readonly change: string | null;
  readonly title: string;
  readonly body: string | null;
  readonly optedOut?: OptOutStanding;
  readonly since: string;
}

interface CalendarEntry {
  readonly date: CalendarDate;
  readonly place: string;
  readonly task?: Task;
}

const titleOf = (rows: readonly FeatureRow[], { key, change, source, vendor }: Task): string => {
  if (key === null) return source ?? vendor;
  const row = rows[partitionPoint(rows, (each) => each.key < key)];
  if (row?.key !== key) return key;
  return titleOfChange(row, change === null ? undefined : changeNamed(change)?.number);
};

const dateOf = (rows: readonly FeatureRow[], task: Task, at: string): CalendarDate => {
  const { kind, because, key, change, since } = task;
  return { at, what: WHAT[kind], because, key, change, title: titleOf(rows, task), body: null, since };
};

const tasksOfRank = async (
  { sideStore }: Pick<SitePorts, 'sideStore'>,
  { rows }: Dates,
  part: Parameters<typeof tasksByDay>[1],
): Promise<readonly CalendarEntry[]> => {
  const tasks = await tasksByDay(sideStore, part);
  return tasks.map(({ place, task }) => ({ date: dateOf(rows, task, task.by), place, task }));
};

/** At most one of this many entries is urgent, so that coming dates are never crowded out. */
const URGENT_ONE_IN = 5;

/** Tasks sort before changes of the same instant, since theirs is shown as the end of the day before. `after`: '' or a `next`. */
const calendarEntries = async (
  ports: SitePorts,
  dates: Dates,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<{ readonly entries: readonly CalendarEntry[]; readonly next: string | null }> => {
  const [urgentPlace = '', comingPlace = '', ...more] = after.split('\n');
  requirePage(more.length === 0 ? after : undefined);
  const [urgent, withTime] = await Promise.all([
    tasksOfRank(ports, dates, { rank: URGENT, after: urgentPlace, limit: limit + 1 }),
    tasksOfRank(ports, dates, { rank: WITH_TIME, after: comingPlace, limit: limit + 1 }),
  ]);
  const coming = [...withTime, ...comingDates(dates, comingPlace, limit + 1)].toSorted(DATES.order);
  const first = urgent.slice(0, Math.ceil(limit / URGENT_ONE_IN));
  const then = coming.slice(0, limit - first.length);
  const next = `${first.at(-1)?.place ?? urgentPlace}\n${then.at(-1)?.place ?? comingPlace}`;
  const isLast = first.length === urgent.length && then.length === coming.length;
  return { entries: [...first, ...then].toSorted(DATES.order), next: isLast ? null : next };
};

interface Moment extends Pick<CalendarDate, 'what' | 'body'> {
  readonly at: string | null;
  readonly change: Pick<ChangeState, 'number' | 'since'>;
}

const momentsOfOpen = (state: FeatureState, change: ChangeState): readonly Moment[] => {
  const opens: Moment = { at: change.from, what: 'opens', body: null, change };
  if (change.confirmation !== null) {
    const what = change.veto === null ? 'lapses' : 'vetoEnds';
    return [{ at: change.confirmation.until, what, body: null, change }, opens];
  }
  if (change.veto !== null) return [{ at: change.veto.until, what: 'vetoEnds', body: null, change }, opens];
  const lapses = lapsesAt(change);
  const left = requirementsOf(state, change).flatMap(({ id, body, instrument }) => {
    const { status, deadlineAt: at = null } = change.requirements[id] ?? {};
    return instrument === 'advice' || status === 'met' || status === 'overridden' ? [] : [{ at, body }];
  });
  const deadlines = left.map((each): Moment => ({ ...each, what: 'deadline', change }));
  // An earlier deadline decides: without an act the change is refused or vetoed by then, and does not lapse.
  const mayLapse = left.length === 0 || left.some(({ at }) => at === null || lapses === null || at > lapses);
  return [...(mayLapse ? [{ at: lapses, what: 'lapses' as const, body: null, change }] : []), opens, ...deadlines];
};

const NOT_AGREED: readonly ChangeStatus[] = ['refused', 'lapsed', 'revoked', 'expired'];

/** Reports whether a date is still to come: the change is open or approved, or takes effect at the vendor without the city's consent. */
const comes = (state: FeatureState, { n, kind, status }: ChangeLine): boolean => {
  if (isOpen({ status }) || status === 'approved') return true;
  return NOT_AGREED.includes(status) && (hasChoice(kind) || lingeringOf(state, n) !== undefined);
};

const momentsOf = ({ stateNow: state, linesNow, ends }: FeatureRow): readonly Moment[] => {
  const next = approvalNeverBeginning(state) === undefined ? waitingApproval(state) : undefined;
  const approvals = [inForceIn(state), next].filter((each) => each !== undefined);
  const effective = linesNow
    .filter((line) => comes(state, line))
    .map(({ n, at: since, effectiveAt: at }): Moment => ({ at, what: 'effective', body: null, change: { number: n, since } }));
  const removing = linesNow.find(({ n }) => n === state.removal?.change);
  return [
    ...openChanges(state).flatMap((change) => momentsOfOpen(state, change)),
    ...effective,
    ...approvals.map((change): Moment => ({ at: ends.get(change.number)?.at ?? null, what: 'expires', body: null, change })),
    ...(next === undefined ? [] : [{ at: nextBeginning(state), what: 'begins' as const, body: null, change: next }]),
    ...(removing === undefined
      ? []
      : [
          {
            at: state.removal?.effectiveAt ?? null,
            what: 'removed' as const,
            body: null,
            change: { number: removing.n, since: removing.at },
          },
        ]),
  ];
};

/** Returns a unique sort key of a date, after those of tasks of the same instant. */
const placeOf = ({ at, change, what, body }: CalendarDate): string => `${at}~${change} ${what} ${body ?? ''}`;

const standing = (state: FeatureState, n: number): Pick<CalendarDate, 'optedOut'> => {
  const stands = standingWords(state, n)?.optOut?.stands;
  return stands === undefined ? {} : { optedOut: stands };
};

const datesOf = (row: FeatureRow): readonly CalendarDate[] => {
  const { key, stateNow } = row;
  return momentsOf(row).flatMap(({ at, what, body, change }) =>
    at === null
      ? []
      : [
          {
            at,
            what,
            key,
            change: changeId(key, change.number),
            title: titleOfChange(row, change.number),
            body,
            since: change.since,
            ...(what === 'effective' && standing(stateNow, change.number)),
          },
        ],
  );
};

/** All dates in order, past ones included, in one group. */
export const DATES: FacetOf<CalendarEntry> = {
  entriesOf: (row) => datesOf(row).map((date) => ['', { date, place: placeOf(date) }]),
  order: (a, b) => ascending(a.place, b.place),
};

type Dates = Awaited<ReturnType<typeof readDates>>;

const readDates = async ({ ports }: SiteDeps) => {
  const now = ports.clock();
  const [dates, rows] = await Promise.all([ports.register.facet(DATES, { now }), allFeatures(ports, { now })]);
  const lateness = withLateness(ports);
  const list = dates.get('') ?? [];
  const moved = new Map<CalendarEntry, CalendarEntry>();
  for (const entry of list) {
    const { date } = entry;
    if (date.what !== 'opens' || date.key === null) continue;
    const { from: at } = await lateness(date.key, { since: date.since, from: date.at });
    if (at !== date.at) moved.set(entry, { date: { ...date, at }, place: placeOf({ ...date, at }) });
  }
  const shown = moved.size === 0 ? list : list.map((entry) => moved.get(entry) ?? entry).toSorted(DATES.order);
  return { now, list: shown, rows };
};

/** Returns the dates after a place ({@link placeOf}). */
const comingDates = ({ now, list }: Dates, place: string, limit: number): readonly CalendarEntry[] => {
  const first = partitionPoint(list, (each) => each.date.at <= now || each.place <= place);
  return list.slice(first, first + limit);
};
