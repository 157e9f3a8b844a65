import * as z from 'zod';
import { AnnouncedCounts, NONE_ANNOUNCED } from '../../../domain/derived/changes.ts';
import { DerivedEvent } from '../../../domain/derived/events.ts';
import {
  DERIVED_VERSION,
  DriftCase,
  KeyRecord,
  SourceRecord,
  TASK_KINDS,
  Task,
  taskIdentity,
} from '../../../domain/derived/record.ts';
import { mayBeOn } from '../../../domain/feature/evaluate.ts';
import { featureStream, POLICY_KEY } from '../../../domain/feature/keys.ts';
import { commonAudience } from '../../../domain/feature/terms.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { Instant, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { evaluateKeys } from '../../gate/heads.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import type { SideEntry, SideKind, SideStore } from '../../platform/store/sideStore.ts';
import { keyPrefix } from '../documents.ts';
import { decodeCursor, encodeCursor, type Page } from '../lists.ts';
import type { RegisterPorts } from '../rows.ts';

// Storage format of the records derived from the log, in the side store. They may be thrown away; they are folded again from the log.

/** Each id sorts in the order in which the records are listed. */
export const DERIVED = {
  key: 'derived',
  source: 'derived-source',
  due: 'derived-due',
  task: 'derived-task',
  case: 'derived-case',
  figures: 'derived-figures',
  mark: 'derived-mark',
  event: 'derived-event',
  journal: 'derived-journal',
} as const;

/** On AWS a role may use only the kinds named. */
export const DERIVED_KINDS: readonly SideKind[] = Object.values(DERIVED);

export const ONLY = 'only';
/** The id of the figures of announced changes. */
export const ANNOUNCED = 'announced';

type Place = Pick<SourceRecord, 'vendor' | 'source' | 'attested'>;

/** A percent-encoded source name never begins with this mark, so attested and reported sources cannot collide. */
const ATTESTED = '@';

export const sourceId = ({ vendor, source, attested }: Place): string =>
  `${vendor}/${attested ? ATTESTED : ''}${encodeURIComponent(source)}`;

/** `of`: a key, or the id of a source, which has a slash. */
export const dueId = (instant: string, of: string): string => `${instant}/${of}`;

export const parseDueId = (id: string): { readonly instant: string; readonly of: string } => {
  const slash = id.indexOf('/');
  return { instant: id.slice(0, slash), of: id.slice(slash + 1) };
};

const MS_DIGITS = 15;
const MS_MAX = 10 ** MS_DIGITS - 1;

const newestFirst = (instant: string): string => String(MS_MAX - Date.parse(instant)).padStart(MS_DIGITS, '0');

/** The prefix of the task list: all tasks, or those of one vendor. */
const taskScope = (vendor?: string): string => (vendor === undefined ? 'all/' : `of/${vendor}/`);

const NO_DAY = '~';

/** The parts of the task list, in order. */
export const [URGENT, WITH_TIME, TO_SWITCH_ON] = [0, 1, 2] as const;
export type TaskRank = typeof URGENT | typeof WITH_TIME | typeof TO_SWITCH_ON;

export const rankOf = ({ urgent, kind }: Task): TaskRank => (kind === 'switch-on' ? TO_SWITCH_ON : urgent ? URGENT : WITH_TIME);

/** The agencies that a task is about, and the key of the text that names them. */
export const taskAudience = ({ kind, agencies, except }: Task) =>
  ({
    said: except !== undefined ? 'forAllBut' : kind === 'switch-on' ? 'forSome' : 'forOthers',
    agencies: except ?? agencies ?? [],
  }) as const;

/** Ids that sort urgent tasks first, then by day, those to switch on last. */
export const taskIds = (task: Task): readonly string[] =>
  [taskScope(), taskScope(task.vendor)].map(
    (scope) => `${scope}${rankOf(task)}/${task.by ?? NO_DAY}/${TASK_KINDS.indexOf(task.kind)}/${taskIdentity(task)}`,
  );

const CASE_SCOPES = { open: 'open/', past: 'past/' } as const;

/** Past cases of one key differ in when they began. */
export const caseId = (key: string, { since, until, openedAt, sequence }: DriftCase): string =>
  until === null
    ? `${CASE_SCOPES.open}${newestFirst(since)}/${key}`
    : `${CASE_SCOPES.past}${newestFirst(until)}/${key}/${since}/${openedAt}/${sequence}`;

/** Current counts; `pastCases`: all ever. */
export const Figures = strictObject(() => ({
  openCases: z.int(),
  pastCases: z.int(),
  tasks: z.int(),
  urgentTasks: z.int(),
}));
export type Figures = z.infer<typeof Figures>;

