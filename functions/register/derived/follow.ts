// Keeps the records derived from the log up to date: a consumer of stream `log`, and a tick for the boundaries of time.
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { EARLIEST_INSTANT } from '../../../domain/derived/answer.ts';
import { openCaseOf } from '../../../domain/derived/cases.ts';
import type { DerivedEvent } from '../../../domain/derived/events.ts';
import { eventsOfRecord, type Published, published } from '../../../domain/derived/fold.ts';
import { DERIVED_VERSION, DriftCase, KeyAnswer, type KeyRecord, SourceRecord, Task } from '../../../domain/derived/record.ts';
import { eventsOfSource } from '../../../domain/derived/sources.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { ascending, plusMs } from '../../../domain/kernel/order.ts';
import { object } from '../../../domain/kernel/zodTypes.ts';
import { CheckpointSigned, type CommitRun, LOG_STREAM } from '../../../domain/log/events.ts';
import { type Consumer, Unavailable } from '../../platform/feed/consumer.ts';
import type { Logger } from '../../platform/logging.ts';
import { CorruptStore, ifReadable } from '../../platform/store/errors.ts';
import { commitsAbove, commitsIn, type LoggedCommit } from '../../platform/store/load.ts';
import type { Store, StoredCommit } from '../../platform/store/port.ts';
import { commitOf } from '../../platform/store/record.ts';
import { pagesOf, type SideKind, type SideStore } from '../../platform/store/sideStore.ts';
import { inTurns } from '../../platform/turns.ts';
import { DERIVED, distinctId, parseDueId, readKeyRecord, readSources, recordsBeneath, unitOf } from './records.ts';
import { type DerivedReads, type FoldPosition, NO_READS, Unit, type UnitPorts } from './unit.ts';
import { eventWrites, isUnfinished, readPosition, recordWrites, recover, type Write, writesOf, writeUnit } from './writes.ts';

/** `store`: includes commits that the sequencer holds back, since those in the log were judged. */
export interface DerivedPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
  readonly clock: () => string;
  readonly logger: Logger;
}

/** The consumer name, for its marks. */
export const DERIVED_CONSUMER = 'derived';

/**
 * Delay before a boundary of time is processed. A commit is written within five seconds of its instant, so every commit from
 * before the boundary is then in the log.
 */
export const BEHIND_MS = 10_000;
const PRUNED_EVERY_MS = 60 * 60_000;
const DUE_PAGE = 32;

const START: FoldPosition = {
  derivedVersion: DERIVED_VERSION,
  log: 0,
  size: 0,
  at: EARLIEST_INSTANT,
  zone: 'UTC',
  sources: {},
  unit: 0,
};

const readsOf = (sideStore: SideStore): DerivedReads => ({
  key: (key) => readKeyRecord(sideStore, key),
  beneath: (key) => recordsBeneath(sideStore, key),
  source: async (id) => SourceRecord.safeParse(await sideStore.get(DERIVED.source, id)).data,
  sources: async () => (await readSources(sideStore)) ?? [],
  keys: async () => (await sideStore.list(DERIVED.key)).map(({ id }) => id),
  due: async (after) => (await sideStore.list(DERIVED.due, '', { after, limit: DUE_PAGE })).map(({ id }) => parseDueId(id)),
});

const REBUILD = 'rebuild';

/** Requests a new fold from the process that follows the log, the only one that may write. */
export const requestRefold = (sideStore: SideStore): Promise<void> => sideStore.put(DERIVED.mark, REBUILD, true);

const isRequested = async (sideStore: SideStore): Promise<boolean> =>
  z.literal(true).safeParse(await sideStore.get(DERIVED.mark, REBUILD)).success;

const unitPorts = ({ store, sideStore, logger }: DerivedPorts): UnitPorts => ({
  store,
  reads: readsOf(sideStore),
  unreadable: ({ stream, version }) => logger({ level: 'error', event: 'entry of the log cannot be folded', stream, version }),
});

const hasRecords = async (sideStore: SideStore): Promise<boolean> =>
  (await sideStore.list(DERIVED.key, '', { limit: 1 })).length > 0;

/** Returns the fold's position, even if the journal is damaged: its content is folded anew. */
const lastPosition = (sideStore: SideStore): Promise<FoldPosition | undefined> =>
  ifReadable(recover(sideStore), () => readPosition(sideStore));

// The log

const signedIn = (commit: StoredCommit): CheckpointSigned => {
  const [event] = commitOf(commit).events;
  const signed = CheckpointSigned.safeParse(event);
  if (signed.success) return signed.data;
  throw new CorruptStore(`${LOG_STREAM}@${commit.version}: event is not one of its stream`, { cause: signed.error });
};

