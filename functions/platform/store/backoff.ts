/**
 * Waits before try number `tries` + 1: full jitter (uniform between 0 and a bound that doubles up to `capMs`), which spreads
 * colliding writers best. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export const backoff = (tries: number, { baseMs, capMs }: { readonly baseMs: number; readonly capMs: number }): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(capMs, baseMs * 2 ** (tries - 1))));
