import type { JsonValue } from '../../../domain/kernel/json.ts';
import type { Fold } from './aggregate.ts';
import { CorruptStore } from './errors.ts';
import { streamProblem } from './limits.ts';
import type { Store, StoredCommit } from './port.ts';
import { assertFollows, commitOf } from './record.ts';

/** Version 0 and no head if nothing was ever written. */
export interface Loaded<S> {
  readonly state: S;
  readonly version: number;
  readonly head: StoredCommit | undefined;
}

const HISTORY_PAGE = 500;

/** `evolve`: of the aggregate; `events`: of one that this process decided. */
interface Known {
  readonly evolve: unknown;
  readonly state: unknown;
  readonly events: readonly unknown[] | undefined;
}

// Records are immutable, and the SQLite adapter returns the same object while nothing changes: its state is parsed once.
const known = new WeakMap<StoredCommit, Known>();

/** Returns the newest state of a stream with one strongly consistent read; folds the history only if other code wrote the state. */
export const load = async <S, E>(store: Store, aggregate: Fold<S, E>, stream: string): Promise<Loaded<S>> => {
  // Nothing can be stored under a name that is too long. The decider then refuses the name that it is made of, by its field.
  const head = streamProblem(stream) === undefined ? await store.head(stream) : undefined;
  if (!head) return { state: aggregate.decider.initialState, version: 0, head };
  const state = stateAt(aggregate, head) ?? (await fold(store, aggregate, head));
  return { state, version: head.version, head };
};

/**
 * Returns the state before the first commit that cannot be read, an older one. For what must never be locked out by a record that fails,
 * and for nothing that gives power.
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

/** Returns the state after any commit. */
export const stateAfter = async <S, E>(store: Store, aggregate: Fold<S, E>, record: StoredCommit): Promise<S> =>
  stateAt(aggregate, record) ?? (await fold(store, aggregate, record));

/** Returns the parsed events of a record. Throws CorruptStore. */
export const eventsOf = <S, E>(aggregate: Fold<S, E>, record: StoredCommit): readonly E[] => {
  const found = known.get(record);
  if (found?.events !== undefined && found.evolve === aggregate.decider.evolve) return found.events as readonly E[];
  return guarded(record, 'event', () => commitOf(record).events.map(aggregate.parseEvent));
};

/** Caches the state after a new record and the events that were decided, so that nothing in this process parses them. */
export const remember = <S, E>(aggregate: Fold<S, E>, record: StoredCommit, state: S, events?: readonly E[]): void => {
  known.set(record, { evolve: aggregate.decider.evolve, state, events });
};

/** Computes the state after `record`, given the state before it, without a read. */
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
