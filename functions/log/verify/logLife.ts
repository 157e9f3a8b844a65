import type { Commit } from '../../../domain/kernel/commit.ts';
import { LogKeyAnnounced } from '../../../domain/log/events.ts';
import { verifyHandover } from '../../../domain/log/keyAnnouncement.ts';
import { isLogbookStream, logbookStream } from '../../../domain/log/logbook.ts';
import { parseVerifierKey } from '../../../domain/log/verifierKey.ts';

/**
 * The key rotations of a log, read entry by entry. A log that holds the commits of an earlier one has its logbook as ordinary entries; only
 * that of `origin` is the log's own.
 */
export class LogLife {
  readonly #own: string;
  readonly handovers: LogKeyAnnounced[] = [];
  /** The latest `at` of any commit. */
  latest = '';

  constructor(origin: string) {
    this.#own = logbookStream(origin);
  }

  /** Reads an entry. Throws LogError for a handover that does not verify, and Error for an event in the logbook of another log. */
  take({ stream, at, events }: Pick<Commit, 'stream' | 'at' | 'events'>): void {
    if (at > this.latest) this.latest = at;
    if (!isLogbookStream(stream)) return;
    for (const json of events) {
      const event = LogKeyAnnounced.parse(json);
      verifyHandover(event, event.note);
      if (logbookStream(parseVerifierKey(event.by).name) !== stream)
        throw new Error('the logbook of one log holds an event of another');
      if (stream === this.#own) this.handovers.push(event);
    }
  }
}
