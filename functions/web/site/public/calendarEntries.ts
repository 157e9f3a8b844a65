import { type Task, taskIdentity } from '../../../../domain/derived/tasks.ts';
import { changeNamed } from '../../../../domain/feature/keys.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { ascending, partitionPoint } from '../../../../domain/kernel/order.ts';
import { listTasks, tasksByDay } from '../../../register/derived/lists.ts';
import { rankOf, URGENT, WITH_TIME } from '../../../register/derived/records.ts';
import { encodeCursor } from '../../../register/lists.ts';
import type { FeatureRow } from '../../../register/rows.ts';
import type { SitePorts } from '../deps.ts';
import { comingDates, type Dates, type DatesOf, type PlacedDate } from './dates.ts';

/** The names of tasks among those of dates. */
const WHAT = { 'opt-out': 'optOut', look: 'look', 'switch-off': 'switchOff', 'switch-on': 'switchOn' } as const;

/** What the city has to do at a vendor by a day. `key` null: of a source that is silent; `title`: of the change or the key, else the source. */
export interface TaskDate extends JsonObject {
  readonly at: string;
  readonly what: (typeof WHAT)[Task['kind']];
  readonly because: Task['because'];
  readonly key: string | null;
  readonly change: string | null;
  readonly title: string;
  readonly body: null;
  readonly bodies: string[];
  readonly since: string;
}

/** A task as a date, with the text that orders it and a name that stays whatever its day becomes. */
interface PlacedTaskDate {
  readonly date: TaskDate;
  readonly place: string;
  readonly name: string;
  readonly task: Task;
}

const titleOf = (rows: readonly FeatureRow[], { key, change, source, vendor }: Task): string => {
  if (key === null) return source ?? vendor;
  const row = rows[partitionPoint(rows, (each) => each.key < key)];
  if (row?.key !== key) return key;
  const number = change === null ? undefined : changeNamed(change)?.number;
  return row.lines.find(({ n }) => n === number)?.title ?? row.title ?? key;
};

const dateOf = (rows: readonly FeatureRow[], task: Task, at: string): TaskDate => {
  const { kind, because, key, change, since } = task;
  return { at, what: WHAT[kind], because, key, change, title: titleOf(rows, task), body: null, bodies: [], since };
};

/** A part of the list of tasks, behind a place in it. */
type PartOfTasks = Omit<Parameters<typeof tasksByDay>[1], 'vendor'>;

/** Returns the tasks with a day of one rank, soonest first. Those to switch on have none. Of a body there are none: they are for IT. */
const tasksOfRank = async (
  { sideStore }: Pick<SitePorts, 'sideStore'>,
  { rows }: Dates,
  { body, vendor }: DatesOf,
  part: PartOfTasks,
): Promise<readonly PlacedTaskDate[]> => {
  const tasks = body === undefined ? await tasksByDay(sideStore, { vendor, ...part }) : [];
  return tasks.map(({ place, task }) => ({ date: dateOf(rows, task, task.by), place, name: taskIdentity(task), task }));
};

/** Returns the urgent tasks, the one that is overdue for longest first. */
export const urgentEntries = (
  ports: SitePorts,
  dates: Dates,
  of: DatesOf,
  { after = '', limit }: { readonly after?: string; readonly limit: number },
): Promise<readonly PlacedTaskDate[]> => tasksOfRank(ports, dates, of, { rank: URGENT, after, limit });

/** A date, or a task with a day, in the order of the calendar. */
export type CalendarEntry = PlacedDate | PlacedTaskDate;

/** How far the dates and the tasks were shown: the place of the last one of each. */
interface Places {
  readonly dates: string;
  readonly tasks: string;
}

/** Reads the places from a cursor, '' for none; undefined if they are none. */
const placesIn = (cursor: string): Places | undefined => {
  const [dates = '', tasks = '', ...more] = cursor.split('\n');
  return more.length === 0 ? { dates, tasks } : undefined;
};

/**
 * Returns the dates and the tasks to come, soonest first, at most so many, behind a cursor that was decoded. `urgent`: with the tasks that
 * are, before them. Undefined if the cursor is none of these.
 */
export const calendarEntries = async (
  ports: SitePorts,
  dates: Dates,
  of: DatesOf,
  { urgent, cursor, limit }: { readonly urgent: boolean; readonly cursor: string; readonly limit: number },
): Promise<{ readonly entries: readonly CalendarEntry[]; readonly next: string | null } | undefined> => {
  const places = placesIn(cursor);
  if (places === undefined) return undefined;
  const part = { after: places.tasks, limit: limit + 1 };
  const [first, coming] = await Promise.all([
    urgent ? urgentEntries(ports, dates, of, part) : [],
    tasksOfRank(ports, dates, of, { rank: WITH_TIME, ...part }),
  ]);
  const tasks = [...first, ...coming].sort((a, b) => ascending(a.place, b.place));
  // At one instant the tasks come first: theirs is shown as the end of the day before.
  const all = [...tasks, ...comingDates(dates, of, places.dates, limit + 1)].toSorted((a, b) => ascending(a.date.at, b.date.at));
  const entries = all.slice(0, limit);
  const last = (isTask: boolean): string | undefined => entries.findLast((entry) => 'task' in entry === isTask)?.place;
  const next = `${last(false) ?? places.dates}\n${last(true) ?? places.tasks}`;
  return { entries, next: all.length > limit ? encodeCursor(next) : null };
};

/** Returns the first of the tasks that are urgent, each with its title, and whether there are more. */
export const urgentTasks = async (
  { sideStore }: Pick<SitePorts, 'sideStore'>,
  { rows }: Dates,
  vendor: string | undefined,
  limit: number,
): Promise<{ readonly tasks: readonly (readonly [task: Task, title: string])[]; readonly more: boolean }> => {
  const page = await listTasks(sideStore, { vendor, limit: limit + 1 });
  const urgent = (page?.items ?? []).filter((task) => rankOf(task) === URGENT);
  return { tasks: urgent.slice(0, limit).map((task) => [task, titleOf(rows, task)] as const), more: urgent.length > limit };
};
