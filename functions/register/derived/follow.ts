// What follows from the log and is no commit, kept up to date: a consumer of stream `log`, and a tick for the boundaries of time.
import * as z from 'zod';
import { BEGINNING } from '../../../domain/derived/answer.ts';
import { DERIVED_VERSION, KeyRecord, SourceRecord } from '../../../domain/derived/record.ts';
import { LOG_STREAM } from '../../../domain/log/events.ts';
import { commitsAbove } from '../../platform/feed/commitsAbove.ts';
import type { Consumer } from '../../platform/feed/consumer.ts';
import { Unavailable } from '../../platform/feed/consumer.ts';
import type { Logger } from '../../platform/logging.ts';
import { CorruptStore, ifReadable } from '../../platform/store/errors.ts';
import type { Store, StoredCommit } from '../../platform/store/port.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { stemOf } from '../documents.ts';
import { readKeyRecord, readSources } from './lists.ts';
import { loggedEntries, signedIn } from './logged.ts';
import { pruneQueue } from './prune.ts';
import { DERIVED, dueOf } from './records.ts';
import { type Refolded, refoldLog } from './refold.ts';
import { type DerivedReads, type FoldPosition, Unit, type UnitPorts } from './unit.ts';
import { isInterrupted, readPosition, recover, writesOf, writeUnit } from './writes.ts';

/** `store`: with the commits that the sequencer holds, since what is in the log was judged. */
export interface DerivedPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
  readonly clock: () => string;
  readonly logger: Logger;
}

/** As a consumer: of its marks. */
export const DERIVED_CONSUMER = 'derived';

/**
 * A boundary of time is processed so long after its instant: a commit is written within five seconds of its own instant, so every commit from
 * before the boundary is in the log by then.
 */
export const BEHIND_MS = 10_000;
const PRUNED_EVERY_MS = 60 * 60_000;
const DUE_PAGE = 32;

const START: FoldPosition = {
  derivedVersion: DERIVED_VERSION,
  log: 0,
  size: 0,
  at: BEGINNING,
  zone: 'UTC',
  sources: {},
  unit: 0,
};

const before = (instant: string, ms: number): string => new Date(Date.parse(instant) - ms).toISOString();

const readsOf = (sideStore: SideStore): DerivedReads => ({
  key: (key) => readKeyRecord(sideStore, key),
  beneath: async (key) =>
    (await sideStore.list(DERIVED.key, stemOf(key))).flatMap(({ value }) => KeyRecord.safeParse(value).data ?? []),
  source: async (id) => SourceRecord.safeParse(await sideStore.get(DERIVED.source, id)).data,
  sources: () => readSources(sideStore),
  keys: async () => (await sideStore.list(DERIVED.key)).map(({ id }) => id),
  due: async (after) => (await sideStore.list(DERIVED.due, '', { after, limit: DUE_PAGE })).map(({ id }) => dueOf(id)),
});

const REBUILD = 'rebuild';

/** Has the process that follows the log fold it anew, beside which nothing else may write. */
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

/** Returns how far the fold came, also where the journal is damaged: what it holds is folded anew. */
const lastPosition = (sideStore: SideStore): Promise<FoldPosition | undefined> =>
  ifReadable(recover(sideStore), () => readPosition(sideStore));

/**
 * Folds the whole log anew, while nothing else does. Queues only what differs from what was published; nothing at all if that is not known, and
 * after an `imported` log, which was published elsewhere.
 */
export const refoldDerived = async (ports: DerivedPorts, imported = false): Promise<Refolded> => {
  const { store, sideStore, clock } = ports;
  const stored = imported ? undefined : await lastPosition(sideStore);
  if (!imported && stored === undefined && !(await hasRecords(sideStore))) {
    await sideStore.remove(DERIVED.mark, REBUILD);
    return { position: START, keys: 0, differing: [] };
  }
  const head = (await store.head(LOG_STREAM))?.version ?? 0;
  const upTo = stored === undefined ? head : Math.min(head, stored.log);
  const time = stored?.at ?? before(clock(), BEHIND_MS);
  const done = await refoldLog({ ...unitPorts(ports), sideStore }, { start: START, upTo, time, stored, now: clock() });
  await sideStore.remove(DERIVED.mark, REBUILD);
  return done;
};

/** Which commits lead to what is derived. */
export const derivedProgress: Pick<Consumer, 'name' | 'wants'> = {
  name: DERIVED_CONSUMER,
  wants: (stream) => stream === LOG_STREAM,
};

/** The one writer of what is derived. */
export interface DerivedFollower {
  readonly consumer: Consumer;
  /** Reports whether something waits for a tick: a boundary of time, a unit that a crash interrupted, or a fold that was asked for. Three reads. */
  readonly isDue: (now: string) => Promise<boolean>;
  /**
   * Processes the boundaries of time before `now`. Call it only once every commit acknowledged before `now` is in the log and was followed.
   */
  readonly tick: (now: string) => Promise<void>;
}

const isDueBy = async (sideStore: SideStore, limit: string): Promise<boolean> => {
  const [due] = await sideStore.list(DERIVED.due, '', { limit: 1 });
  return due !== undefined && dueOf(due.id).instant <= limit;
};

class Follower {
  readonly #ports: DerivedPorts;
  #running: Promise<unknown> = Promise.resolve();
  #pruned = Number.NEGATIVE_INFINITY;

  constructor(ports: DerivedPorts) {
    this.#ports = ports;
  }

  /** One at a time. What cannot be read now is tried again later. */
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
    const limit = before(now, BEHIND_MS);
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
    // Another log than the one that was followed, in a folder that was put back.
    const anew = (await refoldDerived(this.#ports)).position;
    if (anew.log >= commit.version) return anew;
    const again = await this.#folded(anew, commit);
    if (again === undefined) throw new CorruptStore(`${LOG_STREAM}@${commit.version} does not follow from what stands before it`);
    return this.#write(anew, again);
  }

  /** Undefined if the checkpoint does not follow that of the position. */
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

/** Only one may run at a time, in all processes. */
export const derivedFollower = (ports: DerivedPorts): DerivedFollower => {
  const follower = new Follower(ports);
  return {
    consumer: { ...derivedProgress, handle: ({ version }) => follower.alone(() => follower.follow(version)) },
    isDue: async (now) =>
      (await isDueBy(ports.sideStore, before(now, BEHIND_MS))) ||
      (await isRequested(ports.sideStore)) ||
      isInterrupted(ports.sideStore),
    tick: (now) => follower.alone(() => follower.tick(now)),
  };
};
