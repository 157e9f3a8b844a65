import { outdates } from '../feature/arrival.ts';
import { CITY, changeId, vendorOf } from '../feature/keys.ts';
import { canOptOut, dayToOptOutBy, hasChoice } from '../feature/optOut.ts';
import { ascending, earliest, latest, soonest } from '../kernel/order.ts';
import { startOfDayFrom } from '../kernel/zone.ts';
import { isAfter, openCaseOf } from './cases.ts';
import type { ChangeRecord, DriftCase, KeyAnswer, KeyRecord, Report, SourceRecord, Task, TaskCause, TaskKind } from './record.ts';

/** Returns the first moment after the local day that is `days` after that of an instant. */
const endOfDayFrom = (instant: string, days: number, zone: string): string => startOfDayFrom(instant, days + 1, zone);

/**
 * The time of a question. Rules compare time only through `reached`, so that what they compared with is known: until one of these instants
 * comes, the answer stays the same.
 */
interface Clock {
  readonly zone: string;
  readonly reached: (instant: string) => boolean;
}

/** `next` returns the earliest instant asked about that has not come, null for none. */
const watchedClock = (now: string, zone: string): Clock & { readonly next: () => string | null } => {
  let next: string | null = null;
  return {
    zone,
    reached: (instant) => {
      if (instant <= now) return true;
      if (next === null || instant < next) next = instant;
      return false;
    },
    next: () => next,
  };
};

// What the city must do at its vendors: the table of tasks, a function for each row. It follows from the records of keys alone.

export type TaskRecord = Pick<KeyRecord, 'key' | 'answer' | 'offSince' | 'allowed' | 'changes' | 'reports' | 'cases'>;

/**
 * The keys around one. `lostAncestor`: the topmost key above that was on and is off, by its `offSince`; null for none. `below`: how many
 * keys beneath count for this one, by {@link isCoveredByAncestor}.
 */
export interface Surroundings {
  readonly lostAncestor: string | null;
  readonly below: number;
}

interface KeyFacts extends Surroundings {
  readonly record: TaskRecord;
  readonly clock: Clock;
}

interface Facts extends KeyFacts {
  readonly change: ChangeRecord;
}

/** A task before it is known whether it is overdue. */
type TaskDraft = Omit<Task, 'urgent'>;
type Drafts = readonly TaskDraft[];

/** Days after words without a day arrived, and after an opt-out was recorded. */
const WEEK_DAYS = 7;
/** A roll-out can take as long, and an end is shown as long before. */
const MONTH_DAYS = 30;

const NOTHING: Drafts = [];

// What is known of a change

const isOnFor = (answer: KeyAnswer | null): answer is KeyAnswer => answer !== null && answer.onFor !== 'none';

const hasBegun = ({ status, from }: ChangeRecord, clock: Clock): boolean =>
  status === 'approved' && (from === null || clock.reached(from));

/** Reports whether a change is approved for its instant: its day, or now once that came or if it has none. */
const isApproved = ({ clock, change }: Facts): boolean => {
  const { status, from, until, at, effectiveAt } = change;
  if (effectiveAt === null || clock.reached(effectiveAt)) return hasBegun(change, clock);
  return status === 'approved' && (from ?? at) <= effectiveAt && (until === null || effectiveAt < until);
};

/** Returns when an approval ended before the day of its words: on that day they are not approved. */
const endBeforeItsDay = ({ status, ended, effectiveAt }: ChangeRecord): string | null =>
  (status === 'revoked' || status === 'expired') && ended !== null && effectiveAt !== null && ended < effectiveAt ? ended : null;

/** Not one that a removal closed: until that comes, its words run as announced. */
const isEnded = ({ status }: ChangeRecord): boolean => ['replaced', 'withdrawn', 'revoked', 'expired'].includes(status);

const removesFrom = ({ kind, withdrawn, at, effectiveAt }: ChangeRecord): string | null =>
  kind === 'removal' && withdrawn === null ? latest(at, effectiveAt ?? undefined) : null;

/**
 * Reports whether nothing is left of a change: words that arrived after its effect are approved, or its feature was removed since it
 * arrived.
 */
