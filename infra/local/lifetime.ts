const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Returns a signal that is aborted once this process is asked to end. From this call on the process ends only by its own doing. `output`: a
 * stream whose reader is needed; the process is asked to end, too, once that reader is gone.
 */
export const askedToEnd = (output?: NodeJS.WriteStream): AbortSignal => {
  const controller = new AbortController();
  const ask = (): void => controller.abort();
  for (const name of SIGNALS) process.on(name, ask);
  output?.on('error', ask);
  return controller.signal;
};

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/**
 * Lets this process go on when what it prints cannot be written: the reader of a pipe has ended (`… | head`), or the disk of a log is full.
 * Such lines are lost.
 */
export const outliveReaders = (): void => {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
};
