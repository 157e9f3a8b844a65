import { canonical } from '../../../domain/kernel/canonical.ts';
import { type Commit, EVENTS_MAX, hashOf } from '../../../domain/kernel/commit.ts';
import type { Rejection } from '../../../domain/kernel/decider.ts';
import type { JsonObject, JsonValue } from '../../../domain/kernel/json.ts';
import { latest } from '../../../domain/kernel/order.ts';
import type { Aggregate } from './aggregate.ts';
import { backoff } from './backoff.ts';
import { mustNotBeBehind } from './clockBehind.ts';
import { sizeProblem } from './limits.ts';
import { advance, eventsOf, type Loaded, load, remember } from './load.ts';
import type { Attachment, Store, StoredCommit } from './port.ts';
import type { StreamQueue } from './queue.ts';
import { assertFollows, newRecord } from './record.ts';

/** After these, or the time limit, the caller gets 503 `contended` with Retry-After. */
export const TRIES_MAX = 16;
const TRYING_MS_MAX = 5_000;
const JITTER = { baseMs: 8, capMs: 400 };

export interface SubmitPorts {
  readonly store: Store;
  readonly clock: () => string;
  readonly newId: () => string;
  readonly queue: StreamQueue;
}

export interface SubmitRequest<C, S = never> {
  readonly stream: string;
  /** Sent again with every repetition: a command is written at most once under it. */
  readonly commandId: string;
  /** Comes from the credential, never from the body. */
  readonly actor: string;
  readonly command: (at: string) => C;
  readonly notBefore?: string | undefined;
  readonly attachments?: readonly Attachment[];
  readonly loaded?: Loaded<S>;
}

/** Why the store refuses what a decider accepts. */
export type StoreRejection = 'contended' | 'too-large';

export type Submitted<S, E, R extends string> =
  | {
      readonly ok: true;
      readonly state: S;
      readonly version: number;
      readonly events: readonly E[];
      readonly at: string;
      readonly appended: boolean;
      readonly replayed: boolean;
    }
  | {
      readonly ok: false;
      readonly rejection: Rejection<R | StoreRejection>;
      readonly state: S;
      readonly version: number;
    };

/**
 * Writes a fact, and nothing else may: reads the head, decides, puts version n+1 if absent, and on conflict decides again on the winner.
 * Refusals are values; throws StoreUnavailable (send the same command again) and CorruptStore.
 */
export const submit = async <C, S, E, R extends string>(
  ports: SubmitPorts,
  aggregate: Aggregate<C, S, E, R>,
  request: SubmitRequest<C, NoInfer<S>>,
): Promise<Submitted<S, E, R>> =>
  ports.queue.run(request.stream, () => decideAndAppend(ports, aggregate, request)) ??
  contended(await load(ports.store, aggregate, request.stream), 'too many commands wait for this stream');

const decideAndAppend = async <C, S, E, R extends string>(
  ports: SubmitPorts,
  aggregate: Aggregate<C, S, E, R>,
  request: SubmitRequest<C, NoInfer<S>>,
): Promise<Submitted<S, E, R>> => {
  const { store } = ports;
  const started = performance.now();
  let current = request.loaded ?? (await load(store, aggregate, request.stream));
  for (let tries = 1; ; tries += 1) {
    if (current.head?.commandId === request.commandId) return replayed(aggregate, current.head, current.state);
    const prepared = await prepareCommit(ports, aggregate, request, current);
    if (!prepared.pending) return prepared.result;
    const answer = await store.append(prepared.record);
    if (answer.outcome === 'appended') return prepared.result;
    // A first conflict costs no read: the occupant is version n+1, so the state after it follows from the present one.
    if (tries === 1) current = onto(aggregate, current, answer.occupant);
    else {
      if (tries >= TRIES_MAX || performance.now() - started > TRYING_MS_MAX)
        return contended(current, 'too many writers on this stream');
      await backoff(tries, JITTER);
      current = await load(store, aggregate, request.stream);
    }
  }
};

