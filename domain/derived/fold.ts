// The fold of one key: its record after a commit of its feature, a report or a moment of time, and the events that result.

import { windowAround } from '../feature/due.ts';
import { type Head, stateIn } from '../feature/evaluate.ts';
import type { FeatureEvent } from '../feature/events.ts';
import { earliest } from '../kernel/order.ts';
import { EARLIEST_INSTANT, isSameAnswer, keyAnswerAt, ownAnswerAt, UNKNOWN_KEY } from './answer.ts';
import { allowedAfter, type Judging, type ReportedKey, rejudged, withReport } from './cases.ts';
import { changesAfter, changesAt } from './changes.ts';
import type { DerivedEvent } from './events.ts';
import {
  DERIVED_VERSION,
  type DriftCase,
  type KeyAnswer,
  type KeyRecord,
  type Report,
  type Task,
  taskIdentity,
} from './record.ts';
import { isCoveredByAncestor, tasksOf } from './tasks.ts';

/** A moment of the fold: after the entry `sequence` of the log, at the instant `at`, in the city's zone. */
export interface FoldMoment {
  readonly sequence: number;
  readonly at: string;
  readonly zone: string;
}

export const emptyRecord = (key: string, { sequence, at }: FoldMoment): KeyRecord => ({
  derivedVersion: DERIVED_VERSION,
  key,
  sequence,
  at,
  version: 0,
  answer: null,
  own: UNKNOWN_KEY,
  allowed: [keyAnswerAt(key, [], EARLIEST_INSTANT)],
  offSince: null,
  changes: [],
  reports: [],
  cases: [],
  below: 0,
  countsFor: null,
  tasks: [],
  next: null,
});

/** Adds a commit of the feature. {@link atMoment} then takes the rest from the state after it. */
export const afterCommit = (record: KeyRecord, version: number, events: readonly FeatureEvent[]): KeyRecord => ({
  ...record,
  version,
  changes: [...events.reduce(changesAfter, record.changes)],
});

const answerFrom = (before: KeyAnswer | null, now: KeyAnswer): KeyAnswer =>
  before !== null && isSameAnswer(before, now) ? { ...now, since: before.since } : now;

const offSinceAfter = ({ answer, offSince }: KeyRecord, { onFor }: KeyAnswer, at: string): string | null => {
  if (onFor !== 'none') return null;
  return answer !== null && answer.onFor !== 'none' ? at : offSince;
};

/** A record must fit in the side store, whatever was reported. */
const RECORD_BYTES_MAX = 200_000;
const FEW = 4;

const sizeOf = (record: KeyRecord): number => Buffer.byteLength(JSON.stringify(record));

const withoutFirst = <T>(all: readonly T[], isSpare: (each: T) => boolean): T[] | undefined => {
  const at = all.findIndex(isSpare);
  return at < 0 ? undefined : all.toSpliced(at, 1);
};

/**
 * The less a report counts, the sooner it goes: a vendor can sign under any number of names and may not crowd out what the city
 * saw; then what the policy does not name; of alike ones first those that do not stand.
 */
const SPARE: readonly ((report: Report) => boolean)[] = [
  ({ kind }: Report) => kind === 'vendor',
  ({ named, kind }: Report) => !named && kind === 'city',
  () => true,
].flatMap((isAlike) => [(report: Report) => isAlike(report) && report.exceeds === null, isAlike]);

const withoutReport = (reports: readonly Report[]): Report[] => {
  for (const isSpare of SPARE) {
    const fewer = withoutFirst(reports, isSpare);
    if (fewer !== undefined) return fewer;
  }
  return [...reports];
};

/** Leaves out the first cases that are over, which stay in the list of cases, and then the reports that count least. */
const bounded = (record: KeyRecord): KeyRecord => {
  let current = record;
  while (sizeOf(current) > RECORD_BYTES_MAX) {
    // The last ones may have ended just now.
    const cases = current.cases.length > FEW ? withoutFirst(current.cases, ({ until }) => until !== null) : undefined;
    if (cases !== undefined) current = { ...current, cases };
    else if (current.reports.length > FEW) current = { ...current, reports: withoutReport(current.reports) };
    else break;
  }
  return current;
};