const isOvertaken = ({ record, clock, change }: Facts): boolean =>
  record.changes.some((other) => {
    const removed = removesFrom(other);
    const [came, took] = removed === null ? [other.at, latest(change.at, change.effectiveAt ?? undefined)] : [removed, change.at];
    const isLater = came > took || (came === took && other.n > change.n);
    return isLater && other.n !== change.n && (removed === null ? hasBegun(other, clock) : clock.reached(removed));
  });

/** Reports whether a change was announced, or has a day, and is not approved for its instant. */
const isAwaited = (facts: Facts): boolean => {
  const { change } = facts;
  const { kind, maintenance, withdrawn, announced, effectiveAt } = change;
  if (kind === 'removal' || maintenance || withdrawn !== null) return false;
  if (!announced && effectiveAt === null) return false;
  return (!isEnded(change) || endBeforeItsDay(change) !== null) && !isApproved(facts) && !isOvertaken(facts);
};

/**
 * Returns when a change that is awaited became one: at its arrival, at the contest of what came as maintenance, at the end of its
 * approval.
 */
const awaitedSince = (change: ChangeRecord): string =>
  latest(change.at, change.contested ?? undefined, endBeforeItsDay(change) ?? undefined);

/** Reports whether words make those in force untrue on their day, whatever the city does at the vendor. */
const cannotBeHeldBack = ({ record, change }: Facts): boolean => outdates(change, record.key) && !canOptOut(record.key, change);

// What was seen

/** What a vendor reports ends no task. */
const endsTasks = ({ kind }: Pick<Report, 'kind'>): boolean => kind !== 'vendor';

const newestOf = (reports: readonly Report[]): Report | undefined =>
  reports.reduce<Report | undefined>((last, each) => (last === undefined || isAfter(each, last) ? each : last), undefined);

/** Returns the newest report of the city or an audit. */
const newestReport = ({ reports }: TaskRecord): Report | undefined => newestOf(reports.filter(endsTasks));

const isLookedAtSince = ({ reports }: Pick<TaskRecord, 'reports'>, instant: string): boolean =>
  reports.some((report) => endsTasks(report) && report.observedAt >= instant);

const isSeenOffSince = ({ reports }: TaskRecord, instant: string): boolean =>
  isLookedAtSince({ reports: reports.filter(({ seen }) => !seen.on) }, instant);

/**
 * Reports whether what is approved is off at the vendor: it was seen off; or only the vendor looked, if any, and the city has opted
 * out of it, or the vendor named no day, so that only the city switches it on.
 */
const isKnownOff = (record: TaskRecord, { optedOut, effectiveAt, announced }: ChangeRecord): boolean => {
  const report = newestReport(record);
  return report === undefined ? optedOut !== null || (announced && effectiveAt === null) : !report.seen.on;
};

/** Reports whether the vendor has said off of what no other looked at. If it says on later, that ends nothing. */
const isOnlySaidOff = (record: TaskRecord): boolean =>
  newestReport(record) === undefined && record.reports.some(({ seen, denials }) => !seen.on || denials.length > 0);

// Tasks

type Details = Pick<Task, 'since' | 'by'> & Partial<Pick<Task, 'how' | 'agencies' | 'except' | 'below'>>;

const draft = (
  kind: TaskKind,
  because: TaskCause,
  key: string,
  change: ChangeRecord | undefined,
  details: Details,
): TaskDraft => ({
  key,
  kind,
  vendor: vendorOf(key),
  how: null,
  because,
  change: change === undefined ? null : changeId(key, change.n),
  digest: change?.digest ?? null,
  agencies: null,
  below: 0,
  ...details,
});

/** A look opens at an instant, is due by the end of that local day, and ends by a report of that instant or later. */
const look = ({ record, clock, change }: Facts, because: TaskCause, since: string | null): Drafts => {
  if (since === null || !clock.reached(since) || isLookedAtSince(record, since)) return NOTHING;
  return [draft('look', because, record.key, change, { since, by: endOfDayFrom(since, 0, clock.zone) })];
};

// The rows of one change

/**
 * Announced and not approved for its instant: opt out, or ask whether the city can, until that is recorded, or cannot be any more.
 */
