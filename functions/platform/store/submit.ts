import { canonical } from '../../../domain/kernel/canonical.ts';
import { type Commit, EVENTS_MAX, hashOf } from '../../../domain/kernel/commit.ts';
import { type Rejected, reject } from '../../../domain/kernel/decider.ts';
import type { JsonObject, JsonValue } from '../../../domain/kernel/json.ts';
import { latest } from '../../../domain/kernel/order.ts';
import { backoff } from '../turns.ts';
import { StoreUnavailable } from './errors.ts';
import { type Aggregate, advance, eventsOf, type Loaded, load, remember } from './load.ts';
import type { Attachment, Store, StoredCommit } from './port.ts';
import { assertFollows, newRecord, sizeProblem } from './record.ts';

/** Maximum tries; after these, or the time limit, the caller gets 503 `contended` with Retry-After. */
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
  /** The same for every repetition: at most one command is written under it. */
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
    }
  | Rejected<R | StoreRejection>;

/**
 * Appends a fact; nothing else may. Reads the head, decides, puts version n+1 if absent, and on conflict decides again on the winner.
 * Refusals are values; throws StoreUnavailable (send the same command again) and CorruptStore.
 */
export const submit = async <C, S, E, R extends string>(
  ports: SubmitPorts,
  aggregate: Aggregate<C, S, E, R>,
  request: SubmitRequest<C, NoInfer<S>>,
): Promise<Submitted<S, E, R>> =>
  ports.queue.run(request.stream, () => decideAndAppend(ports, aggregate, request)) ??
  reject('contended', 'too many commands wait for this stream');

const decideAndAppend = async <C, S, E, R extends string>(
  ports: SubmitPorts,
  aggregate: Aggregate<C, S, E, R>,
  request: SubmitRequest<C, NoInfer<S>>,
): Promise<Submitted<S, E, R>> => {
  const { store } = ports;
  const started = performance.now();
  let current = request.loaded ?? (await load(store, aggregate, request.stream));
  for (let tries = 1; ; tries += 1) {
    if (current.head?.commandId === request.commandId) {
      const { at, version } = current.head;
      const events = eventsOf(aggregate, current.head);
      return { ok: true, state: current.state, version, events, at, appended: false };
    }
    const prepared = await prepareCommit(ports, aggregate, request, current);
    if (!prepared.pending) return prepared.result;
    const { occupant } = await store.append([prepared.record]);
    if (occupant === undefined) return prepared.result;
    if (tries === 1) {
      // Costs no read: the occupant is version n+1. A broken chain is a corrupt store, not a conflict.
      assertFollows(current.head, occupant);
      current = { state: advance(aggregate, current.state, occupant), version: occupant.version, head: occupant };
    } else {
      if (tries >= TRIES_MAX || performance.now() - started > TRYING_MS_MAX)
        return reject('contended', 'too many writers on this stream');
      await backoff(tries, JITTER);
      current = await load(store, aggregate, request.stream);
    }
  }
};

type PreparedCommit<S, E, R extends string> =
  | { readonly pending: false; readonly result: Submitted<S, E, R> }
  /** `result`: valid once `record` is stored. */
  | {
      readonly pending: true;
      readonly record: StoredCommit;
      readonly result: Extract<Submitted<S, E, R>, { readonly ok: true }>;
    };

/**
 * Decides a command without writing, for commits that `Store.append` writes together; if it stores fewer, {@link submit} decides the
 * others again.
 */
export const prepareCommit = async <C, S, E, R extends string>(
  { store, clock, newId }: SubmitPorts,
  aggregate: Aggregate<C, S, E, R>,
  request: SubmitRequest<C, NoInfer<S>>,
  current: Loaded<NoInfer<S>>,
): Promise<PreparedCommit<S, E, R>> => {
  const { decider, stateVersion } = aggregate;
  const { stream, commandId, actor, notBefore, attachments = [] } = request;
  const { head, state, version } = current;
  const [now, newest] = [clock(), await store.newestAt()];
  // Not before anything committed, so that everything the command depends on existed by then.
  const at = latest(now, head?.at, notBefore, newest);
  const unwritten = (result: Submitted<S, E, R>) => ({ pending: false, result }) as const;
  const decision = decider.decide(request.command(at), state);
  if (!decision.ok) return unwritten(decision);
  const { events } = decision;
  if (events.length === 0) return unwritten({ ok: true, state, version, events, at, appended: false });
  mustNotBeBehind(now, at, events);
  const tooLarge = (detail: string) => unwritten(reject('too-large', detail));
  if (events.length > EVENTS_MAX) return tooLarge(`more than ${EVENTS_MAX} events`);
  const prev = head ? hashOf(head.bytes) : null;
  const id = newId();
  // Zod schemas make events from JSON; canonical() throws on anything else.
  const json = events as readonly JsonObject[];
  const commit: Commit = { stream, version: version + 1, id, commandId, at, actor, prev, events: json };
  const after = events.reduce(decider.evolve, state);
  const record = newRecord(commit, { state: canonical(after as JsonValue), stateVersion, attachments });
  const problem = sizeProblem(record);
  if (problem) return tooLarge(problem);
  remember(aggregate, record, after, events);
  const result = { ok: true, state: after, version: commit.version, events, at, appended: true } as const;
  return { pending: true, record, result };
};