/** Returns the record at a moment. `heads`: of the key and its prefixes, root first; `report`: the one made then. */
export const atMoment = (record: KeyRecord, heads: readonly Head[], moment: FoldMoment, report?: ReportedKey): KeyRecord => {
  const { key } = record;
  const { at, sequence } = moment;
  const [head, state] = [heads.at(-1), stateIn(heads.at(-1))];
  const answer = answerFrom(record.answer, keyAnswerAt(key, heads, at));
  const allowed = [...allowedAfter(record.allowed, answer)];
  const judging: Judging = { at, sequence, answerAt: (instant) => (instant === at ? answer : keyAnswerAt(key, heads, instant)) };
  const standing = { reports: record.reports, cases: record.cases, allowed };
  return bounded({
    ...record,
    sequence,
    at,
    answer,
    own: ownAnswerAt(head, at),
    allowed,
    offSince: offSinceAfter(record, answer, at),
    changes: state === null ? record.changes : [...changesAt(record.changes, state, at)],
    ...(report === undefined ? rejudged(standing, judging) : withReport(standing, judging, report)),
    next: state === null ? null : windowAround(state, at).until,
  });
};

/** The keys above and beneath that tasks depend on. `lostAncestor`: the topmost key above that was on and is off. */
interface Relatives {
  readonly lostAncestor: string | null;
  readonly below: number;
}

/** Returns a record of {@link atMoment} with what the city must do then. */
export const withTasks = (record: KeyRecord, { lostAncestor, below }: Relatives, zone: string): KeyRecord => {
  const { tasks, next } = tasksOf(record, { now: record.at, zone, lostAncestor, below });
  const counts = isCoveredByAncestor(record, lostAncestor);
  return {
    ...record,
    below,
    countsFor: counts ? lostAncestor : null,
    tasks: [...tasks],
    next: earliest(record.next, next),
  };
};

// What a record says anew

type Bare<E> = E extends DerivedEvent ? Omit<E, 'v' | 'at' | 'sequence'> : never;

const answerEvents = (before: KeyAnswer | null, after: KeyRecord): readonly Bare<DerivedEvent>[] => {
  const { answer, key, at } = after;
  if (answer === null || isSameAnswer(before ?? keyAnswerAt(key, [], at), answer)) return [];
  const { onFor, variant, because, version } = answer;
  return [{ type: 'AnswerChanged', key, onFor, variant, because, version }];
};

/** A late report can show that an open case began sooner. */
const isSameCase = (known: DriftCase, each: DriftCase): boolean =>
  (known.since === each.since || (known.until === null && each.since < known.since)) &&
  known.openedAt === each.openedAt &&
  known.sequence === each.sequence;

const caseEvents = (key: string, before: readonly DriftCase[], after: readonly DriftCase[]): readonly Bare<DerivedEvent>[] =>
  after.flatMap((each): readonly Bare<DerivedEvent>[] => {
    const known = before.find((other) => isSameCase(other, each));
    const { kind, since, until, seen, sources } = each;
    const opened = { type: 'DriftOpened', key, kind, since, seen, source: sources[0]?.source ?? '' } as const;
    const closed =
      until === null || (known !== undefined && known.until !== null)
        ? []
        : [{ type: 'DriftClosed', key, since, until } as const];
    return [...(known === undefined ? [opened] : []), ...closed];
  });

export const taskEvents = (before: readonly Task[], after: readonly Task[]): readonly Bare<DerivedEvent>[] => {
  const [known, present] = [new Set(before.map(taskIdentity)), new Set(after.map(taskIdentity))];
  return [
    ...before.flatMap((task) => (present.has(taskIdentity(task)) ? [] : [{ type: 'TaskClosed', task } as const])),
    ...after.flatMap((task) => (known.has(taskIdentity(task)) ? [] : [{ type: 'TaskOpened', task } as const])),
  ];
};

export const published = (event: Bare<DerivedEvent>, { at, sequence }: Pick<FoldMoment, 'at' | 'sequence'>): DerivedEvent => ({
  v: 1,
  at,
  sequence,
  ...event,
});

export type Published = Pick<KeyRecord, 'answer' | 'cases' | 'tasks'>;

export const NOTHING_PUBLISHED: Published = { answer: null, cases: [], tasks: [] };

export const eventsOfRecord = (before: Published, after: KeyRecord): readonly DerivedEvent[] =>
  [
    ...answerEvents(before.answer, after),
    ...caseEvents(after.key, before.cases, after.cases),
    ...taskEvents(before.tasks, after.tasks),
  ].map((event) => published(event, after));