/** Throws CorruptStore if the head of stream `log` is unreadable too. */
async function* loggedEntries(store: Store, runs: readonly CommitRun[]): AsyncGenerator<LoggedCommit> {
  for await (const entry of commitsIn(store, runs)) {
    if (entry.commit === undefined) await store.head(LOG_STREAM);
    yield entry;
  }
}

const KEPT_MS = 90 * 24 * 60 * 60_000;
const PRUNED_AT_ONCE = 100;

const Queued = object(() => ({ queued: z.string() }));

export const pruneQueue = async (sideStore: SideStore, now: string): Promise<void> => {
  const oldest = plusMs(now, -KEPT_MS);
  for (;;) {
    const page = await sideStore.list(DERIVED.event, '', { limit: PRUNED_AT_ONCE });
    const old = page.filter(({ value }) => queuedAt(value) < oldest);
    await Promise.all(old.map(({ id }) => sideStore.remove(DERIVED.event, id)));
    if (old.length < PRUNED_AT_ONCE) return;
  }
};

/** An unreadable event counts as the oldest. */
const queuedAt = (value: JsonValue): string => Queued.safeParse(value).data?.queued ?? '';

// The fold made anew: after a rebuild, an import, or a change of the code

/** The published record, as far as readable: another code version may have written it. */
const Known = z.object({
  answer: KeyAnswer.nullable().catch(null),
  cases: z.array(DriftCase).catch([]),
  tasks: z.array(Task).catch([]),
});

const caseDifference = (before: Published, now: KeyRecord): readonly DerivedEvent[] => {
  const [open, opened] = [openCaseOf(before), openCaseOf(now)];
  if ((open === undefined) === (opened === undefined)) return [];
  if (opened !== undefined) return eventsOfRecord({ ...now, cases: now.cases.filter((each) => each !== opened) }, now);
  const { key, at: until } = now;
  return open === undefined ? [] : [published({ type: 'DriftClosed', key, since: open.since, until }, now)];
};

const differencesOf = (value: JsonValue, now: KeyRecord): readonly DerivedEvent[] => {
  const before = Known.safeParse(value).data;
  if (before === undefined) return [];
  return [
    ...eventsOfRecord({ ...before, answer: before.answer ?? now.answer, cases: now.cases }, now),
    ...caseDifference(before, now),
  ];
};

type Stored = ReadonlyMap<string, JsonValue>;

const placeOf = (kind: string, id: string): string => `${kind}/${id}`;

const PER_TURN = 500;

const storedOf = async (sideStore: SideStore, kind: SideKind): Promise<Stored> => {
  const found = new Map<string, JsonValue>();
  for await (const page of pagesOf(sideStore, kind, { limit: PER_TURN })) for (const { id, value } of page) found.set(id, value);
  return found;
};

const LISTED = [DERIVED.key, DERIVED.source, DERIVED.due, DERIVED.task, DERIVED.case, DERIVED.figures] as const;

const lastQueuedUnit = async (sideStore: SideStore): Promise<number> => {
  const last = [...(await storedOf(sideStore, DERIVED.event)).keys()].at(-1);
  return last === undefined ? 0 : unitOf(last);
};

/** `changed`: the places of records that differ from those stored. */
const publishedAnew = (stored: ReadonlyMap<string, Stored>, unit: Unit, changed: ReadonlySet<string>): Unit['events'] => {
  const here = { at: unit.position.at, sequence: unit.position.size - 1 };
  const events: Unit['events'] = [];
  const ids = new Map<string, number>();
  const add = (of: string, found: readonly DerivedEvent[]): void => {
    for (const event of found) {
      const id = `derived-${event.sequence}-${event.at}-${of}-${event.type}-r${unit.position.unit}`;
      events.push({ id: distinctId(ids, id), event, cause: { time: here.at } });
    }
  };
  for (const [key, { now }] of [...unit.keys].sort(([one], [other]) => ascending(one, other))) {
    const before = changed.has(placeOf(DERIVED.key, key)) ? stored.get(DERIVED.key)?.get(key) : undefined;
    if (now !== undefined && before !== undefined) add(key, differencesOf(before, { ...now, ...here }));
  }
  for (const [id, { now }] of unit.sources) {
    const before = z.object({ tasks: z.array(Task) }).safeParse(stored.get(DERIVED.source)?.get(id)).data;
    if (now !== undefined && before !== undefined) add(id, eventsOfSource(before.tasks, { ...now, ...here }));
  }
  return events;
};