export const NO_FIGURES: Figures = { openCases: 0, pastCases: 0, tasks: 0, urgentTasks: 0 };

export const Cause = z.union([
  strictObject(() => ({ stream: z.string(), version: z.int(), commit: z.string() })),
  strictObject(() => ({ time: Instant })),
]);
export type Cause = z.infer<typeof Cause>;

/** `id`: the event's id on the bus; `queued`: when it was queued. */
export const QueuedEvent = strictObject(() => ({ id: z.string(), event: DerivedEvent, cause: Cause, queued: Instant }));
export type QueuedEvent = z.infer<typeof QueuedEvent>;

/** Appends an ordinal if the id was given before. `given`: how often each was; updated. */
export const distinctId = (given: Map<string, number>, id: string): string => {
  const ordinal = (given.get(id) ?? 0) + 1;
  given.set(id, ordinal);
  return ordinal === 1 ? id : `${id}-${ordinal}`;
};

const UNIT_DIGITS = 12;

const unitId = (unit: number): string => `${String(unit).padStart(UNIT_DIGITS, '0')}/`;

export const unitOf = (id: string): number => Number.parseInt(id, 10);

export const queueId = (unit: number, ordinal: number): string => `${unitId(unit)}${String(ordinal).padStart(UNIT_DIGITS, '0')}`;

export const ListedCase = strictObject(() => ({ ...DriftCase.shape, key: z.string() }));
export type ListedCase = z.infer<typeof ListedCase>;

/** See `writes.ts`. */
export const FOLD_MARK = 'log';

const UnitDone = z.object({ position: z.object({ unit: z.int() }) });

/** Returns an id up to which the queue is complete; undefined before the first unit of the fold. */
export const queuedUpTo = async (sideStore: SideStore): Promise<string | undefined> => {
  const done = UnitDone.safeParse(await sideStore.get(DERIVED.mark, FOLD_MARK)).data;
  return done && unitId(done.position.unit + 1);
};

/** On AWS a role may read only the kinds named. */
export const LISTED_KINDS = [DERIVED.key, DERIVED.task, DERIVED.case, DERIVED.mark] as const;

/** Undefined if nothing is derived for the key, or by another code version. May lag behind the log by some seconds. */
export const readKeyRecord = async (sideStore: SideStore, key: string): Promise<KeyRecord | undefined> =>
  keyRecordIn(key, await sideStore.get(DERIVED.key, key));

export const keyRecordIn = (key: string, value: JsonValue | undefined): KeyRecord | undefined => {
  const record = KeyRecord.safeParse(value).data;
  return record?.key === key ? record : undefined;
};

export const recordsBeneath = async (sideStore: SideStore, key: string): Promise<readonly KeyRecord[]> =>
  (await sideStore.list(DERIVED.key, keyPrefix(key))).flatMap(({ value }) => KeyRecord.safeParse(value).data ?? []);

export const keysCountedFor = async (sideStore: SideStore, key: string): Promise<readonly string[]> =>
  (await recordsBeneath(sideStore, key)).flatMap((record) => (record.countsFor === key ? [record.key] : []));

/** Undefined while records of another code version are stored: it is then unknown who looked. */
export const readSources = async (sideStore: SideStore, vendor?: string): Promise<readonly SourceRecord[] | undefined> => {
  const stored = await sideStore.list(DERIVED.source, vendor === undefined ? '' : `${vendor}/`);
  const records = stored.flatMap(({ value }) => SourceRecord.safeParse(value).data ?? []);
  return records.length === stored.length ? records : undefined;
};

const OfThisCode = z.object({ position: z.object({ derivedVersion: z.literal(DERIVED_VERSION) }) });

/**
 * Part of every list. `fault` is present only while an empty list need not mean that there is nothing: a feature cannot be read, or
 * another code version wrote the records. An unreadable policy stream affects every feature.
 */
export const listFault = async ({ store, sideStore, register }: RegisterPorts): Promise<{ fault?: true }> => {
  const [isReadable, mark] = await Promise.all([
    ifReadable(store.head(featureStream(POLICY_KEY)).then(() => !register.holdsBack())),
    sideStore.get(DERIVED.mark, FOLD_MARK),
  ]);
  return isReadable && (mark === undefined || OfThisCode.safeParse(mark).success) ? {} : { fault: true };
};

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

