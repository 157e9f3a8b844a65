import type { Finding, HealthCheck } from '../health.ts';
import { CorruptStore } from '../store/errors.ts';
import type { StoredCommit } from '../store/port.ts';
import type { SideStore } from '../store/sideStore.ts';
import type { Consumer, FeedPorts } from './consumer.ts';
import { deadLetters } from './deadLetters.ts';
import { readMark, troubledStreams } from './mark.ts';
import { readFeedCursor } from './sweep.ts';

/** A commit that a consumer has not handled after this time is overdue: ordinarily it takes a second. */
const OVERDUE_MS = 30_000;
const PAGE = 100;
/**
 * Pages to read from where the consumer's last sweep ended: a consumer further behind has overdue commits in the first ones.
 */
const PAGES_MAX = 10;

type Following = Pick<Consumer, 'name' | 'wants'>;

/** Reports whether a consumer has handled a commit; by default, from its mark in the stream. */
export type IsHandled = (commit: StoredCommit) => Promise<boolean>;

const byMark =
  (sideStore: SideStore, { name }: Following): IsHandled =>
  async ({ stream, version }) =>
    (await readMark(sideStore, name, stream)) >= version;

/** Returns the first commit above the mark of each stream in which a consumer has trouble. */
const troubled = async ({ store, sideStore }: FeedPorts, { name }: Following): Promise<readonly StoredCommit[]> => {
  const streams = await troubledStreams(sideStore, name);
  const found = await Promise.all(
    streams.map(async (stream) => {
      try {
        return await store.history(stream, { after: await readMark(sideStore, name, stream), limit: 1 });
      } catch (error) {
        if (error instanceof CorruptStore) return [];
        throw error;
      }
    }),
  );
  return found.flat();
};

/** Returns the oldest commit that a consumer wants and should have handled by now; `undefined` if it keeps up. */
export const overdueOf = async (
  ports: FeedPorts,
  consumer: Following,
  isHandled: IsHandled = byMark(ports.sideStore, consumer),
): Promise<StoredCommit | undefined> => {
  const before = new Date(Date.parse(ports.clock()) - OVERDUE_MS).toISOString();
  const late: StoredCommit[] = (await troubled(ports, consumer)).filter(({ at }) => at < before);
  let cursor = await readFeedCursor(ports.sideStore, consumer.name);
  for (let pages = 0; pages < PAGES_MAX && late.length === 0; pages += 1) {
    const { items, next, done } = await ports.store.feed(cursor, PAGE, () => undefined);
    for (const item of items) if (item.at < before && consumer.wants(item.stream) && !(await isHandled(item))) late.push(item);
    if (done) break;
    cursor = next;
  }
  return late.toSorted((a, b) => a.at.localeCompare(b.at))[0];
};

/** Finds consumers that have fallen behind, and parked commits. */
export const consumersCheck =
  (ports: FeedPorts, consumers: readonly (Following & { readonly isHandled?: IsHandled })[]): HealthCheck =>
  async () => {
    const behind = await Promise.all(
      consumers.map(async (consumer): Promise<readonly Finding[]> => {
        const late = await overdueOf(ports, consumer, consumer.isHandled);
        if (late === undefined) return [];
        const detail = `${consumer.name} has not handled version ${late.version} of ${late.stream}.`;
        return [{ code: 'consumers-stuck', since: late.at, detail }];
      }),
    );
    const known = new Set(consumers.map(({ name }) => name));
    const parked = (await deadLetters(ports.sideStore)).filter(({ consumer }) => known.has(consumer));
    return [
      ...behind.flat(),
      ...parked.map(({ consumer, stream, version, at }): Finding => {
        const detail = `${consumer} gave up on version ${version} of ${stream}.`;
        return { code: 'consumers-stuck', since: at, detail };
      }),
    ];
  };
