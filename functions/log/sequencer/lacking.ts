import { hashOf } from '../../../domain/kernel/commit.ts';
import { CorruptStore } from '../../platform/store/errors.ts';
import type { Store, StoredCommit } from '../../platform/store/port.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { type HeldStream, putCompared, readCompared } from './logIndex.ts';

/** How often ends of streams in the log are compared with the store, at least `everyMs` apart, and of how many streams at a time. */
export interface Comparing {
  readonly everyMs: number;
  readonly streams: number;
}

/** The last commit of a stream that is in the log. */
interface End {
  readonly version: number;
  readonly hash: string;
}

/** Heads that are read at once. */
const AT_ONCE = 100;

/** Returns what a store lacks of a stream that ends in the log with this commit; undefined for nothing, and for a row that fails by itself. */
const lackOf = async (store: Store, stream: string, { version, hash }: End): Promise<string | undefined> => {
  let head: StoredCommit | undefined;
  try {
    head = await store.head(stream);
  } catch (error) {
    if (error instanceof CorruptStore) return undefined;
    throw error;
  }
  if (head === undefined || head.version < version) return `version ${version} is in the log and not in the store`;
  return head.version === version && hashOf(head.bytes) !== hash ? `version ${version} in the log is another commit` : undefined;
};

/** Returns those of the given streams of which the store lacks commits that are in the log, by their names. `ends`: of all streams. */
export const lackingOf = async (
  store: Store,
  ends: ReadonlyMap<string, End>,
  streams: readonly string[],
): Promise<ReadonlyMap<string, HeldStream>> => {
  const names = [...new Set(streams)];
  const lacking = new Map<string, HeldStream>();
  for (let from = 0; from < names.length; from += AT_ONCE)
    await Promise.all(
      names.slice(from, from + AT_ONCE).map(async (stream) => {
        const end = ends.get(stream);
        const problem = end && (await lackOf(store, stream, end));
        if (problem !== undefined) lacking.set(stream, { stream, version: 0, problem });
      }),
    );
  return lacking;
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
