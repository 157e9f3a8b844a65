import { LOG_STREAM } from '../../domain/log/events.ts';
import type { LogbookEventOf } from '../../domain/log/logbookEvents.ts';
import { isLogbookStream } from '../../domain/log/logbookState.ts';
import type { Store } from '../platform/store/port.ts';
import { readLogbook } from './logbook.ts';

/** How the log of an installation ended: when, and where it goes on. */
export type LogEnd = LogbookEventOf<'LogFrozen'>;

/** The log has ended: nothing is written any more. */
export class LogEnded extends Error {
  override readonly name = 'LogEnded';
  readonly code = 'log-frozen';

  constructor({ at, successor }: LogEnd) {
    super(`the log of this gate ended at ${at}; it goes on at ${successor.origin}`);
  }
}

/** How long it is believed that a log has not ended; one that has does not come back. */
const BELIEVED_MS = 1_000;

/**
 * Whether the log with this origin has ended: read at most once a second however many ask, and kept once it has. Rejects when it
 * cannot be read, so that nothing is written and nothing is on by a belief that is older.
 */
export const endOf = (store: Store, origin: () => Promise<string>): (() => Promise<LogEnd | undefined>) => {
  let known: { readonly end: Promise<LogEnd | undefined>; readonly until: number } | undefined;
  return () => {
    if (known !== undefined && performance.now() < known.until) return known.end;
    const until = performance.now() + BELIEVED_MS;
    const end = origin().then(async (name) => (await readLogbook(store, name)).frozen ?? undefined);
    const asked = { end, until };
    known = asked;
    end.then(
      (found) => {
        if (found !== undefined) known = { end, until: Number.POSITIVE_INFINITY };
      },
      () => {
        if (known === asked) known = undefined;
      },
    );
    return end;
  };
};

const ofTheLog = (stream: string): boolean => stream === LOG_STREAM || isLogbookStream(stream);

/**
 * A store that takes nothing once its log has ended, but what belongs to the log itself. Throws {@link LogEnded}. Everything waits for
 * the same answer, so that what is appended together stays in its order; what belongs to the log needs none.
 */
export const untilEnd = (store: Store, end: () => Promise<LogEnd | undefined>): Store => ({
  ...store,
  append: async (record, acknowledged) => {
    const free = ofTheLog(record.stream);
    const ended = await end().then(
      (found) => found,
      (error: unknown) => {
        if (!free) throw error;
        return undefined;
      },
    );
    if (ended !== undefined && !free) throw new LogEnded(ended);
    return store.append(record, acknowledged);
  },
});