/** Runs this process's commands on a stream one after the other, so that conflicts stay rare. */
export class StreamQueue {
  readonly #tails = new Map<string, { tail: Promise<unknown>; waiting: number }>();

  /** Returns undefined if the queue is full. */
  run<T>(stream: string, work: () => Promise<T>): Promise<T> | undefined {
    const queue = this.#tails.get(stream) ?? { tail: Promise.resolve(), waiting: 0 };
    if (queue.waiting >= QUEUE_MAX) return undefined;
    this.#tails.set(stream, queue);
    queue.waiting += 1;
    const result = queue.tail.then(work);
    queue.tail = result.then(
      () => this.#leave(stream, queue),
      () => this.#leave(stream, queue),
    );
    return result;
  }

  #leave(stream: string, queue: { waiting: number }): void {
    queue.waiting -= 1;
    if (queue.waiting === 0) this.#tails.delete(stream);
  }
}

/** Maximum queued commands of a stream: a flood is rejected instead of filling memory. */
const QUEUE_MAX = 2_000;

const CLOCK_BEHIND_MS_MAX = 5_000;

const isBehind = (now: string, newest: string): boolean => Date.parse(newest) - Date.parse(now) > CLOCK_BEHIND_MS_MAX;

/** Returns the newest committed instant if `now` is before it, as far as the store knows. */
export const newestAfter = async (
  { store }: { readonly store: Pick<Store, 'newestAt'> },
  now: string,
): Promise<string | undefined> => {
  const newest = await store.newestAt();
  return newest !== undefined && isBehind(now, newest) ? newest : undefined;
};

/** Returns the later of the clock and the newest committed instant, as far as the store knows; nothing is decided before it. */
export const presentInstant = async ({
  store,
  clock,
}: {
  readonly store: Pick<Store, 'newestAt'>;
  readonly clock: () => string;
}) => latest(clock(), await store.newestAt());

/**
 * Events accepted while the clock is behind: those that switch off or end something, the receipt of a notice, and the log's own commits,
 * without which the others would not be public.
 */
const TAKEN_WHILE_BEHIND: ReadonlySet<unknown> = new Set([
  'ApprovalRevoked',
  'MaintenanceContested',
  'RevocationRecorded',
  'AccessRevoked',
  'PasskeyRemoved',
  'KeyRetired',
  'LinksCutOff',
  'LinksUsed',
  'NoticeReceived',
  'CheckpointSigned',
]);

/** Events that a feature's commit records with its act because time has passed. On their own they wait as well. */
const BY_TIME: ReadonlySet<unknown> = new Set([
  'ApprovalBegan',
  'ApprovalEnded',
  'ChangeLapsed',
  'ChangeRefused',
  'ChangeVetoed',
  'PolicyPinned',
]);

const isTakenWhileBehind = (events: readonly unknown[]): boolean => {
  const acts = events.map((event) => (event as { readonly type?: unknown }).type).filter((type) => !BY_TIME.has(type));
  // A removal is a notice that switches off.
  return acts.includes('FeatureRemoved') || (acts.length > 0 && acts.every((type) => TAKEN_WHILE_BEHIND.has(type)));
};

/**
 * Throws StoreUnavailable (`clock-behind`) if the clock is behind the instant at which events are committed, unless they switch off or end
 * something: at that instant a signature made now would not count, and the commit would stay out of the log permanently.
 */
const mustNotBeBehind = (now: string, at: string, events: readonly unknown[]): void => {
  if (!isBehind(now, at) || isTakenWhileBehind(events)) return;
  throw new StoreUnavailable(`the clock shows ${now}, and something was committed at ${at}`, { code: 'clock-behind' });
};