/** Lists open tasks, of one vendor or all: urgent first, then by day, those to switch on last. Undefined if the cursor is invalid. */
export const listTasks = (
  sideStore: SideStore,
  { vendor, ...query }: ListQuery & { readonly vendor?: string | undefined },
): Promise<Page<Task> | undefined> =>
  pageOf(sideStore, { kind: DERIVED.task, scope: taskScope(vendor), parse: (value) => Task.safeParse(value).data }, query);

interface PlacedTask {
  readonly place: string;
  readonly task: Task & { readonly by: string };
}

/** `after`: the `place` of the last task seen, or an instant. */
interface DayQuery {
  readonly rank: typeof URGENT | typeof WITH_TIME;
  readonly after: string;
  readonly limit: number;
}

/** Returns open tasks of a rank that have a last day, soonest first. */
export const tasksByDay = async (sideStore: SideStore, { rank, after, limit }: DayQuery): Promise<readonly PlacedTask[]> => {
  const scope = `${taskScope()}${rank}/`;
  const entries = await sideStore.list(DERIVED.task, scope, { after: `${scope}${after}`, limit });
  return entries.flatMap(({ id, value }) => {
    const task = Task.safeParse(value).data;
    return task === undefined || task.by === null ? [] : [{ place: id.slice(scope.length), task: { ...task, by: task.by } }];
  });
};

/**
 * Lists cases of drift, newest first. `open` true: open ones; false: past ones; absent: open ones, then past ones. Undefined if the
 * cursor is invalid.
 */
export const listCases = (
  sideStore: SideStore,
  { open, ...query }: ListQuery & { readonly open?: boolean | undefined },
): Promise<Page<ListedCase> | undefined> => {
  const scope = open === undefined ? '' : open ? CASE_SCOPES.open : CASE_SCOPES.past;
  return pageOf(sideStore, { kind: DERIVED.case, scope, parse: (value) => ListedCase.safeParse(value).data }, query);
};

const INSTANT_CHARS = '2026-03-02T12:00:00.000Z'.length;

/** Returns the first instant after `now` at which time alone may change anything; undefined if none is known. */
export const nextBoundary = async (sideStore: SideStore, now: string): Promise<string | undefined> =>
  (await sideStore.list(DERIVED.due, '', { after: `${now}~`, limit: 1 }))[0]?.id.slice(0, INSTANT_CHARS);

export const readFigures = async (sideStore: SideStore): Promise<Figures> =>
  Figures.safeParse(await sideStore.get(DERIVED.figures, ONLY)).data ?? NO_FIGURES;

/** Returns how many changes were announced, and their outcomes at the vendor. */
export const readAnnounced = async (sideStore: SideStore): Promise<AnnouncedCounts> =>
  AnnouncedCounts.safeParse(await sideStore.get(DERIVED.figures, ANNOUNCED)).data ?? NONE_ANNOUNCED;

interface TasksQuery {
  readonly vendor?: string | undefined;
  readonly agencies: readonly string[];
  readonly cursor?: string | undefined;
  readonly limit: number;
}

const forAgencies = (task: Task, agencies: readonly string[]): Task | undefined => {
  if (task.agencies === null || agencies.length === 0) return task;
  const own = task.agencies.filter((agency) => agencies.includes(agency));
  return own.length === 0 ? undefined : { ...task, agencies: own };
};

/** Confirms on strongly consistent heads what is to be switched on, and for whom, since the log may lag. */
export const confirmedTasks = async (
  ports: Pick<GatePorts, 'store' | 'clock'>,
  tasks: readonly Task[],
): Promise<readonly Task[]> => {
  const toSwitchOn = tasks.flatMap(({ key, kind }) => (kind === 'switch-on' && key !== null ? [key] : []));
  const evaluations = await evaluateKeys(ports, toSwitchOn, {});
  return tasks.flatMap((task): readonly Task[] => {
    if (task.kind !== 'switch-on') return [task];
    const evaluation = evaluations.get(task.key ?? '');
    if (evaluation === undefined || !mayBeOn(evaluation.variant)) return [];
    const agencies = commonAudience(task.agencies, evaluation.audience);
    return agencies?.length === 0 ? [] : [{ ...task, agencies: agencies && [...agencies] }];
  });
};

/** Lists {@link confirmedTasks}, urgent first. Undefined if the cursor is invalid. */
export const readTasks = async (ports: GatePorts, { agencies, ...query }: TasksQuery): Promise<Page<Task> | undefined> => {
  const page = await listTasks(ports.sideStore, query);
  if (page === undefined) return undefined;
  const confirmed = await confirmedTasks(ports, page.items);
  return { items: confirmed.flatMap((task) => forAgencies(task, agencies) ?? []), next: page.next };
};
