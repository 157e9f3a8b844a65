import { AnnouncedCounts, NONE_ANNOUNCED } from '../../../domain/derived/announced.ts';
import { KeyRecord, SourceRecord } from '../../../domain/derived/record.ts';
import { Task } from '../../../domain/derived/tasks.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { ascending } from '../../../domain/kernel/order.ts';
import type { SideKind } from '../../platform/store/sideKinds.ts';
import type { SideEntry, SideStore } from '../../platform/store/sideStore.ts';
import { decodeCursor, encodeCursor, type Page } from '../lists.ts';
import {
  AFTER_SLASH,
  ANNOUNCED,
  CASE_SCOPES,
  DERIVED,
  Figures,
  ListedCase,
  NO_FIGURES,
  ONLY,
  taskIds,
  taskScope,
  URGENT,
  WITH_TIME,
} from './records.ts';

/** The side kinds that these functions read; on AWS a role may read no kind that is not named. */
export const LISTED_KINDS = [DERIVED.key, DERIVED.source, DERIVED.task, DERIVED.case, DERIVED.figures] as const;

/** What is derived of a key; undefined if nothing is, or not by this version of the code. May lag behind the log by some seconds. */
export const readKeyRecord = async (sideStore: SideStore, key: string): Promise<KeyRecord | undefined> => {
  const record = KeyRecord.safeParse(await sideStore.get(DERIVED.key, key)).data;
  return record?.key === key ? record : undefined;
};

/** Returns the keys beneath one that its task to switch off stands for. */
export const keysCountedFor = async (sideStore: SideStore, key: string): Promise<readonly string[]> =>
  (await sideStore.list(DERIVED.key, `${key}.`)).flatMap(({ value }) => {
    const record = KeyRecord.safeParse(value).data;
    return record?.countsFor === key ? [record.key] : [];
  });

/** When each source last looked, at one vendor or at all. */
export const readSources = async (sideStore: SideStore, vendor?: string): Promise<readonly SourceRecord[]> =>
  (await sideStore.list(DERIVED.source, vendor === undefined ? '' : `${vendor}/`)).flatMap(
    ({ value }) => SourceRecord.safeParse(value).data ?? [],
  );

/** `cursor`: the `next` of the page before. */
interface ListQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

interface Listed<T> {
  readonly kind: SideKind;
  readonly scope: string;
  readonly parse: (value: JsonValue) => T | undefined;
}

const pageOf = async <T>(
  sideStore: SideStore,
  { kind, scope, parse }: Listed<T>,
  { cursor, limit }: ListQuery,
): Promise<Page<T> | undefined> => {
  const after = decodeCursor(cursor);
  if (after === undefined || (after !== '' && !after.startsWith(scope))) return undefined;
  const entries = await sideStore.list(kind, scope, { after, limit: limit + 1 });
  const shown: readonly SideEntry[] = entries.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.flatMap(({ value }) => parse(value) ?? []),
    next: last !== undefined && entries.length > limit ? encodeCursor(last.id) : null,
  };
};

/** The open tasks, of one vendor or of all: urgent ones first, then by day, those to switch on last. Undefined if the cursor is invalid. */
export const listTasks = (
  sideStore: SideStore,
  { vendor, ...query }: ListQuery & { readonly vendor?: string | undefined },
): Promise<Page<Task> | undefined> =>
  pageOf(sideStore, { kind: DERIVED.task, scope: taskScope(vendor), parse: (value) => Task.safeParse(value).data }, query);

const TASKS_READ = 50;

/** When the task that has been urgent for longest was due; undefined if none is. */
export const firstUrgentDay = async (sideStore: SideStore): Promise<string | undefined> => {
  const [first] = await sideStore.list(DERIVED.task, `${taskScope()}${URGENT}/`, { limit: 1 });
  return Task.safeParse(first?.value).data?.by ?? undefined;
};

/**
 * The open tasks that must be done later than `after` and not later than `upTo`, but for those to switch on, which have no day. Reads little
 * more than it returns.
 */
export const tasksBetween = async (sideStore: SideStore, after: string, upTo: string): Promise<readonly Task[]> => {
  const found: Task[] = [];
  for (const rank of [URGENT, WITH_TIME]) {
    const scope = `${taskScope()}${rank}/`;
    for (let from = `${scope}${after}${AFTER_SLASH}`; from !== ''; ) {
      const page = await sideStore.list(DERIVED.task, scope, { after: from, limit: TASKS_READ });
      const tasks = page.flatMap(({ value }) => Task.safeParse(value).data ?? []);
      found.push(...tasks.filter(({ by }) => by !== null && by <= upTo));
      const last = page.at(-1)?.id ?? '';
      from = page.length === TASKS_READ && last.slice(scope.length, scope.length + upTo.length) <= upTo ? last : '';
    }
  }
  return found;
};

/** Compares two tasks by their places in the list. */
export const inListOrder = (one: Task, other: Task): number => ascending(taskIds(one)[0] ?? '', taskIds(other)[0] ?? '');

/** A task with a day, and the text that orders it among those. */
export interface PlacedTask {
  readonly place: string;
  readonly task: Task & { readonly by: string };
}

/** `after`: the place of the last one seen, or an instant. */
interface DayQuery {
  readonly rank: typeof URGENT | typeof WITH_TIME;
  readonly vendor?: string | undefined;
  readonly after: string;
  readonly limit: number;
}

/** The open tasks that are to be done by a day, soonest first: those that are urgent, or the others. */
export const tasksByDay = async (
  sideStore: SideStore,
  { rank, vendor, after, limit }: DayQuery,
): Promise<readonly PlacedTask[]> => {
  const scope = `${taskScope(vendor)}${rank}/`;
  const entries = await sideStore.list(DERIVED.task, scope, { after: `${scope}${after}`, limit });
  return entries.flatMap(({ id, value }) => {
    const task = Task.safeParse(value).data;
    return task === undefined || task.by === null ? [] : [{ place: id.slice(scope.length), task: { ...task, by: task.by } }];
  });
};

/**
 * The cases of drift, newest first: `open` true: those that are open; false: those that are over; absent: the open ones, then the others.
 * Undefined if the cursor is invalid.
 */
export const listCases = (
  sideStore: SideStore,
  { open, ...query }: ListQuery & { readonly open?: boolean | undefined },
): Promise<Page<ListedCase> | undefined> => {
  const scope = open === undefined ? '' : open ? CASE_SCOPES.open : CASE_SCOPES.past;
  return pageOf(sideStore, { kind: DERIVED.case, scope, parse: (value) => ListedCase.safeParse(value).data }, query);
};

const INSTANT_CHARS = '2026-03-02T12:00:00.000Z'.length;

/** Returns the first instant after `now` at which time alone may change anything about any key; undefined if none is known. */
export const nextBoundary = async (sideStore: SideStore, now: string): Promise<string | undefined> =>
  (await sideStore.list(DERIVED.due, '', { after: `${now}~`, limit: 1 }))[0]?.id.slice(0, INSTANT_CHARS);

export const readFigures = async (sideStore: SideStore): Promise<Figures> =>
  Figures.safeParse(await sideStore.get(DERIVED.figures, ONLY)).data ?? NO_FIGURES;

/** How many changes were announced, and what became of them at the vendor. */
export const readAnnounced = async (sideStore: SideStore): Promise<AnnouncedCounts> =>
  AnnouncedCounts.safeParse(await sideStore.get(DERIVED.figures, ANNOUNCED)).data ?? NONE_ANNOUNCED;
