import { LogKeyAnnounced } from '../../domain/log/events.ts';
import { LOGBOOK_STATE_VERSION, LogbookState, logbookDecider, logbookStream } from '../../domain/log/logbook.ts';
import { aggregate } from '../platform/store/aggregate.ts';
import { load } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';

/** The hand-overs of a log's key: stream `logbook/<origin>`. */
export const logbookAggregate = aggregate(logbookDecider, LOGBOOK_STATE_VERSION, LogbookState, LogKeyAnnounced);

export const readLogbook = async (store: Store, origin: string): Promise<LogbookState> =>
  (await load(store, logbookAggregate, logbookStream(origin))).state;
