import type { Finding, HealthCheck } from '../health.ts';
import { ifReadable } from '../store/errors.ts';
import type { FeedPage, Store, StoredCommit } from '../store/port.ts';
import type { SideStore } from '../store/sideStore.ts';
import type { Consumer, FeedPorts } from './consumer.ts';
import { type DeadLetter, deadLetters } from './deadLetters.ts';
import { readMark, troubledStreams } from './mark.ts';
import { readFeedCursor } from './sweep.ts';

/** A commit that a consumer has not handled after this time is overdue: ordinarily it takes a second. */
const OVERDUE_MS = 30_000;
const PAGE = 100;
/** A consumer further behind has overdue commits in the first ones. */
const PAGES_MAX = 10;
/** A report names at most this many parked commits, so that it stays small. */
const PARKED_MAX = 20;

type Following = Pick<Consumer, 'name' | 'wants'>;

/** Reports whether a consumer has handled a commit; by default, from its mark in the stream. */
export type IsHandled = (commit: StoredCommit) => Promise<boolean>;

const byMark =
  (sideStore: SideStore, { name }: Following): IsHandled =>
  async ({ stream, version }) =>
    (await readMark(sideStore, name, stream)) >= version;

const troubled = async ({ store, sideStore }: FeedPorts, { name }: Following): Promise<readonly StoredCommit[]> => {
  const streams = await troubledStreams(sideStore, name);
  const found = await Promise.all(
    streams.map(async (stream) => {
      const after = await readMark(sideStore, name, stream);
      return ifReadable(store.history(stream, { after, limit: 1 }));
    }),
  );
  return found.flatMap((commits) => commits ?? []);
};

const oldestOf = (commits: readonly StoredCommit[]): StoredCommit | undefined =>
  commits.toSorted((a, b) => a.at.localeCompare(b.at))[0];

const overdueBefore = ({ clock }: FeedPorts): string => new Date(Date.parse(clock()) - OVERDUE_MS).toISOString();

/** Returns the oldest commit that a consumer should have handled by now. */
export const overdueOf = async (
  ports: FeedPorts,
  consumer: Following,
  isHandled: IsHandled = byMark(ports.sideStore, consumer),
): Promise<StoredCommit | undefined> => {
  const before = overdueBefore(ports);
  const late: StoredCommit[] = (await troubled(ports, consumer)).filter(({ at }) => at < before);
  let cursor = await readFeedCursor(ports.sideStore, consumer.name);
  for (let pages = 0; pages < PAGES_MAX && late.length === 0; pages += 1) {
    const { items, next, done } = await ports.store.feed(cursor, PAGE, () => undefined);
    for (const item of items) if (item.at < before && consumer.wants(item.stream) && !(await isHandled(item))) late.push(item);
    if (done) break;
    cursor = next;
  }
  return oldestOf(late);
};

const lateFinding = (consumer: string, late: StoredCommit | undefined): readonly Finding[] =>
  late === undefined
    ? []
    : [
        {
          code: 'consumers-stuck',
          since: late.at,
          detail: `${consumer} has not handled version ${late.version} of ${late.stream}.`,
        },
      ];

const parkedFinding = ({ consumer, stream, version, at }: DeadLetter): Finding => ({
  code: 'consumers-stuck',
  since: at,
  detail: `${consumer} gave up on version ${version} of ${stream}.`,
});

/** Finds what a consumer that has just swept the feed could not handle. */
export const sweptCheck =
  (ports: FeedPorts, consumer: Following): HealthCheck =>
  async () => {
    const before = overdueBefore(ports);
    const late = oldestOf((await troubled(ports, consumer)).filter(({ at }) => at < before));
    const parked = await deadLetters(ports.sideStore, consumer.name);
    return [...lateFinding(consumer.name, late), ...parked.slice(0, PARKED_MAX).map(parkedFinding)];
  };

/** Reads each page of the feed once: most consumers are at the same place. */
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

/** Finds consumers that have fallen behind, and parked commits. */
export const consumersCheck =
  (ports: FeedPorts, consumers: readonly (Following & { readonly isHandled?: IsHandled })[]): HealthCheck =>
  async () => {
    const shared = { ...ports, store: pagesOnce(ports.store) };
    const behind = await Promise.all(
      consumers.map(async (consumer) => lateFinding(consumer.name, await overdueOf(shared, consumer, consumer.isHandled))),
    );
    const known = new Set(consumers.map(({ name }) => name));
    const parked = (await deadLetters(ports.sideStore)).filter(({ consumer }) => known.has(consumer));
    return [...behind.flat(), ...parked.map(parkedFinding)];
  };
