import { logbookDecider } from '../../domain/log/logbook.ts';
import { LogbookEvent } from '../../domain/log/logbookEvents.ts';
import { LOGBOOK_STATE_VERSION, LogbookState, logbookStream } from '../../domain/log/logbookState.ts';
import { aggregate } from '../platform/store/aggregate.ts';
import { load } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';

/** Key rotations and the freeze of a log: stream `logbook/<origin>`. */
export const logbookAggregate = aggregate(logbookDecider, LOGBOOK_STATE_VERSION, LogbookState, LogbookEvent);

/** Returns the current state of a log's logbook. */
export const readLogbook = async (store: Store, origin: string): Promise<LogbookState> =>
  (await load(store, logbookAggregate, logbookStream(origin))).state;
