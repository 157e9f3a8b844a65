import { LogbookEvent } from '../../domain/log/logbookEvents.ts';
import {
  evolveLogbook,
  INITIAL_LOGBOOK,
  LOGBOOK_STATE_VERSION,
  LogbookState,
  logbookStream,
} from '../../domain/log/logbookState.ts';
import type { Aggregate } from '../store/aggregate.ts';
import { load } from '../store/load.ts';
import type { Store } from '../store/port.ts';

/** What befalls a log itself, to be read only: stream `logbook/…`, one a log. */
export const logbookReading: Aggregate<never, LogbookState, LogbookEvent, never> = {
  decider: { initialState: INITIAL_LOGBOOK, decide: (command) => command, evolve: evolveLogbook },
  stateVersion: LOGBOOK_STATE_VERSION,
  parseEvent: (json) => LogbookEvent.parse(json),
  parseState: (json) => LogbookState.parse(json),
};

/** What the logbook of a log says now. */
export const readLogbook = async (store: Store, origin: string): Promise<LogbookState> =>
  (await load(store, logbookReading, logbookStream(origin))).state;