const optOut = (facts: Facts): Drafts => {
  const { record, change, clock } = facts;
  const { optOutHow: how, withoutAction, optedOut, recordable } = change;
  if (!isAwaited(facts) || !canOptOut(record.key, change) || withoutAction === 'off') return NOTHING;
  if (optedOut !== null || !recordable) return NOTHING;
  const since = awaitedSince(change);
  const by = dayToOptOutBy(change) ?? endOfDayFrom(since, WEEK_DAYS, clock.zone);
  const because = change.optOut === 'unknown' ? 'not-stated' : 'announced';
  return [draft('opt-out', because, record.key, change, { since, by, how })];
};

/** An end of what is approved that is foreseen, `since` when it is shown. */
interface ForeseenEnd {
  readonly since: string;
  readonly by: string;
}

const endByWords = (facts: Facts): ForeseenEnd | null => {
  const { effectiveAt: by } = facts.change;
  if (by === null || !isAwaited(facts) || !cannotBeHeldBack(facts)) return null;
  return { since: awaitedSince(facts.change), by };
};

/** Reports whether another approval goes on where this one ends. */
const isContinued = ({ record, change: { n } }: Facts, end: string): boolean =>
  record.changes.some(
    ({ n: other, status, from, at, until }) =>
      other !== n && status === 'approved' && (from ?? at) <= end && (until === null || end < until),
  );

/** Returns the end that an approval has by its dates, shown from thirty days before, not before the approval. */
const endByDates = (facts: Facts): ForeseenEnd | null => {
  const { change, clock } = facts;
  const { status, until: by, from, at } = change;
  if (by === null || (status !== 'approved' && status !== 'expired') || isContinued(facts, by)) return null;
  return { since: latest(startOfDayFrom(by, -MONTH_DAYS, clock.zone), from ?? at), by };
};

const isShown = (end: ForeseenEnd | null, { record, clock }: KeyFacts): end is ForeseenEnd =>
  end !== null && isOnFor(record.answer) && clock.reached(end.since) && !clock.reached(end.by);

/** It cannot be held back while something is approved, or the end of that is known: switch off by then. */
const switchOffByThen = (facts: Facts): Drafts =>
  (['cannot-opt-out', 'ends'] as const).flatMap((because) => {
    const { record, change } = facts;
    const [end, how] = because === 'ends' ? [endByDates(facts), null] : [endByWords(facts), change.optOutHow];
    if (!isShown(end, facts) || isSeenOffSince(record, end.since)) return NOTHING;
    return [draft('switch-off', because, record.key, change, { ...end, how })];
  });

/**
 * Returns the day of a change, not before it is known. Without one: now where it cannot be held back; a week on where the vendor
 * leaves it off, or an opt-out cannot be recorded any more; null where to opt out is all that is known.
 */
const dayOf = (facts: Facts): string | null => {
  const { change, clock } = facts;
  const { effectiveAt, from, withoutAction, optedOut, recordable } = change;
  if (isApproved(facts)) return effectiveAt && latest(effectiveAt, change.at, from ?? undefined);
  const since = awaitedSince(change);
  if (effectiveAt !== null) return latest(effectiveAt, since);
  if (cannotBeHeldBack(facts)) return since;
  const isLeft = withoutAction === 'off' || (optedOut === null && !recordable);
  return hasChoice(change.kind) && isLeft ? startOfDayFrom(since, WEEK_DAYS, clock.zone) : null;
};

/** Reports whether an approved change has yet to be seen at the vendor: on, an update in its version. */
const isYetToBeSeen = ({ record, change }: Facts): boolean => {
  const { answer } = record;
  if (!hasChoice(change.kind) || change.maintenance || !isOnFor(answer) || answer.change !== change.n) return false;
  const seen = newestReport(record)?.seen;
  const isSeen = seen?.on === true && (change.kind !== 'update' || (seen.version !== null && seen.version === change.version));
  return !isSeen && !isKnownOff(record, change);
};

