import type * as z from 'zod';
import { digestOf } from '../kernel/digest.ts';
import { strictObject } from '../kernel/lazyObject.ts';
import { type LogbookEvent, LogContinued, LogFrozen, LogKeyAnnounced, LogKeysLost } from './logbookEvents.ts';

/** Raise whenever `evolve` or the shape of the state changes. */
export const LOGBOOK_STATE_VERSION = 2;

/**
 * Storage format: the newest handover of the log's key, its end, its predecessor, and the log whose lost keys it was made for; null for each
 * that does not exist.
 */
export const LogbookState = strictObject(() => ({
  handover: LogKeyAnnounced.nullable(),
  frozen: LogFrozen.nullable(),
  continued: LogContinued.nullable(),
  lost: LogKeysLost.nullable(),
}));
export type LogbookState = z.infer<typeof LogbookState>;

/** The state before the first event. */
export const INITIAL_LOGBOOK: LogbookState = { handover: null, frozen: null, continued: null, lost: null };

/**
 * Returns the state after an event. Separate from the decider: most readers of a logbook never write it, and check no signature.
 */
export const evolveLogbook = (state: LogbookState, event: LogbookEvent): LogbookState => {
  switch (event.type) {
    case 'LogKeyAnnounced':
      return { ...state, handover: event };
    case 'LogFrozen':
      return { ...state, frozen: event };
    case 'LogContinued':
      return { ...state, continued: event };
    case 'LogKeysLost':
      return { ...state, lost: event };
  }
};

const PREFIX = 'logbook/';
const ORIGIN_CHARS = 32;

/**
 * Returns the logbook stream of the log with this origin. Each log has its own: a successor holds its predecessor's among its
 * entries.
 */
export const logbookStream = (origin: string): string =>
  `${PREFIX}${digestOf(origin).slice('sha256:'.length, 'sha256:'.length + ORIGIN_CHARS)}`;

export const isLogbookStream = (stream: string): boolean => stream.startsWith(PREFIX);
