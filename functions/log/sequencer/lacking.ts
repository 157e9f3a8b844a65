import { setImmediate } from 'node:timers/promises';
import { hashOf } from '../../../domain/kernel/commit.ts';
import { CorruptStore, ifReadable } from '../../platform/store/errors.ts';
import type { CommitPlace, PlacesPage, Store, StoredCommit } from '../../platform/store/port.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { type HeldStream, putCompared, putWalked, readCompared, readWalked } from './logIndex.ts';

/** How often the log is compared with the store, at least `everyMs` apart, and how much of it at a time. */
export interface Comparing {
  readonly everyMs: number;
  /** The ends of streams in the log that are compared with the store. */
  readonly streams: number;
  /** The same at the first comparison of a process. */
  readonly streamsAtStart: number;
  /** The rows of the feed, from its beginning, whose places are looked for in the log. */
  readonly rows: number;
}

/** The last commit of a stream that is in the log. */
interface End {
  readonly version: number;
  readonly hash: string;
}

/** Heads that are read at once, in one turn of the event loop, 50 µs each on one machine. */
const AT_ONCE = 100;

/** What comparing streams found: those of which the store lacks logged commits, by their names, and those with commits beyond the log. */
export interface Compared {
  readonly lacking: ReadonlyMap<string, HeldStream>;
  readonly ahead: readonly string[];
}

/** Returns what a store lacks of a stream that ends in the log with this commit. */
export const lackingProblem = (head: StoredCommit | undefined, { version, hash }: End): string | undefined => {
  if (head === undefined || head.version < version) return `version ${version} is in the log and not in the store`;
  return head.version === version && hashOf(head.bytes) !== hash ? `version ${version} in the log is another commit` : undefined;
};

/** Compares the heads of streams with their ends in the log. A row that fails by itself is not compared. `ends`: of all streams. */
export const compareStreams = async (
  store: Store,
  ends: ReadonlyMap<string, End>,
  streams: readonly string[],
): Promise<Compared> => {
  const names = [...new Set(streams)];
  const lacking = new Map<string, HeldStream>();
  const ahead: string[] = [];
  const compare = async (stream: string, end: End): Promise<void> => {
    try {
      const head = await store.head(stream);
      const problem = lackingProblem(head, end);
      if (problem !== undefined) lacking.set(stream, { stream, version: 0, problem });
      else if (head !== undefined && head.version > end.version) ahead.push(stream);
    } catch (error) {
      if (!(error instanceof CorruptStore)) throw error;
      // This process may know by itself that the stream was longer, and refuse its head; others do not.
      const rows = await ifReadable(store.history(stream, { after: end.version - 1, upTo: end.version, limit: 1 }));
      if (rows?.length === 0) lacking.set(stream, { stream, version: 0, problem: lackingProblem(undefined, end) ?? '' });
    }
  };
  for (let from = 0; from < names.length; from += AT_ONCE) {
    if (from > 0) await setImmediate();
    await Promise.all(
      names.slice(from, from + AT_ONCE).map(async (stream) => {
        const end = ends.get(stream);
        if (end !== undefined) await compare(stream, end);
      }),
    );
  }
  return { lacking, ahead };
};

/**
 * Returns the next `count` of all streams, and what records that they were compared. `streams` only grows at its end, so each is compared
 * once in every round, by whichever process.
 */
export const nextCompared = async (
  sideStore: SideStore,
  streams: readonly string[],
  count: number,
): Promise<{ readonly streams: readonly string[]; readonly advance: () => Promise<void> }> => {
  if (streams.length <= count) return { streams, advance: async () => undefined };
  const compared = await readCompared(sideStore);
  const from = compared < streams.length ? compared : 0;
  const next = from + count;
  return {
    streams: streams.slice(from, next),
    advance: () => putCompared(sideStore, next < streams.length ? next : 0),
  };
};

/**
 * Returns the places of the next `count` rows of the feed, which begins again after its last row, and what records that they were looked
 * for. Every row has its turn, by whichever process, wherever in the feed it was put.
 */
export const nextPlaces = async (
  { store, sideStore }: { readonly store: Store; readonly sideStore: SideStore },
  count: number,
): Promise<{ readonly places: readonly CommitPlace[]; readonly advance: () => Promise<void> }> => {
  if (count === 0) return { places: [], advance: async () => undefined };
  const walked = await readWalked(sideStore);
  const from = async (cursor: string | undefined): Promise<PlacesPage> => store.places(cursor, count);
  const { places, next, done } = await from(walked).catch((error: unknown) => {
    // The cursor of another store, from before an import.
    if (error instanceof RangeError) return from(undefined);
    throw error;
  });
  return {
    places,
    advance: async () => {
      if (!done || walked !== undefined) await putWalked(sideStore, done ? undefined : next);
    },
  };
};