/** Its day came: look, and once more thirty days on, as a roll-out can be slow. */
const lookOnItsDay = (facts: Facts): Drafts => {
  const { change, clock } = facts;
  if (isApproved(facts) ? !isYetToBeSeen(facts) : !isAwaited(facts)) return NOTHING;
  const day = dayOf(facts);
  if (day === null) return NOTHING;
  const isPast = change.effectiveAt === null || change.effectiveAt < day;
  const again = startOfDayFrom(day, MONTH_DAYS, clock.zone);
  return [...look(facts, isPast ? 'took-effect' : 'takes-effect', day), ...look(facts, 'slow-roll-out', again)];
};

/** The city has opted out: look a week later. */
const lookAtOptOut = (facts: Facts): Drafts => {
  const { change, clock } = facts;
  if (change.optedOut === null || !isAwaited(facts)) return NOTHING;
  return look(facts, 'opted-out', startOfDayFrom(change.optedOut.at, WEEK_DAYS, clock.zone));
};

/** A removal: look on its day, at once if it has none. */
const lookAtRemoval = (facts: Facts): Drafts => look(facts, 'removed', removesFrom(facts.change));

const CHANGE_ROWS: readonly ((facts: Facts) => Drafts)[] = [optOut, switchOffByThen, lookAtOptOut, lookOnItsDay, lookAtRemoval];

// The rows of one key

const LOST_BY: Partial<Record<KeyAnswer['variant'], TaskCause>> = {
  revoked: 'revoked',
  outdated: 'outdated',
  removed: 'removed',
};
/** Why what was seen on without permission is to be switched off. */
export const SEEN_ON: Readonly<Record<DriftCase['kind'], TaskCause>> = {
  'not-approved': 'seen-on',
  'never-announced': 'never-announced',
  removed: 'removed',
  audience: 'seen-on-for-others',
  version: 'seen-other-version',
};

/** Reports whether a key is off because the vendor removed it, and not before. */
const isLostByRemoval = ({ answer, offSince, changes }: TaskRecord): boolean => {
  const days = changes.map(removesFrom).filter((day) => day !== null);
  return answer?.variant === 'removed' && offSince !== null && days.some((day) => day <= offSince);
};

const foreseenEnds = (facts: KeyFacts): readonly ForeseenEnd[] =>
  facts.record.changes.flatMap((change) => [endByWords, endByDates].flatMap((endOf) => endOf({ ...facts, change }) ?? []));

/**
 * Returns since when a key must be switched off because it was on and is not: until it is seen off, after that or while its end was
 * foreseen. A removal is the vendor's to do. Null: it need not be.
 */
const lostSince = (facts: KeyFacts): string | null => {
  const { record } = facts;
  const { offSince } = record;
  if (offSince === null || isLostByRemoval(record)) return null;
  const foreseen = foreseenEnds(facts).filter(({ by }) => by === offSince);
  const from = earliest(offSince, ...foreseen.map(({ since }) => since)) ?? offSince;
  return isSeenOffSince(record, from) ? null : offSince;
};

/**
 * Reports whether a key that must be switched off counts for its `lostAncestor`, which has the one task for all of them: it is
 * approved, and off only because of a key above. Time alone changes nothing about it.
 */
export const isCoveredByAncestor = (record: TaskRecord, lostAncestor: string | null): boolean => {
  if (lostAncestor === null || record.answer?.variant !== 'blocked') return false;
  return openCaseOf(record) !== undefined || (record.offSince !== null && !isSeenOffSince(record, record.offSince));
};

/** For whom it is seen on and not approved; null if that is not known. */
const excessOf = ({ kind, seen: { agencies }, approved: { onFor } }: DriftCase): Task['agencies'] => {
  if (kind !== 'audience' || agencies === null || typeof onFor === 'string') return null;
  return agencies.filter((agency) => !onFor.includes(agency));
};

/**
 * Returns for whom alone a key may stay on, and since when, where what was approved before was more: until it is seen off, or on for
 * none but those. Undefined: it need not be seen.
 */
