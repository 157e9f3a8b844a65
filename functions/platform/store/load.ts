import { setImmediate } from 'node:timers/promises';
import type * as z from 'zod';
import type { Decider } from '../../../domain/kernel/decider.ts';
import type { JsonObject, JsonValue } from '../../../domain/kernel/json.ts';
import { parseOnce } from '../../../domain/kernel/zodTypes.ts';
import { CorruptStore, ifReadable } from './errors.ts';
import type { CommitPlace, Store, StoredCommit } from './port.ts';
import { assertFollows, commitOf, streamProblem } from './record.ts';

/** The loaded stream; version 0 and no head if nothing was ever written. */
export interface Loaded<S> {
  readonly state: S;
  readonly version: number;
  readonly head: StoredCommit | undefined;
}

const HISTORY_PAGE = 500;

/** `events`: present for a commit that this process decided. */
interface Known {
  readonly evolve: unknown;
  readonly state: unknown;
  readonly events: readonly unknown[] | undefined;
}

// The SQLite adapter returns the same object while nothing changes, so its state is parsed once.
const known = new WeakMap<StoredCommit, Known>();

/** Loads a stream with one strongly consistent read; folds the history only if other code wrote the state. */
export const load = async <S, E>(store: Store, aggregate: Fold<S, E>, stream: string): Promise<Loaded<S>> => {
  // Nothing is stored under a name that is too long: the decider refuses it and names the field.
  const head = streamProblem(stream) === undefined ? await store.head(stream) : undefined;
  if (!head) return { state: aggregate.decider.initialState, version: 0, head };
  const state = stateAt(aggregate, head) ?? (await fold(store, aggregate, head));
  return { state, version: head.version, head };
};

/**
 * Returns the state before the first commit that cannot be read. Use it only for acts that such a record must not lock out, and never for
 * one that grants power.
 */
export const loadReadable = async <S, E>(store: Store, aggregate: Fold<S, E>, stream: string): Promise<S> => {
  let state = aggregate.decider.initialState;
  try {
    return (await load(store, aggregate, stream)).state;
  } catch (error) {
    if (!(error instanceof CorruptStore)) throw error;
  }
  let last: StoredCommit | undefined;
  try {
    for (;;) {
      const [record] = await store.history(stream, { after: last?.version ?? 0, limit: 1 });
      if (record === undefined) return state;
      assertFollows(last, record);
      state = evolveOver(aggregate, state, record);
      last = record;
    }
  } catch (error) {
    if (!(error instanceof CorruptStore)) throw error;
    return state;
  }
};

/** Returns a commit; undefined if there is no such version. Throws CorruptStore. */
export const readCommit = async (store: Store, stream: string, version: number): Promise<StoredCommit | undefined> =>
  (await store.history(stream, { after: version - 1, upTo: version, limit: 1 }))[0];

export const stateAfter = async <S, E>(store: Store, aggregate: Fold<S, E>, record: StoredCommit): Promise<S> =>
  stateAt(aggregate, record) ?? (await fold(store, aggregate, record));

/** Parses a commit's events. Throws CorruptStore. */
export const eventsOf = <S, E>(aggregate: Fold<S, E>, record: StoredCommit): readonly E[] => {
  const found = known.get(record);
  if (found?.events !== undefined && found.evolve === aggregate.decider.evolve) return found.events as readonly E[];
  return guarded(record, 'event', () => commitOf(record).events.map(aggregate.parseEvent));
};

/** Caches a decided commit, so that this process does not parse it. */
export const remember = <S, E>(aggregate: Fold<S, E>, record: StoredCommit, state: S, events?: readonly E[]): void => {
  known.set(record, { evolve: aggregate.decider.evolve, state, events });
};

/** Returns the state after `record` given the state before it, without a read. */
export const advance = <S, E>(aggregate: Fold<S, E>, before: S, record: StoredCommit): S =>
  stateAt(aggregate, record) ?? evolveOver(aggregate, before, record);

const stateAt = <S, E>(aggregate: Fold<S, E>, record: StoredCommit): S | undefined => {
  const found = known.get(record);
  if (found?.evolve === aggregate.decider.evolve) return found.state as S;
  if (record.stateVersion !== aggregate.stateVersion) return undefined;
  const state = guarded(record, 'state', () => aggregate.parseState(JSON.parse(record.state) as JsonValue));
  remember(aggregate, record, state);
  return state;
};

