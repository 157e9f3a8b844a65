import { LOG_STREAM } from '../../domain/log/events.ts';
import { logbookDecider } from '../../domain/log/logbook.ts';
import { LogbookEvent, type LogbookEventOf } from '../../domain/log/logbookEvents.ts';
import { isLogbookStream, LOGBOOK_STATE_VERSION, LogbookState, logbookStream } from '../../domain/log/logbookState.ts';
import { aggregate } from '../platform/store/aggregate.ts';
import { load } from '../platform/store/load.ts';
import type { Store, StoredCommit } from '../platform/store/port.ts';

/** Key rotations and the freeze of a log: stream `logbook/<origin>`. */
export const logbookAggregate = aggregate(logbookDecider, LOGBOOK_STATE_VERSION, LogbookState, LogbookEvent);

/** Returns the current state of a log's logbook. */
export const readLogbook = async (store: Store, origin: string): Promise<LogbookState> =>
  (await load(store, logbookAggregate, logbookStream(origin))).state;

/** The end of an installation's log: its instant and the successor. */
export type LogEnd = LogbookEventOf<'LogFrozen'>;

/** Thrown on an append to a frozen log. */
export class LogEnded extends Error {
  override readonly name = 'LogEnded';
  readonly code = 'log-frozen';

  constructor({ at, successor }: LogEnd) {
    super(`the log of this gate ended at ${at}; it goes on at ${successor.origin}`);
  }
}

/** Caches the answer "not ended" for this long. The answer "ended" is final. */
const BELIEVED_MS = 1_000;

/**
 * Returns a function that reads the end of the log with this origin, at most once a second in total, and caches an end for
 * good. As long as it does not read again it returns the same promise. Rejects if the log cannot be read, so that no append and no "on" relies on an older answer.
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
 * Wraps a store so that it rejects appends with {@link LogEnded} once the log has ended, except the log's own commits. Every
 * append awaits the same answer, so that appends keep their order; the log's own commits go ahead even if the answer fails.
 */
export const untilEnd = (store: Store, end: () => Promise<LogEnd | undefined>): Store => {
  const checkEnd = async (records: readonly StoredCommit[]): Promise<void> => {
    const free = records.every(({ stream }) => ofTheLog(stream));
    const ended = await end().then(
      (found) => found,
      (error: unknown) => {
        if (!free) throw error;
        return undefined;
      },
    );
    if (ended !== undefined && !free) throw new LogEnded(ended);
  };
  return {
    ...store,
    append: async (record) => {
      await checkEnd([record]);
      return store.append(record);
    },
    appendInOrder: async (records) => {
      await checkEnd(records);
      return store.appendInOrder(records);
    },
  };
};
