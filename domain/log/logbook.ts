import type * as z from 'zod';
import { accept, type Decider, nothing, reject } from '../kernel/decider.ts';
import { digestOf } from '../kernel/digest.ts';
import { strictObject } from '../kernel/lazyObject.ts';
import { LogKeyAnnounced } from './events.ts';
import { verifyHandover } from './keyAnnouncement.ts';

/** Raise whenever `evolve` or the shape of the state changes. */
export const LOGBOOK_STATE_VERSION = 3;

/** Storage format: the newest handover of the log's key; null if it still has its first one. */
export const LogbookState = strictObject(() => ({ handover: LogKeyAnnounced.nullable() }));
export type LogbookState = z.infer<typeof LogbookState>;

export type AnnounceKey = Omit<LogKeyAnnounced, 'type' | 'v'>;

/** The key rotations of a log. Its commits are ordinary log entries, so that every reader of the log sees them. */
export const logbookDecider: Decider<AnnounceKey, LogbookState, LogKeyAnnounced, 'rotation-under-way'> = {
  initialState: { handover: null },
  decide: (command, { handover }) => {
    if (handover?.key === command.key && handover.by === command.by) return nothing;
    if (handover !== null && command.at < handover.until)
      return reject('rotation-under-way', `until ${handover.until} two keys sign; rotate again after that`);
    // A handover that does not verify is a programmer's error and must never enter the log.
    verifyHandover(command, command.note);
    return accept<LogKeyAnnounced>({ type: 'LogKeyAnnounced', v: 1, ...command });
  },
  evolve: (_, handover) => ({ handover }),
};

const PREFIX = 'logbook/';
const ORIGIN_CHARS = 32;

export const logbookStream = (origin: string): string =>
  `${PREFIX}${digestOf(origin).slice('sha256:'.length, 'sha256:'.length + ORIGIN_CHARS)}`;

export const isLogbookStream = (stream: string): boolean => stream.startsWith(PREFIX);
