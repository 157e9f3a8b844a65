// Storage format of what consumers parked, in the side store.

import * as z from 'zod';
import { Instant, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { messageOf } from '../logging.ts';
import type { SideStore } from '../store/sideStore.ts';
import type { Consumer, FeedPorts } from './consumer.ts';

const DEAD_LETTER = 'dead-letter';
const ERROR_CHARS_MAX = 2_000;

const DeadLetter = strictObject(() => ({
  consumer: z.string(),
  stream: z.string(),
  version: z.int().min(1),
  error: z.string(),
  tries: z.int().min(1),
  at: Instant,
}));
/** A commit parked after too many tries, so that it does not hold up those after it. */
export type DeadLetter = z.infer<typeof DeadLetter>;

const idOf = ({ consumer, stream, version }: Pick<DeadLetter, 'consumer' | 'stream' | 'version'>): string =>
  `${consumer}:${stream}@${version}`;

/** Parks a commit, with the error of its last try. */
export const park = (sideStore: SideStore, letter: DeadLetter): Promise<void> =>
  sideStore.put(DEAD_LETTER, idOf(letter), { ...letter, error: letter.error.slice(0, ERROR_CHARS_MAX) });

/** Returns the parked commits of one consumer or of all. */
export const deadLetters = async (sideStore: SideStore, consumer?: string): Promise<readonly DeadLetter[]> =>
  (await sideStore.list(DEAD_LETTER, consumer === undefined ? '' : `${consumer}:`)).flatMap(
    ({ value }) => DeadLetter.safeParse(value).data ?? [],
  );

const ParkedEntry = strictObject(() => ({
  consumer: z.string(),
  queue: z.string(),
  entry: z.string(),
  error: z.string(),
  tries: z.int().min(1),
  at: Instant,
}));
/** An entry of a queue parked after too many tries. `queue`: its side kind; `entry`: its id there. */
export type ParkedEntry = z.infer<typeof ParkedEntry>;

const idOfEntry = ({ consumer, queue, entry }: Pick<ParkedEntry, 'consumer' | 'queue' | 'entry'>): string =>
  `${consumer}:${queue}/${entry}`;

export const parkEntry = (sideStore: SideStore, letter: ParkedEntry): Promise<void> =>
  sideStore.put(DEAD_LETTER, idOfEntry(letter), { ...letter, error: letter.error.slice(0, ERROR_CHARS_MAX) });

export const unparkEntry = (sideStore: SideStore, letter: ParkedEntry): Promise<void> =>
  sideStore.remove(DEAD_LETTER, idOfEntry(letter));

/** Returns the parked entries of one consumer or of all. */
export const parkedEntries = async (sideStore: SideStore, consumer?: string): Promise<readonly ParkedEntry[]> =>
  (await sideStore.list(DEAD_LETTER, consumer === undefined ? '' : `${consumer}:`)).flatMap(
    ({ value }) => ParkedEntry.safeParse(value).data ?? [],
  );

/** Retries a consumer's parked commits, each independently. */
export const replayDeadLetters = async (
  { store, sideStore, isReleased }: FeedPorts,
  consumer: Consumer,
): Promise<{ readonly handled: number; readonly failed: readonly DeadLetter[] }> => {
  const failed: DeadLetter[] = [];
  let handled = 0;
  for (const letter of await deadLetters(sideStore, consumer.name)) {
    try {
      const [commit] = await store.history(letter.stream, { after: letter.version - 1, upTo: letter.version, limit: 1 });
      if (commit === undefined) throw new Error('there is no such commit');
      if (!(await isReleased(commit))) throw new Error('not in the log yet');
      await consumer.handle(commit);
      await sideStore.remove(DEAD_LETTER, idOf(letter));
      handled += 1;
    } catch (error) {
      const again = { ...letter, tries: letter.tries + 1, error: messageOf(error) };
      await park(sideStore, again);
      failed.push(again);
    }
  }
  return { handled, failed };
};
