const waiting: (() => void)[] = [];

const next = (): void => {
  const resume = waiting.shift();
  if (waiting.length > 0) setImmediate(next);
  resume?.();
};

/** Resolves in a later turn of the event loop that no other caller gets, so that concurrent long tasks do not share a turn. */
const ownTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(next);
  });

/** Processes many items, `perTurn` in a turn of the event loop, so that requests are answered in between. */
export const inTurns = async <T, R>(
  items: readonly T[],
  perTurn: number,
  work: (part: readonly T[]) => Promise<R>,
): Promise<readonly R[]> => {
  const results: Promise<R>[] = [];
  for (let from = 0; from < items.length; from += perTurn) {
    if (from > 0) await ownTurn();
    const result = work(items.slice(from, from + perTurn));
    // A rejection reaches the caller below.
    result.catch(() => undefined);
    results.push(result);
  }
  return Promise.all(results);
};

/** For work of up to 0.1 ms an item, such as the evaluation of a key. */
export const KEYS_PER_TURN = 50;

/** Maps each item separately, {@link KEYS_PER_TURN} in a turn. */
export const mapInTurns = async <T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> => {
  const results: R[] = [];
  for (const part of await inTurns(items, KEYS_PER_TURN, (some) => Promise.all(some.map(work)))) results.push(...part);
  return results;
};

/** Resolves with all results; throws the first failure, but only after all work has ended. */
export const allDone = async <T>(work: readonly Promise<T>[]): Promise<readonly T[]> => {
  const ended = await Promise.allSettled(work);
  return ended.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
};

/** Returns a function to await at each step of long work: after every `perTurn` steps it yields to the event loop. */
export const eachTurn = (perTurn: number): ((steps?: number) => Promise<void> | undefined) => {
  let left = perTurn;
  return (steps = 1) => {
    left -= steps;
    if (left > 0) return undefined;
    left = perTurn;
    return ownTurn();
  };
};

interface Run<T> {
  readonly current: Promise<T>;
  next: Promise<T> | undefined;
}

/**
 * Runs work by name, one run of a name at a time. A call during a run joins the next one, since the present run may have begun too early
 * for it.
 */
export class JoinedRuns<T> {
  readonly #runs = new Map<string, Run<T>>();

  run(name: string, work: () => Promise<T>): Promise<T> {
    const known = this.#runs.get(name);
    if (known === undefined) return this.#begin(name, work);
    known.next ??= known.current.catch(() => undefined).then(() => this.#begin(name, work));
    return known.next;
  }

  /** Resolves when all runs requested so far have ended. Never rejects. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#runs.values()].map(({ current, next }) => next ?? current));
  }

  #begin(name: string, work: () => Promise<T>): Promise<T> {
    const own: Run<T> = { current: work(), next: undefined };
    this.#runs.set(name, own);
    const leave = (): void => {
      if (this.#runs.get(name) === own && own.next === undefined) this.#runs.delete(name);
    };
    own.current.then(leave, leave);
    return own.current;
  }
}

/** Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
export const backoff = (tries: number, { baseMs, capMs }: { readonly baseMs: number; readonly capMs: number }): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(capMs, baseMs * 2 ** (tries - 1))));