/** `differing`: the places of records that were stored and differ from what the log gives. */
interface Refolded {
  readonly position: FoldPosition;
  readonly differing: readonly string[];
}

type Tick = (done: number, of: number) => void;

/** Folds a log from its start, in order, with each checkpoint after its entries. Queues nothing. */
class WholeFold {
  readonly #unit: Unit;

  constructor(ports: UnitPorts, start: FoldPosition) {
    this.#unit = new Unit({ ...ports, reads: NO_READS }, start);
  }

  async entry(entry: LoggedCommit): Promise<void> {
    if (entry.stream === LOG_STREAM) this.#unit.ended(entry.version);
    else await this.#unit.entry(entry);
    this.#unit.events.length = 0;
  }

  async take(...commits: readonly StoredCommit[]): Promise<void> {
    for (const commit of commits) await this.entry({ ...commit, commit });
  }

  async end(time: string): Promise<Unit> {
    await this.#unit.timeUpTo(time);
    return this.#unit;
  }
}

/** Starts the fold of an imported log. */
export const startFold = async (ports: DerivedPorts): Promise<WholeFold> =>
  new WholeFold(unitPorts(ports), { ...START, unit: await lastQueuedUnit(ports.sideStore) });

const foldStored = async (ports: DerivedPorts, start: FoldPosition, upTo: number, tick: Tick): Promise<WholeFold> => {
  const fold = new WholeFold(unitPorts(ports), start);
  for await (const commit of commitsAbove(ports.store, LOG_STREAM, 0)) {
    if (commit.version > upTo) break;
    for await (const entry of loggedEntries(ports.store, signedIn(commit).runs)) await fold.entry(entry);
    await fold.take(commit);
    tick(commit.version, upTo);
  }
  return fold;
};

/**
 * Folds the whole log anew and replaces all stored records. Nothing else may fold meanwhile. Queues only differences from the stored
 * records, which show what was published; a missing record counts as published. Queues nothing if the position is unknown, nor for
 * an `imported` log, which was folded on import and published elsewhere. Keeps the queue and continues its unit numbers, so that
 * each follower continues from its mark. `tick`: called with the checkpoints folded and their total.
 */
export const refoldDerived = async (
  ports: DerivedPorts,
  imported?: WholeFold,
  tick: Tick = () => undefined,
): Promise<Refolded> => {
  const { store, sideStore, clock } = ports;
  const known = imported === undefined ? await lastPosition(sideStore) : undefined;
  if (imported === undefined && known === undefined && !(await hasRecords(sideStore))) {
    await sideStore.remove(DERIVED.mark, REBUILD);
    return { position: START, differing: [] };
  }
  const head = (await store.head(LOG_STREAM))?.version ?? 0;
  const first = { ...START, unit: known?.unit ?? (await lastQueuedUnit(sideStore)) };
  const upTo = Math.min(head, known?.log ?? head);
  const fold = imported ?? (await foldStored(ports, first, upTo, tick));
  const unit = await fold.end(known?.at ?? plusMs(clock(), -BEHIND_MS));
  const stored = new Map<SideKind, Stored>();
  for (const kind of LISTED) stored.set(kind, await storedOf(sideStore, kind));
  const made = await recordWrites(unit);
  const ids = new Set(made.map(([kind, id]) => placeOf(kind, id)));
  const isSame = ([kind, id, value]: Write): boolean => {
    const old = stored.get(kind)?.get(id);
    if (old === undefined) return false;
    const text = JSON.stringify(value);
    return JSON.stringify(old) === text || isDeepStrictEqual(old, JSON.parse(text));
  };
  const changed = (await inTurns(made, PER_TURN, async (part) => part.filter((write) => !isSame(write)))).flat();
  const gone = [...stored].flatMap(([kind, entries]) =>
    [...entries.keys()].flatMap((id): readonly Write[] => (ids.has(placeOf(kind, id)) ? [] : [[kind, id, null]])),
  );
  const differing = [...changed, ...gone].map(([kind, id]) => placeOf(kind, id));
  const events = known === undefined ? [] : publishedAnew(stored, unit, new Set(differing));
  const { position } = unit;
  await writeUnit(sideStore, known ?? first, position, [...eventWrites(position, events, clock()), ...changed, ...gone]);
  await sideStore.remove(DERIVED.mark, REBUILD);
  return { position, differing: known === undefined ? [] : differing };
};

// Following

export const derivedProgress: Pick<Consumer, 'name' | 'wants'> = {
  name: DERIVED_CONSUMER,
  wants: (stream) => stream === LOG_STREAM,
};

