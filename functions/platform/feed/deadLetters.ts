// Storage format of what consumers parked, in the side store.
import * as z from 'zod';
import { Instant, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { messageOf } from '../logging.ts';
import type { SideStore } from '../store/sideStore.ts';
import type { Consumer, FeedPorts } from './consumer.ts';

const DEAD_LETTER = 'dead-letter';
const ERROR_CHARS_MAX = 2_000;

const PARKED = { consumer: z.string(), error: z.string(), tries: z.int().min(1), at: Instant };

const DeadLetter = strictObject(() => ({ ...PARKED, stream: z.string(), version: z.int().min(1) }));
/** A commit parked after too many tries, so that it does not hold up those after it. */
export type DeadLetter = z.infer<typeof DeadLetter>;

const ParkedEntry = strictObject(() => ({ ...PARKED, queue: z.string(), entry: z.string() }));
/** An entry of a queue parked after too many tries. `queue`: its side kind; `entry`: its id there. */
export type ParkedEntry = z.infer<typeof ParkedEntry>;

const idOf = (letter: DeadLetter | ParkedEntry): string =>
  'stream' in letter
    ? `${letter.consumer}:${letter.stream}@${letter.version}`
    : `${letter.consumer}:${letter.queue}/${letter.entry}`;

export const park = (sideStore: SideStore, letter: DeadLetter | ParkedEntry): Promise<void> =>
  sideStore.put(DEAD_LETTER, idOf(letter), { ...letter, error: letter.error.slice(0, ERROR_CHARS_MAX) });

export const unpark = (sideStore: SideStore, letter: DeadLetter | ParkedEntry): Promise<void> =>
  sideStore.remove(DEAD_LETTER, idOf(letter));

const parked =
  <T>(schema: z.ZodType<T>) =>
  async (sideStore: SideStore, consumer?: string): Promise<readonly T[]> => {
    const letters = await sideStore.list(DEAD_LETTER, consumer === undefined ? '' : `${consumer}:`);
    return letters.flatMap(({ value }) => schema.safeParse(value).data ?? []);
  };

/** Those of one consumer, or of all. */
export const deadLetters = parked(DeadLetter);
export const parkedEntries = parked(ParkedEntry);

/** Each independently. */
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
      await unpark(sideStore, letter);
      handled += 1;
    } catch (error) {
      const again = { ...letter, tries: letter.tries + 1, error: messageOf(error) };
      await park(sideStore, again);
      failed.push(again);
    }
  }
  return { handled, failed };
};
