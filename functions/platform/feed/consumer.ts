import type { Log } from '../logging.ts';
import type { Store, StoredCommit } from '../store/port.ts';
import type { SideStore } from '../store/sideStore.ts';

/**
 * Somebody who is told every commit of the streams it wants, at least once and in version order within a stream. `handle` must
 * bear repeats. It throws {@link Unavailable} when the other side cannot be reached, and anything else when it cannot cope with
 * this very commit.
 */
export interface Consumer {
  /** Stands in its marks: another name starts from the beginning. */
  readonly name: string;
  readonly wants: (stream: string) => boolean;
  readonly handle: (commit: StoredCommit) => Promise<void>;
}

export interface FeedPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
  readonly clock: () => string;
  readonly log: Log;
  /**
   * Whether consumers may handle a commit: those that must follow only what was judged wait until it is in the log. A commit that may not
   * be handled yet is looked at again by each sweep.
   */
  readonly isReleased: (commit: Pick<StoredCommit, 'stream' | 'version'>) => Promise<boolean>;
  /** The wall clock in milliseconds, for pauses between tries; absent: this machine's. */
  readonly wallMs?: () => number;
}

/** Releases every commit at once, for consumers whose work is checked again before it counts. */
export const RELEASED_AT_ONCE: FeedPorts['isReleased'] = async () => true;

/** What a consumer hands commits to cannot be reached. No commit's fault: it is tried again for as long as it takes. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly code = 'unavailable';
}