const leftFor = ({ answer, allowed, reports }: TaskRecord) => {
  const except = answer?.onFor ?? 'none';
  if (typeof except === 'string') return undefined;
  const isWithin = (onFor: KeyAnswer['onFor'] | null): boolean =>
    onFor === 'none' || (Array.isArray(onFor) && onFor.every((agency) => except.includes(agency)));
  const more = allowed.findLastIndex(({ onFor }) => !isWithin(onFor));
  const since = more < 0 ? undefined : allowed[more + 1]?.since;
  if (since === undefined) return undefined;
  const isDone = reports
    .filter(endsTasks)
    .some(({ seen: { on, agencies }, observedAt, saidAgencies }) =>
      on ? isWithin(agencies) && saidAgencies.some((said) => endsTasks(said) && said.observedAt >= since) : observedAt >= since,
    );
  return isDone ? undefined : { since, except };
};

/**
 * Ended, revoked, outdated, seen on without approval, or approved for fewer than before: switch off at once. An ancestor off: one for
 * the topmost key.
 */
const switchOffNow = (facts: KeyFacts): Drafts => {
  const { record, lostAncestor, below } = facts;
  const { key, answer, offSince, changes } = record;
  if (isCoveredByAncestor(record, lostAncestor)) return NOTHING;
  const lost = lostSince(facts) ?? (below > 0 ? offSince : null);
  const seenOn = openCaseOf(record);
  const about = changes.find(({ n }) => n === answer?.change);
  const now = (because: TaskCause, since: string, whom: Pick<Details, 'agencies' | 'except'> = {}): Drafts => [
    draft('switch-off', because, key, about, { since, by: since, below, ...whom }),
  ];
  if (lost !== null) return now(LOST_BY[answer?.variant ?? 'expired'] ?? 'ended', lost);
  if (seenOn !== undefined) return now(SEEN_ON[seenOn.kind], seenOn.openedAt, { agencies: excessOf(seenOn) });
  const left = leftFor(record);
  return left === undefined ? NOTHING : now('for-fewer', left.since, { except: [...left.except] });
};

/**
 * Approved and off, if only in the vendor's word: may be switched on from the later of its approval and its day, for whom it is
 * approved, while no end is shown.
 */
const switchOn = (facts: KeyFacts): Drafts => {
  const { record, clock } = facts;
  const { key, answer, changes } = record;
  const change = changes.find(({ n }) => n === answer?.change);
  if (!isOnFor(answer) || change === undefined || !(isKnownOff(record, change) || isOnlySaidOff(record))) return NOTHING;
  const since = latest(change.from ?? change.at, change.effectiveAt ?? undefined);
  if (!clock.reached(since) || foreseenEnds(facts).some((end) => isShown(end, facts))) return NOTHING;
  const agencies = typeof answer.onFor === 'string' ? null : answer.onFor;
  return [draft('switch-on', 'approved', key, change, { since, by: null, agencies: agencies && [...agencies] })];
};

/** One report ends every look that is open: the one that opened first is the task. */
const firstLook = (drafts: Drafts): Drafts => {
  const [first] = drafts.filter(({ kind }) => kind === 'look').sort((a, b) => ascending(a.since, b.since));
  return drafts.filter((each) => each.kind !== 'look' || each === first);
};

/** Withdrawn after its day: look, once for all that were. Then each rollback waits for its two confirmations. */
const lookAtWithdrawn = (facts: KeyFacts): Drafts =>
  firstLook(
    facts.record.changes.flatMap((change) => {
      const { withdrawn, rolledBack, effectiveAt, at, maintenance } = change;
      if (withdrawn === null || rolledBack || maintenance || withdrawn < (effectiveAt ?? at)) return NOTHING;
      return look({ ...facts, change }, 'withdrawn-late', withdrawn);
    }),
  );

const KEY_ROWS: readonly ((facts: KeyFacts) => Drafts)[] = [lookAtWithdrawn, switchOffNow, switchOn];

interface TaskContext extends Surroundings {
  readonly now: string;
  readonly zone: string;
}

const urgencyOf = (clock: Clock, task: TaskDraft): Task => ({ ...task, urgent: task.by !== null && clock.reached(task.by) });

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
 * The tasks at an instant. `next`: the next instant at which time alone changes them, or their urgency, as long as the record
 * stays; null for never.
 */
interface Tasks {
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
