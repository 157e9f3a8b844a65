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
