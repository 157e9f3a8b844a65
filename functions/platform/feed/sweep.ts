import * as z from 'zod';
import { CorruptStore } from '../store/errors.ts';
import type { FeedPage, Store } from '../store/port.ts';
import type { SideStore } from '../store/sideStore.ts';
import { consume } from './consume.ts';
import type { Consumer, FeedPorts } from './consumer.ts';
import { advanceMarks, troubledStreams } from './mark.ts';

const CURSOR = 'feed-cursor';
const PAGE = 100;
const WALKED_PAGE = 200;
const Cursor = z.string();

/** Returns where a consumer's last sweep of the feed ended; `undefined` before the first. */
export const readFeedCursor = async (sideStore: SideStore, consumer: string): Promise<string | undefined> =>
  Cursor.safeParse(await sideStore.get(CURSOR, consumer)).data;

/** Looks at a stream: `consume`, queued. */
export type Look = (stream: string) => Promise<unknown>;

/** A page of the feed as a sweep needs it: the streams it contains, and the cursor of the next page. */
interface Page extends Omit<FeedPage, 'items'> {
  readonly streams: readonly string[];
  readonly from: string | undefined;
}

/** An unreadable row counts as any other: the consumer retries it, parks it, and continues behind it. */
const nextPage = async ({ store, sideStore, logger }: FeedPorts, { name, wants }: Consumer): Promise<Page | undefined> => {
  const cursor = await readFeedCursor(sideStore, name);
  const read = async (from: string | undefined): Promise<Page> => {
    const unreadable: string[] = [];
    const { items, next, done } = await store.feed(from, PAGE, ({ stream, version, problem }) => {
      unreadable.push(stream);
      if (wants(stream))
        logger({ level: 'error', event: 'commit cannot be read', consumer: name, stream, version, error: problem });
    });
    return { streams: [...items.map(({ stream }) => stream), ...unreadable], from, next, done };
  };
  try {
    return await read(cursor);
  } catch (error) {
    if (error instanceof RangeError) {
      logger({ level: 'error', event: 'feed cursor cannot be read, the sweep starts anew', consumer: name });
      return read(undefined);
    }
    if (!(error instanceof CorruptStore)) throw error;
    // Nudges still reach every stream; only commits whose nudges were lost wait until the store is repaired.
    logger({ level: 'error', event: 'feed cannot be read', consumer: name, error: error.message });
    return undefined;
  }
};

/** Looks at streams concurrently. If one look fails, waits for the others, then throws the failure. */
const lookAtAll = async (streams: readonly string[], look: Look): Promise<void> => {
  const looks = await Promise.allSettled(streams.map(async (stream) => look(stream)));
  const failed = looks.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
};

/**
 * Finds commits whose nudges were lost: looks at the streams in which the consumer has trouble, then walks the feed from where the last
 * sweep ended. A crash repeats one page. Returns the streams looked at.
 */
export const sweep = async (ports: FeedPorts, consumer: Consumer, look: Look): Promise<readonly string[]> => {
  const seen = new Set<string>();
  for (const stream of await troubledStreams(ports.sideStore, consumer.name)) {
    seen.add(stream);
    await look(stream);
  }
  for (;;) {
    const page = await nextPage(ports, consumer);
    if (page === undefined) return [...seen];
    const wanted = [...new Set(page.streams)].filter(consumer.wants);
    for (const stream of wanted) seen.add(stream);
    await lookAtAll(wanted, look);
    if (page.next !== page.from) await ports.sideStore.put(CURSOR, consumer.name, page.next);
    if (page.done) return [...seen];
  }
};

/** The newest version of each stream, unreadable rows included, and the cursor behind the last row. */
export interface WalkedFeed {
  readonly newest: ReadonlyMap<string, number>;
  readonly cursor: string;
}

/** Walks the whole feed once, and reads none of its rows. */
export const walkFeed = async (store: Store): Promise<WalkedFeed> => {
  const newest = new Map<string, number>();
  for (let cursor: string | undefined; ; ) {
    const { places, next, done } = await store.places(cursor, WALKED_PAGE);
    for (const { stream, version } of places) if (version > (newest.get(stream) ?? 0)) newest.set(stream, version);
    cursor = next;
    if (done) return { newest, cursor };
  }
};

/** Sets a consumer's marks to the end of every stream without handling anything, after an import. */
export const skipTo = async (
  sideStore: SideStore,
  { name, wants }: Pick<Consumer, 'name' | 'wants'>,
  { newest, cursor }: WalkedFeed,
): Promise<void> => {
  await advanceMarks(
    sideStore,
    name,
    [...newest].filter(([stream]) => wants(stream)),
  );
  await sideStore.put(CURSOR, name, cursor);
};

/** Looks at the streams of a walked feed that a consumer wants; its sweeps continue behind the feed. */
export const lookThrough = async (ports: FeedPorts, consumer: Consumer, { newest, cursor }: WalkedFeed): Promise<void> => {
  for (const stream of newest.keys()) if (consumer.wants(stream)) await consume(ports, consumer, stream);
  await ports.sideStore.put(CURSOR, consumer.name, cursor);
};