const fold = async <S, E>(store: Store, aggregate: Fold<S, E>, head: StoredCommit): Promise<S> => {
  let state = aggregate.decider.initialState;
  let last: StoredCommit | undefined;
  while ((last?.version ?? 0) < head.version) {
    const page = await store.history(head.stream, { after: last?.version ?? 0, upTo: head.version, limit: HISTORY_PAGE });
    if (page.length === 0)
      throw new CorruptStore(`${head.stream}: history ends at ${last?.version ?? 0}, its head is ${head.version}`);
    for (const record of page) {
      assertFollows(last, record);
      state = evolveOver(aggregate, state, record);
      last = record;
    }
  }
  remember(aggregate, head, state);
  return state;
};

const evolveOver = <S, E>(aggregate: Fold<S, E>, before: S, record: StoredCommit): S =>
  eventsOf(aggregate, record).reduce(aggregate.decider.evolve, before);

const guarded = <T>(record: StoredCommit, what: string, parse: () => T): T => {
  try {
    return parse();
  } catch (cause) {
    if (cause instanceof CorruptStore) throw cause;
    throw new CorruptStore(`${record.stream}@${record.version}: ${what} is not one of its aggregate`, { cause });
  }
};

interface Fold<S, E> {
  readonly decider: Pick<Decider<never, S, E, string>, 'initialState' | 'evolve'>;
  /** Raise it when `evolve` or the shape of the state changes: older states are then folded again. */
  readonly stateVersion: number;
  /** Throws on anything but an event of this aggregate. */
  readonly parseEvent: (json: JsonObject) => E;
  /** Throws on anything but a state of this aggregate. */
  readonly parseState: (json: JsonValue) => S;
}

export interface Aggregate<C, S, E, R extends string> extends Fold<S, E> {
  readonly decider: Decider<C, S, E, R>;
}

/** Makes an aggregate, or a fold if the decider has no `decide`. Stored bytes are attacker-controlled, so they are parsed. */
export const aggregate = <S, E, D extends Fold<S, E>['decider']>(
  decider: D,
  stateVersion: number,
  state: z.ZodType<S>,
  event: z.ZodType<E>,
): Fold<S, E> & { readonly decider: D } => ({
  decider,
  stateVersion,
  parseState: (json) => state.parse(json),
  parseEvent: (json) => parseOnce(event, json),
});

/** Reads on from a cursor; if the cursor is of another store, calls `lost` and starts from the beginning. */
export const fromCursor = async <T>(
  cursor: string | undefined,
  read: (from: string | undefined) => Promise<T>,
  lost: () => void = () => undefined,
): Promise<T> => {
  try {
    return await read(cursor);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    lost();
    return read(undefined);
  }
};

const RUN_PAGE = 200;

/** A commit at its place in the log. `commit`: undefined if it is missing or, with a `problem`, cannot be read. */
export interface LoggedCommit extends CommitPlace {
  readonly commit: StoredCommit | undefined;
  readonly problem?: CorruptStore;
}

interface Run {
  readonly stream: string;
  readonly from: number;
  readonly to: number;
}

/** Yields the commits of runs in order, including those that are missing or cannot be read. */
export async function* commitsIn(store: Store, runs: readonly Run[]): AsyncGenerator<LoggedCommit> {
  for (const run of runs) yield* commitsOf(store, run);
}

async function* commitsOf(store: Store, { stream, from, to: upTo }: Run): AsyncGenerator<LoggedCommit> {
  let limit = RUN_PAGE;
  for (let after = from - 1; after < upTo; ) {
    const page = await ifReadable(store.history(stream, { after, upTo, limit }), (error) => error);
    if (page instanceof CorruptStore && limit > 1) {
      // Reads one by one from here, up to the row that fails.
      limit = 1;
      continue;
    }
    const readable = page instanceof CorruptStore ? [] : page;
    if (readable[0]?.version !== after + 1) {
      after += 1;
      limit = RUN_PAGE;
      yield { stream, version: after, commit: undefined, ...(page instanceof CorruptStore && { problem: page }) };
    }
    for (const commit of readable) {
      if (commit.version !== after + 1) break;
      after = commit.version;
      yield { stream, version: after, commit };
    }
  }
}

/** Commits read in one turn of the event loop: 70 µs each on one machine, a millisecond for the largest; DynamoDB answers at most 1 MB. */
const PAGE = 20;

/**
 * Yields commits, with a turn of the event loop between pages. Throws CorruptStore if one is missing: without it, its act would count as
 * not done.
 */
export async function* commitsAbove(store: Store, stream: string, after: number): AsyncGenerator<StoredCommit> {
  for (let above = after; ; ) {
    const page = await store.history(stream, { after: above, limit: PAGE });
    for (const commit of page) {
      above += 1;
      if (commit.version !== above) throw new CorruptStore(`${stream}@${above} is missing`);
      yield commit;
    }
    if (page.length === 0) return;
    if (page.length === PAGE) await setImmediate();
  }
}
