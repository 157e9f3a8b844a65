import * as z from 'zod';
import { ascending, plusMs } from '../../../domain/kernel/order.ts';
import type { Finding, HealthCheck } from '../health.ts';
import { loggingFailures } from '../logging.ts';
import { ifReadable } from '../store/errors.ts';
import { fromCursor } from '../store/load.ts';
import type { FeedPage, Store, StoredCommit } from '../store/port.ts';
import type { SideStore } from '../store/sideStore.ts';
import { allDone, eachTurn, JoinedRuns, mapInTurns } from '../turns.ts';
import { advanceMarks, type Consumed, consume, hasStorableMark, NOT_IN_LOG, progressIn, troubledStreams } from './consume.ts';
import type { Consumer, FeedPorts } from './consumer.ts';
import { deadLetters } from './deadLetters.ts';

export interface Consumers {
  readonly nudge: (stream: string) => void;
  /** Finds commits whose nudges were lost. Rejects if the store cannot be reached; then sweep again. */
  readonly sweep: () => Promise<void>;
  /** Runs all consumers of a stream over it now. Rejects if the store cannot be reached. */
  readonly look: (stream: string) => Promise<void>;
  /** Resolves when all work started so far has ended. Never rejects. */
  readonly settled: () => Promise<void>;
}

type Following = Pick<Consumer, 'name' | 'wants'>;

const follows = ({ name, wants }: Following, stream: string): boolean => hasStorableMark(name, stream) && wants(stream);

/** Runs consumers concurrently, one run at a time per consumer and stream. Trouble in one stream delays no other. */
export const runConsumers = (ports: FeedPorts, consumers: readonly Consumer[]): Consumers => {
  const runs = new JoinedRuns<Consumed>();
  const lookAt = (consumer: Consumer, stream: string): Promise<Consumed> =>
    runs.run(`${consumer.name}:${stream}`, () => consume(ports, consumer, stream));
  const wanting = (stream: string) => consumers.filter((consumer) => follows(consumer, stream));
  const failed = loggingFailures(ports.logger, 'nudge failed');

  return {
    nudge: (stream) => {
      for (const consumer of wanting(stream))
        void lookAt(consumer, stream).catch((error) => failed(error, { consumer: consumer.name, stream }));
    },
    look: async (stream) => {
      await Promise.all(wanting(stream).map((consumer) => lookAt(consumer, stream)));
    },
    sweep: async () => {
      await Promise.all(consumers.map((consumer) => sweep(ports, consumer, (stream) => lookAt(consumer, stream))));
    },
    settled: () => runs.settled(),
  };
};

const CURSOR = 'feed-cursor';
const PAGE = 100;
const WALKED_PAGE = 200;
const Cursor = z.string();

export const readFeedCursor = async (sideStore: SideStore, consumer: string): Promise<string | undefined> =>
  Cursor.safeParse(await sideStore.get(CURSOR, consumer)).data;

/** Queues `consume` for a stream. */
type Look = (stream: string) => Promise<unknown>;

interface Page extends Omit<FeedPage, 'items'> {
  readonly streams: readonly string[];
  readonly from: string | undefined;
}

/** Returns the next page of the feed. Unreadable rows count like others: the consumer retries, parks and passes them. */
const nextPage = async ({ store, sideStore, logger }: FeedPorts, { name, wants }: Consumer): Promise<Page | undefined> => {
  const read = async (from: string | undefined): Promise<Page> => {
    const unreadable: string[] = [];
    const { items, next, done } = await store.feed(from, PAGE, ({ stream, version, problem }) => {
      unreadable.push(stream);
      if (wants(stream))
        logger({ level: 'error', event: 'commit cannot be read', consumer: name, stream, version, error: problem });
    });
    return { streams: [...items.map(({ stream }) => stream), ...unreadable], from, next, done };
  };
  const lost = () => logger({ level: 'error', event: 'feed cursor cannot be read, the sweep starts anew', consumer: name });
  return ifReadable(fromCursor(await readFeedCursor(sideStore, name), read, lost), ({ message }) => {
    // Nudges still reach every stream; only commits whose nudges were lost wait until the store is repaired.
    logger({ level: 'error', event: 'feed cannot be read', consumer: name, error: message });
    return undefined;
  });
};

/**
 * Finds commits whose nudges were lost: looks at the streams in which the consumer has trouble, then walks the feed from the end of the last
 * sweep. A crash repeats one page. Returns the streams that it looked at.
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
    const wanted = [...new Set(page.streams)].filter((stream) => follows(consumer, stream));
    for (const stream of wanted) seen.add(stream);
    await allDone(wanted.map(async (stream) => look(stream)));
    if (page.next !== page.from) await ports.sideStore.put(CURSOR, consumer.name, page.next);
    if (page.done) return [...seen];
  }
};

/** The newest version of each stream, unreadable rows included, and the cursor after the last row. */
export interface WalkedFeed {
  readonly newest: ReadonlyMap<string, number>;
  readonly cursor: string;
}

/** Walks the feed without decoding rows. */
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
    [...newest].filter(([stream]) => follows({ name, wants }, stream)),
  );
  await sideStore.put(CURSOR, name, cursor);
};