interface DerivedFollower {
  readonly consumer: Consumer;
  /**
   * Reports whether something waits for a tick: a boundary of time, a unit that a crash interrupted, or a new fold, requested or
   * after a change of the code. Takes up to three reads.
   */
  readonly isDue: (now: string) => Promise<boolean>;
  /**
   * Processes the boundaries of time up to {@link BEHIND_MS} before `now`. Every commit from before `now` must be in the log and followed.
   */
  readonly tick: (now: string) => Promise<void>;
}

const isDueBy = async (sideStore: SideStore, limit: string): Promise<boolean> => {
  const [due] = await sideStore.list(DERIVED.due, '', { limit: 1 });
  return due !== undefined && parseDueId(due.id).instant <= limit;
};

class Follower {
  readonly #ports: DerivedPorts;
  #running: Promise<unknown> = Promise.resolve();
  #pruned = Number.NEGATIVE_INFINITY;

  constructor(ports: DerivedPorts) {
    this.#ports = ports;
  }

  /** Runs one at a time. Rejects with Unavailable if the store is corrupt, so that it is retried. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#running.then(work).catch((error: unknown) => {
      throw error instanceof CorruptStore ? new Unavailable(error.message, { cause: error }) : error;
    });
    this.#running = next.catch(() => undefined);
    return next;
  }

  async follow(version: number): Promise<void> {
    let position = await this.#position();
    for await (const commit of commitsAbove(this.#ports.store, LOG_STREAM, position.log)) {
      if (commit.version > version) return;
      position = await this.#checkpoint(position, commit);
    }
  }

  async tick(now: string): Promise<void> {
    const { sideStore, clock } = this.#ports;
    const limit = plusMs(now, -BEHIND_MS);
    // A new fold ends where the last one did, which may be a restored, older position.
    await this.follow(Number.POSITIVE_INFINITY);
    const position = await this.#position();
    if (await isDueBy(sideStore, limit)) {
      const unit = new Unit(unitPorts(this.#ports), position);
      await unit.timeUpTo(limit);
      await this.#write(position, unit);
    }
    const ms = Date.parse(clock());
    if (ms - this.#pruned < PRUNED_EVERY_MS) return;
    this.#pruned = ms;
    await pruneQueue(sideStore, clock());
  }

  async #position(): Promise<FoldPosition> {
    const { sideStore } = this.#ports;
    const position = await ifReadable(recover(sideStore), () => 'damaged' as const);
    const isSound =
      position === undefined
        ? !(await hasRecords(sideStore))
        : position !== 'damaged' && position.derivedVersion === DERIVED_VERSION;
    if (!isSound || (await isRequested(sideStore))) return (await refoldDerived(this.#ports)).position;
    return position === undefined || position === 'damaged' ? START : position;
  }

  async #checkpoint(position: FoldPosition, commit: StoredCommit): Promise<FoldPosition> {
    const unit = await this.#folded(position, commit);
    if (unit !== undefined) return this.#write(position, unit);
    // Not the log that was followed: the folder was restored.
    const anew = (await refoldDerived(this.#ports)).position;
    if (anew.log >= commit.version) return anew;
    const again = await this.#folded(anew, commit);
    if (again === undefined) throw new CorruptStore(`${LOG_STREAM}@${commit.version} does not follow from what stands before it`);
    return this.#write(anew, again);
  }

  async #folded(position: FoldPosition, commit: StoredCommit): Promise<Unit | undefined> {
    const { runs, size } = signedIn(commit);
    const unit = new Unit(unitPorts(this.#ports), position);
    for await (const entry of loggedEntries(this.#ports.store, runs)) await unit.entry(entry);
    unit.ended(commit.version);
    return unit.position.size === size ? unit : undefined;
  }

  async #write(position: FoldPosition, unit: Unit): Promise<FoldPosition> {
    const { sideStore, clock } = this.#ports;
    await writeUnit(sideStore, position, unit.position, await writesOf(sideStore, unit, clock()));
    return unit.position;
  }
}

/** Only one may run at a time, across all processes. */
export const derivedFollower = (ports: DerivedPorts): DerivedFollower => {
  const follower = new Follower(ports);
  return {
    consumer: { ...derivedProgress, handle: ({ version }) => follower.alone(() => follower.follow(version)) },
    isDue: async (now) =>
      (await isDueBy(ports.sideStore, plusMs(now, -BEHIND_MS))) ||
      (await isRequested(ports.sideStore)) ||
      isUnfinished(ports.sideStore),
    tick: (now) => follower.alone(() => follower.tick(now)),
  };
};
