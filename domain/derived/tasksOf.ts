import { CITY, vendorOf } from '../feature/keys.ts';
import { ascending, soonest } from '../kernel/order.ts';
import type { SourceRecord } from './record.ts';
import { type Clock, endOfDayFrom, watchedClock } from './taskDays.ts';
import type { Task } from './tasks.ts';
import { CHANGE_ROWS, KEY_ROWS, type Surroundings, type TaskDraft, type TaskRecord } from './taskTable.ts';

export interface TaskContext extends Surroundings {
  readonly now: string;
  readonly zone: string;
}

const urgencyOf = (clock: Clock, task: TaskDraft): Task => ({ ...task, urgent: task.by !== null && clock.reached(task.by) });

/** One report ends every look at a change that is open: the one that opened first is the task. */
const firstLook = (drafts: readonly TaskDraft[]): readonly TaskDraft[] => {
  const [first] = drafts.filter(({ kind }) => kind === 'look').sort((a, b) => ascending(a.since, b.since));
  return drafts.filter((each) => each.kind !== 'look' || each === first);
};

/** A key is switched off once, by the first of the days; what must be switched off is not to be switched on. */
const firstSwitch = (drafts: readonly TaskDraft[]): readonly TaskDraft[] => {
  const [first] = drafts.filter(({ kind }) => kind === 'switch-off').sort((a, b) => soonest(a.by, b.by));
  return first === undefined ? drafts : [...drafts.filter(({ kind }) => kind === 'look' || kind === 'opt-out'), first];
};

const tasksBy = (record: TaskRecord, surroundings: Surroundings, clock: Clock): readonly Task[] => {
  if (vendorOf(record.key) === CITY) return [];
  const facts = { ...surroundings, record, clock };
  const ofChanges = record.changes.map((change) => CHANGE_ROWS.flatMap((row) => row({ ...facts, change })));
  const ofKey = KEY_ROWS.flatMap((row) => row(facts));
  return firstSwitch([...ofChanges.flatMap(firstLook), ...ofKey]).map((task) => urgencyOf(clock, task));
};

const tasksOfSourceBy = (
  { vendor, source, silentFrom: since }: Pick<SourceRecord, 'vendor' | 'source' | 'silentFrom'>,
  clock: Clock,
): readonly Task[] => {
  if (since === null || !clock.reached(since)) return [];
  const silent = { key: null, kind: 'look', vendor, source, how: null, because: 'silent', change: null, digest: null } as const;
  return [urgencyOf(clock, { ...silent, since, by: endOfDayFrom(since, 0, clock.zone), agencies: null, below: 0 })];
};

/**
 * The tasks at an instant. `next`: the next instant at which time alone changes them, or their urgency, as long as the record stays; null for
 * never.
 */
export interface Tasks {
  readonly tasks: readonly Task[];
  readonly next: string | null;
}

const tasksWith = (tasksAt: (clock: Clock) => readonly Task[], now: string, zone: string): Tasks => {
  let clock = watchedClock(now, zone);
  const tasks = tasksAt(clock);
  const before = JSON.stringify(tasks);
  for (let next = clock.next(); next !== null; next = clock.next()) {
    clock = watchedClock(next, zone);
    if (JSON.stringify(tasksAt(clock)) !== before) return { tasks, next };
  }
  return { tasks, next: null };
};

/** Returns what the city must do about a key at `now`, by the table of tasks. Its own keys have no tasks. */
export const tasksOf = (record: TaskRecord, { now, zone, ...surroundings }: TaskContext): Tasks =>
  tasksWith((clock) => tasksBy(record, surroundings, clock), now, zone);

/** Returns what the city must do about a source: look, from the moment on at which it is silent. */
export const tasksOfSource = (
  source: Pick<SourceRecord, 'vendor' | 'source' | 'silentFrom'>,
  { now, zone }: Pick<TaskContext, 'now' | 'zone'>,
): Tasks => tasksWith((clock) => tasksOfSourceBy(source, clock), now, zone);
