import type { Commit } from '../../../domain/kernel/commit.ts';
import { verifyHandover } from '../../../domain/log/keyAnnouncement.ts';
import { LogbookEvent, type LogbookEventOf } from '../../../domain/log/logbookEvents.ts';
import { isLogbookStream, logbookStream } from '../../../domain/log/logbookState.ts';
import { parseVerifierKey } from '../../../domain/log/verifierKey.ts';

const originOf = (event: LogbookEvent): string =>
  event.type === 'LogKeyAnnounced' ? parseVerifierKey(event.by).name : event.origin;

/**
 * The life of a log, read entry by entry: key rotations, its predecessor, the log whose keys were lost before it, and its end. A
 * successor holds the logbooks of its predecessors as ordinary entries; only that of `origin` is the log's own.
 */
export class LogLife {
  readonly #origin: string;
  readonly handovers: LogbookEventOf<'LogKeyAnnounced'>[] = [];
  frozen: LogbookEventOf<'LogFrozen'> | undefined;
  continued: LogbookEventOf<'LogContinued'> | undefined;
  lost: LogbookEventOf<'LogKeysLost'> | undefined;
  /** The latest `at` of any commit. */
  latest = '';

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Reads an entry. Throws LogError for a handover that does not verify, and Error for an event in the logbook of another log. */
  take({ stream, at, events }: Pick<Commit, 'stream' | 'at' | 'events'>): void {
    if (at > this.latest) this.latest = at;
    if (!isLogbookStream(stream)) return;
    for (const json of events) {
      const event = LogbookEvent.parse(json);
      if (event.type === 'LogKeyAnnounced') verifyHandover(event, event.note);
      if (logbookStream(originOf(event)) !== stream) throw new Error('the logbook of one log holds an event of another');
      if (originOf(event) === this.#origin) this.#note(event);
    }
  }

  #note(event: LogbookEvent): void {
    switch (event.type) {
      case 'LogKeyAnnounced':
        this.handovers.push(event);
        return;
      case 'LogFrozen':
        this.frozen = event;
        return;
      case 'LogContinued':
        this.continued = event;
        return;
      case 'LogKeysLost':
        this.lost = event;
    }
  }
}