/** A command that was decided and not written. */
export type PreparedCommit<S, E, R extends string> =
  | { readonly pending: false; readonly result: Submitted<S, E, R> }
  /** `result`: the outcome once `record` is stored. */
  | {
      readonly pending: true;
      readonly record: StoredCommit;
      readonly result: Extract<Submitted<S, E, R>, { readonly ok: true }>;
    };

/**
 * Decides a command and writes nothing, for commits that `Store.appendInOrder` writes together; if that stores fewer, {@link submit}
 * decides the others again.
 */
export const prepareCommit = async <C, S, E, R extends string>(
  { store, clock, newId }: SubmitPorts,
  aggregate: Aggregate<C, S, E, R>,
  request: SubmitRequest<C, NoInfer<S>>,
  current: Loaded<NoInfer<S>>,
): Promise<PreparedCommit<S, E, R>> => {
  const now = clock();
  return prepare(aggregate, request, current, { now, newest: await store.newestAt() }, newId());
};

const prepare = <C, S, E, R extends string>(
  aggregate: Aggregate<C, S, E, R>,
  request: SubmitRequest<C, NoInfer<S>>,
  { head, state, version }: Loaded<S>,
  { now, newest }: { readonly now: string; readonly newest: string | undefined },
  id: string,
): PreparedCommit<S, E, R> => {
  const { decider, stateVersion } = aggregate;
  // Not before anything committed, so that whatever a command rests on was there by the instant of its commit.
  const at = latest(now, head?.at, request.notBefore, newest);
  const decision = decider.decide(request.command(at), state);
  if (!decision.ok) return { pending: false, result: { ok: false, rejection: decision.rejection, state, version } };
  const { events } = decision;
  if (events.length === 0)
    return { pending: false, result: { ok: true, state, version, events, at, appended: false, replayed: false } };
  mustNotBeBehind(now, at, events);
  if (events.length > EVENTS_MAX) return { pending: false, result: tooLarge(`more than ${EVENTS_MAX} events`, state, version) };
  const commit: Commit = {
    stream: request.stream,
    version: version + 1,
    id,
    commandId: request.commandId,
    at,
    actor: request.actor,
    prev: head ? hashOf(head.bytes) : null,
    // Zod schemas make events from JSON; canonical() throws on anything else.
    events: events as readonly JsonObject[],
  };
  const after = events.reduce(decider.evolve, state);
  const record = newRecord(commit, {
    state: canonical(after as JsonValue),
    stateVersion,
    attachments: request.attachments ?? [],
  });
  const problem = sizeProblem(record);
  if (problem) return { pending: false, result: tooLarge(problem, state, version) };
  remember(aggregate, record, after, events);
  return {
    pending: true,
    record,
    result: { ok: true, state: after, version: commit.version, events, at, appended: true, replayed: false },
  };
};

/** Returns the stream after `occupant`. A broken chain is a corrupt store, not a conflict. */
const onto = <C, S, E, R extends string>(
  aggregate: Aggregate<C, S, E, R>,
  current: Loaded<S>,
  occupant: StoredCommit,
): Loaded<S> => {
  assertFollows(current.head, occupant);
  return { state: advance(aggregate, current.state, occupant), version: occupant.version, head: occupant };
};

const replayed = <C, S, E, R extends string>(
  aggregate: Aggregate<C, S, E, R>,
  mine: StoredCommit,
  state: S,
): Submitted<S, E, R> => ({
  ok: true,
  state,
  version: mine.version,
  events: eventsOf(aggregate, mine),
  at: mine.at,
  appended: false,
  replayed: true,
});

const tooLarge = <S>(detail: string, state: S, version: number) => ({
  ok: false as const,
  rejection: { code: 'too-large' as const, detail },
  state,
  version,
});

const contended = <S>({ state, version }: Loaded<S>, detail: string) => ({
  ok: false as const,
  rejection: { code: 'contended' as const, detail },
  state,
  version,
});
