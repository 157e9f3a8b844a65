// Storage format of what is derived from the log, in the side store. It may be thrown away; it is folded again from the log.
import * as z from 'zod';
import { DerivedEvent } from '../../../domain/derived/events.ts';
import { DriftCase, type KeyRecord, type SourceRecord } from '../../../domain/derived/record.ts';
import { TASK_KINDS, type Task, taskIdentity } from '../../../domain/derived/tasks.ts';
import { jsonOf } from '../../../domain/kernel/json.ts';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import { Instant } from '../../../domain/kernel/zodTypes.ts';
import type { SideKind } from '../../platform/store/sideKinds.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';

/** The kinds of records. Each id sorts in the order in which the records are listed. */
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

/** On AWS a role may use no kind that is not named. */
export const DERIVED_KINDS: readonly SideKind[] = Object.values(DERIVED);

/** The id of the only record of its kind. */
export const ONLY = 'only';
/** The id of the figures of announced changes, beside the others. */
export const ANNOUNCED = 'announced';

type Place = Pick<SourceRecord, 'vendor' | 'source' | 'attested'>;

/** No name of a source begins with this mark after its encoding, so an attested source is none that is reported. */
const ATTESTED = '@';

export const sourceId = ({ vendor, source, attested }: Place): string =>
  `${vendor}/${attested ? ATTESTED : ''}${encodeURIComponent(source)}`;

/** `of`: a key, or the id of a source, which has a slash. */
export const dueId = (instant: string, of: string): string => `${instant}/${of}`;

export const dueOf = (id: string): { readonly instant: string; readonly of: string } => {
  const slash = id.indexOf('/');
  return { instant: id.slice(0, slash), of: id.slice(slash + 1) };
};

const MS_DIGITS = 15;
const MS_MAX = 10 ** MS_DIGITS - 1;

/** Sorts the newest instant first. */
const newestFirst = (instant: string): string => String(MS_MAX - Date.parse(instant)).padStart(MS_DIGITS, '0');

/** The prefixes of the list of tasks: of all, and of one vendor. */
export const taskScope = (vendor?: string): string => (vendor === undefined ? 'all/' : `of/${vendor}/`);

const NO_DAY = '~';

/** The parts of the list of tasks, in its order. */
export const [URGENT, WITH_TIME, TO_SWITCH_ON] = [0, 1, 2] as const;
export type TaskRank = typeof URGENT | typeof WITH_TIME | typeof TO_SWITCH_ON;

export const rankOf = ({ urgent, kind }: Task): TaskRank => (kind === 'switch-on' ? TO_SWITCH_ON : urgent ? URGENT : WITH_TIME);

/** Sorts after a slash, so after all ids that begin with what stands before it and a slash. */
export const AFTER_SLASH = '0';

/** Urgent ones first, then by day, those to switch on last. */
export const taskIds = (task: Task): readonly string[] =>
  [taskScope(), taskScope(task.vendor)].map(
    (scope) => `${scope}${rankOf(task)}/${task.by ?? NO_DAY}/${TASK_KINDS.indexOf(task.kind)}/${taskIdentity(task)}`,
  );

export const CASE_SCOPES = { open: 'open/', past: 'past/' } as const;

/** Two cases of one key differ in when they began. */
export const caseId = (key: string, { since, until, openedAt, sequence }: DriftCase): string =>
  until === null
    ? `${CASE_SCOPES.open}${newestFirst(since)}/${key}`
    : `${CASE_SCOPES.past}${newestFirst(until)}/${key}/${since}/${openedAt}/${sequence}`;

/** How many there are now; `pastCases`: ever. */
export const Figures = strictObject(() => ({
  openCases: z.int(),
  pastCases: z.int(),
  tasks: z.int(),
  urgentTasks: z.int(),
}));
export type Figures = z.infer<typeof Figures>;

export const NO_FIGURES: Figures = { openCases: 0, pastCases: 0, tasks: 0, urgentTasks: 0 };

/** What led to an event: a commit, or a boundary of time. */
export const Cause = z.union([
  strictObject(() => ({ stream: z.string(), version: z.int(), commit: z.string() })),
  strictObject(() => ({ time: Instant })),
]);
export type Cause = z.infer<typeof Cause>;

/** `id`: of the event on the bus; `queued`: when it was put into the queue. */
export const QueuedEvent = strictObject(() => ({ id: z.string(), event: DerivedEvent, cause: Cause, queued: Instant }));
export type QueuedEvent = z.infer<typeof QueuedEvent>;

/** Returns an id, with its ordinal if it was given before. `given`: how often each was, which this counts on. */
export const distinctId = (given: Map<string, number>, id: string): string => {
  const ordinal = (given.get(id) ?? 0) + 1;
  given.set(id, ordinal);
  return ordinal === 1 ? id : `${id}-${ordinal}`;
};

const UNIT_DIGITS = 12;

/** What the ids of a unit's events begin with. */
export const unitId = (unit: number): string => `${String(unit).padStart(UNIT_DIGITS, '0')}/`;

/** The unit of an event, by its id in the queue. */
export const unitOf = (id: string): number => Number(id.slice(0, UNIT_DIGITS));

/** In the order in which the events of a unit were found. */
export const queueId = (unit: number, ordinal: number): string => `${unitId(unit)}${String(ordinal).padStart(UNIT_DIGITS, '0')}`;

export const putKeyRecord = (sideStore: SideStore, record: KeyRecord): Promise<void> =>
  sideStore.put(DERIVED.key, record.key, jsonOf(record));

export const putSourceRecord = (sideStore: SideStore, record: SourceRecord): Promise<void> =>
  sideStore.put(DERIVED.source, sourceId(record), jsonOf(record));

export const putTask = async (sideStore: SideStore, task: Task): Promise<void> => {
  await Promise.all(taskIds(task).map((id) => sideStore.put(DERIVED.task, id, jsonOf(task))));
};

/** A case as it is listed, with its key. */
export const ListedCase = strictObject(() => ({ ...DriftCase.shape, key: z.string() }));
export type ListedCase = z.infer<typeof ListedCase>;

export const putCase = (sideStore: SideStore, key: string, drift: DriftCase): Promise<void> =>
  sideStore.put(DERIVED.case, caseId(key, drift), jsonOf({ ...drift, key }));

/** The id of the mark of the fold, see `writes.ts`. */
export const FOLD_MARK = 'log';

const UnitDone = z.object({ position: z.object({ unit: z.int() }) });

/** An id up to which the queue is complete; undefined before the first unit of the fold. */
export const queuedUpTo = async (sideStore: SideStore): Promise<string | undefined> => {
  const done = UnitDone.safeParse(await sideStore.get(DERIVED.mark, FOLD_MARK)).data;
  return done && unitId(done.position.unit + 1);
};
