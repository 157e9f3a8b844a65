import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, loggingFailures } from '../../functions/platform/logging.ts';
import type { Store } from '../../functions/platform/store/port.ts';
import type { Installation } from './installation.ts';

export interface Loop {
  readonly stop: () => Promise<void>;
}

/** Runs a task periodically, one run at a time, until stopped. A failure is logged and retried at the next run. */
export const runEvery = (ms: number, logger: Logger, event: string, task: () => Promise<unknown>): Loop => {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const failed = loggingFailures(logger, event);
  const run = (): void => {
    running = task()
      .then(() => undefined, failed)
      .finally(() => {
        if (!stopped) timer = setTimeout(run, ms);
      });
  };
  run();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
};

/** Returns a task that does nothing while the disk has only its reserve left, or the store is at fault as a whole. */
export const unlessDiskLow =
  ({ disk, ledger }: Pick<Installation, 'disk' | 'ledger'>, task: () => Promise<unknown>) =>
  async (): Promise<unknown> =>
    disk.isBelow() || ledger.fault() !== undefined ? undefined : task();

/**
 * Returns a task that is skipped if no process has committed since its last successful run, for at most `msMax`: some work waits for an
 * instant, for another machine, or for a write to the side store alone.
 */
export const skipUnlessCommitted = (
  { changed, isUnchangedSince }: Pick<Store, 'changed' | 'isUnchangedSince'>,
  msMax: number,
  task: () => Promise<unknown>,
): (() => Promise<unknown>) => {
  let [known, runByMs] = ['', Number.NEGATIVE_INFINITY];
  return async () => {
    if (performance.now() < runByMs && isUnchangedSince(known)) return;
    // Read before the run, which may miss later commits.
    const { moment } = await changed([], undefined);
    await task();
    [known, runByMs] = [moment, performance.now() + msMax];
  };
};

export const endsWithin = async (ms: number, work: Promise<void>): Promise<boolean> => {
  const late = new AbortController();
  const ended = await Promise.race([work.then(() => true), sleep(ms, false, { signal: late.signal }).catch(() => false)]);
  late.abort();
  return ended;
};

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Returns a signal that is aborted once this process is asked to end. After this call the process must end itself. `output`: a
 * stream whose reader is needed; the signal is also aborted once that reader is gone.
 */
export const endRequested = (output?: NodeJS.WriteStream): AbortSignal => {
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
 * Keeps this process running if its output cannot be written: the reader of a pipe has ended (`… | head`), or the disk of a log
 * is full. Those lines are lost.
 */
export const ignoreOutputErrors = (): void => {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
};
