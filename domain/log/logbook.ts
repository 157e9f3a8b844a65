import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import { verifyHandover } from './keyAnnouncement.ts';
import type { LogbookEvent, LogbookEventOf } from './logbookEvents.ts';
import { evolveLogbook, INITIAL_LOGBOOK, type LogbookState } from './logbookState.ts';

type Untyped<E> = Omit<E, 'v'>;
/** A command in the life of a log: a new key, its end, its beginning as another's successor or after the loss of another's keys. */
export type LogbookCommand =
  | Untyped<LogbookEventOf<'LogKeyAnnounced'>>
  | Untyped<LogbookEventOf<'LogFrozen'>>
  | Untyped<LogbookEventOf<'LogContinued'>>
  | Untyped<LogbookEventOf<'LogKeysLost'>>;

export const LOGBOOK_REJECTIONS = ['rotation-under-way', 'log-frozen', 'successor-refused', 'log-began'] as const;
export type LogbookRejection = (typeof LOGBOOK_REJECTIONS)[number];
type Decided = Decision<LogbookEvent, LogbookRejection>;

const announce = (command: Untyped<LogbookEventOf<'LogKeyAnnounced'>>, { handover }: LogbookState): Decided => {
  if (handover?.key === command.key && handover.by === command.by) return nothing;
  if (handover !== null && command.at < handover.until)
    return reject('rotation-under-way', `until ${handover.until} two keys sign; rotate again after that`);
  // A handover that does not verify is a programmer's error and must never enter the log.
  verifyHandover(command, command.note);
  return accept<LogbookEvent>({ v: 1, ...command });
};

const freeze = (command: Untyped<LogbookEventOf<'LogFrozen'>>): Decided => {
  const { origin, successor } = command;
  if (successor.origin === origin) return reject('successor-refused', 'a log is not its own successor: give it another origin');
  return accept<LogbookEvent>({ v: 1, ...command });
};

const loss = (command: Untyped<LogbookEventOf<'LogKeysLost'>>, { lost, continued, handover }: LogbookState): Decided => {
  if (lost?.lost.key === command.lost.key && lost.lost.root === command.lost.root) return nothing;
  if (command.lost.origin === command.origin)
    return reject(
      'successor-refused',
      'those who remember the log of the lost keys would see a rollback: give this one another origin',
    );
  if (lost !== null || continued !== null || handover !== null) return reject('log-began', 'the log has begun already');
  return accept<LogbookEvent>({ v: 1, ...command });
};

const decide = (command: LogbookCommand, state: LogbookState): Decided => {
  const { frozen } = state;
  if (frozen !== null) {
    const again = command.type === 'LogFrozen' && command.successor.origin === frozen.successor.origin;
    if (again && command.successor.key === frozen.successor.key) return nothing;
    return reject('log-frozen', `the log was frozen at ${frozen.at}; it goes on at ${frozen.successor.origin}`);
  }
  switch (command.type) {
    case 'LogKeyAnnounced':
      return announce(command, state);
    case 'LogFrozen':
      return freeze(command);
    case 'LogContinued':
      if (state.continued !== null || state.handover !== null) return reject('log-began', 'the log has begun already');
      return accept<LogbookEvent>({ v: 1, ...command });
    case 'LogKeysLost':
      return loss(command, state);
  }
};

/**
 * Key rotations, freeze and succession of a log. Its commits are ordinary log entries, so that every reader of the log sees them.
 */
export const logbookDecider: Decider<LogbookCommand, LogbookState, LogbookEvent, LogbookRejection> = {
  initialState: INITIAL_LOGBOOK,
  decide,
  evolve: evolveLogbook,
};