/** Age at which an unhandled commit is overdue; normally it is handled within a second. */
const OVERDUE_MS = 30_000;
/** Pages to look at: a consumer further behind has overdue commits in the first ones. */
const PAGES_MAX = 10;
/** Keeps a report small. */
const PARKED_MAX = 20;

/** Returns which of the commits are not handled. By default, decided by the consumer's mark in each stream. */
export type Unhandled = (commits: readonly StoredCommit[]) => Promise<readonly StoredCommit[]>;

interface Followed extends Following {
  readonly unhandled?: Unhandled;
}

const byMark =
  (sideStore: SideStore, name: string): Unhandled =>
  async (commits) => {
    const above = async ([stream, own]: readonly [string, readonly StoredCommit[]]) => {
      const mark = await progressIn(sideStore, name, stream).mark();
      return own.filter(({ version }) => version > mark);
    };
    return (await Promise.all([...Map.groupBy(commits, ({ stream }) => stream)].map(above))).flat();
  };

/** Returns a consumer's unhandled commits from before an instant, of the first page after its cursor with any. Reads one page a turn. */
export const unhandledBefore = async (
  { store, sideStore }: Pick<FeedPorts, 'store' | 'sideStore'>,
  { name, wants, unhandled = byMark(sideStore, name) }: Followed,
  instant: string,
  pagesMax = Number.POSITIVE_INFINITY,
): Promise<readonly StoredCommit[]> => {
  const turn = eachTurn(1);
  let cursor = await readFeedCursor(sideStore, name);
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const { items, next, done } = await store.feed(cursor, PAGE, () => undefined);
    const late = await unhandled(items.filter(({ at, stream }) => at < instant && wants(stream)));
    if (done || late.length > 0) return late;
    cursor = next;
    await turn();
  }
  return [];
};

/** Returns the next commit of each stream in which a consumer has trouble, and why. */
export const commitsInTrouble = async (
  { store, sideStore }: Pick<FeedPorts, 'store' | 'sideStore'>,
  { name }: Pick<Following, 'name'>,
): Promise<readonly { readonly commit: StoredCommit; readonly why: string }[]> => {
  const streams = await troubledStreams(sideStore, name);
  const found = await mapInTurns(streams, async (stream) => {
    const own = progressIn(sideStore, name, stream);
    const [after, trouble] = await Promise.all([own.mark(), own.trouble()]);
    const commits = await ifReadable(store.history(stream, { after, limit: 1 }));
    return (commits ?? []).map((commit) => ({ commit, why: trouble?.error ?? '' }));
  });
  return found.flat();
};

const overdueBefore = ({ clock }: FeedPorts): string => plusMs(clock(), -OVERDUE_MS);

const overdueInTrouble = async (ports: FeedPorts, consumer: Following, runs = true): Promise<readonly StoredCommit[]> =>
  (await commitsInTrouble(ports, consumer)).flatMap(({ commit, why }) =>
    commit.at < overdueBefore(ports) && (runs || why !== NOT_IN_LOG) ? commit : [],
  );

const stuck = (since: string, detail: string): Finding => ({ code: 'consumers-stuck', since, detail });

const findingsOf = async (
  { sideStore }: FeedPorts,
  { name }: Following,
  overdue: readonly StoredCommit[],
): Promise<readonly Finding[]> => [
  ...overdue
    .toSorted((a, b) => ascending(a.at, b.at))
    .slice(0, 1)
    .map(({ at, stream, version }) => stuck(at, `${name} has not handled version ${version} of ${stream}.`)),
  ...(await deadLetters(sideStore, name))
    .slice(0, PARKED_MAX)
    .map(({ stream, version, at }) => stuck(at, `${name} gave up on version ${version} of ${stream}.`)),
];

/** Checks a consumer that has just swept the feed. */
export const sweptCheck =
  (ports: FeedPorts, consumer: Following): HealthCheck =>
  async () =>
    findingsOf(ports, consumer, await overdueInTrouble(ports, consumer));

/** Caches feed pages, since most consumers are at the same position. */
const pagesOnce = (store: Store): Store => {
  const pages = new Map<string | undefined, Promise<FeedPage>>();
  return {
    ...store,
    feed: (cursor, ...rest) => {
      const page = pages.get(cursor) ?? store.feed(cursor, ...rest);
      pages.set(cursor, page);
      return page;
    },
  };
};

/** Checks consumers. `runs`: a server runs; if none does, untried commits wait for the next start and are not a fault. */
export const consumersCheck =
  (ports: FeedPorts, consumers: readonly Followed[], runs = true): HealthCheck =>
  async () => {
    const shared = { ...ports, store: pagesOnce(ports.store) };
    const look = async (consumer: Followed): Promise<readonly Finding[]> => {
      const inTrouble = await overdueInTrouble(ports, consumer, runs);
      const isKnown = inTrouble.length > 0 || !runs;
      const overdue = isKnown ? inTrouble : await unhandledBefore(shared, consumer, overdueBefore(ports), PAGES_MAX);
      return findingsOf(ports, consumer, overdue);
    };
    return (await Promise.all(consumers.map(look))).flat();
  };
