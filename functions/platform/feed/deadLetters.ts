// Storage format of parked commits and queue entries, in the side store.
import * as z from 'zod';
import { Instant, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { messageOf } from '../logging.ts';
import { readCommit } from '../store/load.ts';
import type { SideStore } from '../store/sideStore.ts';
import { type Consumer, type FeedPorts, withExclusiveTurn } from './consumer.ts';

const DEAD_LETTER = 'dead-letter';
const ERROR_CHARS_MAX = 2_000;

const PARKED = { consumer: z.string(), error: z.string(), tries: z.int().min(1), at: Instant };

const DeadLetter = strictObject(() => ({ ...PARKED, stream: z.string(), version: z.int().min(1) }));
/** A commit parked after too many tries, so that it does not hold up those after it. */
export type DeadLetter = z.infer<typeof DeadLetter>;

const ParkedEntry = strictObject(() => ({ ...PARKED, queue: z.string(), entry: z.string() }));
/** A parked entry of a queue. `queue`: its side kind; `entry`: its id there. */
export type ParkedEntry = z.infer<typeof ParkedEntry>;

const idOf = (letter: DeadLetter | ParkedEntry): string =>
  'stream' in letter
    ? `${letter.consumer}:${letter.stream}@${letter.version}`
    : `${letter.consumer}:${letter.queue}/${letter.entry}`;

export const park = (sideStore: SideStore, letter: DeadLetter | ParkedEntry): Promise<void> =>
  sideStore.put(DEAD_LETTER, idOf(letter), { ...letter, error: letter.error.slice(0, ERROR_CHARS_MAX) });

const parked =
  <T>(schema: z.ZodType<T>) =>
  async (sideStore: SideStore, consumer?: string): Promise<readonly T[]> => {
    const letters = await sideStore.list(DEAD_LETTER, consumer === undefined ? '' : `${consumer}:`);
    return letters.flatMap(({ value }) => schema.safeParse(value).data ?? []);
  };

/** Returns the dead letters of one consumer, or of all. */
export const deadLetters = parked(DeadLetter);
export const parkedEntries = parked(ParkedEntry);

export interface Replayed<T> {
  readonly handled: number;
  readonly failed: readonly T[];
}

/** Replays dead letters independently of each other. */
export const replay = async <T extends DeadLetter | ParkedEntry>(
  sideStore: SideStore,
  letters: readonly T[],
  handle: (letter: T) => Promise<void>,
): Promise<Replayed<T>> => {
  const failed: T[] = [];
  for (const letter of letters) {
    try {
      await handle(letter);
      await sideStore.remove(DEAD_LETTER, idOf(letter));
    } catch (error) {
      const again = { ...letter, tries: letter.tries + 1, error: messageOf(error) };
      await park(sideStore, again);
      failed.push(again);
    }
  }
  return { handled: letters.length - failed.length, failed };
};

export const replayDeadLetters = async (ports: FeedPorts, consumer: Consumer): Promise<Replayed<DeadLetter>> => {
  const { store, sideStore, isReleased } = ports;
  return replay(sideStore, await deadLetters(sideStore, consumer.name), async ({ stream, version }) => {
    const commit = await readCommit(store, stream, version);
    if (commit === undefined) throw new Error('there is no such commit');
    if (!(await isReleased(commit))) throw new Error('not in the log yet');
    await withExclusiveTurn(ports, consumer, stream, () => consumer.handle(commit));
  });
};
