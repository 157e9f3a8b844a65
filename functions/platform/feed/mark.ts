// Storage format of how far a consumer has come in a stream, in the side store.
import * as z from 'zod';
import type { Side } from '../store/side.ts';

const MARK = 'mark';
const TROUBLE = 'trouble';

const Mark = z.strictObject({ version: z.int().min(0) });

/** A commit that could not be handled: how often it was tried, and when it is tried again, in milliseconds of the wall clock. */
const Trouble = z.strictObject({ version: z.int().min(1), tries: z.int().min(1), notBeforeMs: z.number(), error: z.string() });
export type Trouble = z.infer<typeof Trouble>;

const placeOf = (consumer: string, stream: string): string => `${consumer}:${stream}`;

/** The version up to which a consumer has handled a stream; 0 for one it never saw, or whose mark cannot be read: repeats, never gaps. */
export const readMark = async (side: Side, consumer: string, stream: string): Promise<number> =>
  Mark.safeParse(await side.get(MARK, placeOf(consumer, stream))).data?.version ?? 0;

/** Moves a mark forward; never back, whoever else was faster. */
export const advanceMark = async (side: Side, consumer: string, stream: string, version: number): Promise<void> => {
  if ((await readMark(side, consumer, stream)) < version) await side.put(MARK, placeOf(consumer, stream), { version });
};

export const readTrouble = async (side: Side, consumer: string, stream: string): Promise<Trouble | undefined> =>
  Trouble.safeParse(await side.get(TROUBLE, placeOf(consumer, stream))).data;

export const putTrouble = (side: Side, consumer: string, stream: string, trouble: Trouble): Promise<void> =>
  side.put(TROUBLE, placeOf(consumer, stream), trouble);

export const clearTrouble = (side: Side, consumer: string, stream: string): Promise<void> =>
  side.remove(TROUBLE, placeOf(consumer, stream));

/** The streams in which a consumer has trouble. */
export const troubledStreams = async (side: Side, consumer: string): Promise<readonly string[]> =>
  (await side.list(TROUBLE, placeOf(consumer, ''))).map(({ id }) => id.slice(placeOf(consumer, '').length));
