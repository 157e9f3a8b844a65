import { underLease } from '../lease.ts';
import type { Logger } from '../logging.ts';
import type { Store, StoredCommit } from '../store/port.ts';
import type { SideStore } from '../store/sideStore.ts';

/**
 * Receives every commit of the streams it wants, at least once and in version order. Throws {@link Unavailable} if its target cannot be
 * reached, and any other error if it cannot handle this particular commit.
 */
export interface Consumer {
  /** Part of its marks: a consumer with a new name starts from the beginning. */
  readonly name: string;
  readonly wants: (stream: string) => boolean;
  readonly handle: (commit: StoredCommit) => Promise<void>;
  /** Several processes run it; one at a time handles a commit of a stream. */
  readonly isShared?: true;
}

export interface FeedPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
  readonly clock: () => string;
  readonly logger: Logger;
  /** Returns whether consumers may handle a commit, such as once it is in the log. Each sweep asks again. */
  readonly isReleased: (commit: Pick<StoredCommit, 'stream' | 'version' | 'bytes'>) => Promise<boolean>;
  readonly wallMs: () => number;
}

/** The prefix of a webhook consumer's name; the subscription's id follows. */
export const WEBHOOK_CONSUMER = 'webhook-';

/** For consumers whose work is checked again before it counts. */
export const RELEASED_AT_ONCE: FeedPorts['isReleased'] = async () => true;

/** The consumer's target cannot be reached, which does not count against the commit. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly code = 'unavailable';
}

/** The target was found unreachable a moment ago and that was logged: a line for each waiting commit would bury all others. */
export class StillUnavailable extends Unavailable {}

/** Does work on a stream exclusively for this consumer among all processes. Throws while another process does it. */
export const withExclusiveTurn = async (
  ports: Pick<FeedPorts, 'sideStore' | 'wallMs'>,
  { name, isShared }: Consumer,
  stream: string,
  work: () => Promise<void>,
): Promise<void> => {
  if (isShared !== true) return work();
  const done = await underLease(ports, `${name}:${stream}`, () => work().then(() => true));
  if (done === undefined) throw new StillUnavailable('another process handles it');
};
