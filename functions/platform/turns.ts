import { setImmediate } from 'node:timers/promises';

/**
 * Does work for many items, `perTurn` in a turn of the event loop, so that what arrives meanwhile is answered. Resolves with the results
 * in order.
 */
export const inTurns = async <T, R>(
  items: readonly T[],
  perTurn: number,
  work: (part: readonly T[]) => Promise<R>,
): Promise<readonly R[]> => {
  const results: Promise<R>[] = [];
  for (let from = 0; from < items.length; from += perTurn) {
    if (from > 0) await setImmediate();
    const result = work(items.slice(from, from + perTurn));
    // A rejection reaches the caller below.
    result.catch(() => undefined);
    results.push(result);
  }
  return Promise.all(results);
};

/** Returns a function to be awaited at each step of long work: at each `perTurn`th the event loop has a turn, so that what waits is done. */
export const eachTurn = (perTurn: number): (() => Promise<void> | undefined) => {
  let steps = 0;
  return () => {
    steps += 1;
    return steps % perTurn === 0 ? setImmediate() : undefined;
  };
};
