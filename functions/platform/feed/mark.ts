// Storage format of how far a consumer has come in a stream, in the side store.
import * as z from 'zod';
import type { SideStore } from '../store/sideStore.ts';

const MARK = 'mark';
const TROUBLE = 'trouble';

const Mark = z.strictObject({ version: z.int().min(0) });

/** A commit that could not be handled: how often it was tried, and when it is tried again, in milliseconds of the wall clock. */
const Trouble = z.strictObject({ version: z.int().min(1), tries: z.int().min(1), notBeforeMs: z.number(), error: z.string() });
export type Trouble = z.infer<typeof Trouble>;

const placeOf = (consumer: string, stream: string): string => `${consumer}:${stream}`;

/** The version up to which a consumer has handled a stream; 0 for one it never saw, or whose mark cannot be read: repeats, never gaps. */
export const readMark = async (sideStore: SideStore, consumer: string, stream: string): Promise<number> =>
  Mark.safeParse(await sideStore.get(MARK, placeOf(consumer, stream))).data?.version ?? 0;

/** Moves a mark forward; never back, whoever else was faster. */
export const advanceMark = async (sideStore: SideStore, consumer: string, stream: string, version: number): Promise<void> => {
  if ((await readMark(sideStore, consumer, stream)) < version) await sideStore.put(MARK, placeOf(consumer, stream), { version });
};

export const readTrouble = async (sideStore: SideStore, consumer: string, stream: string): Promise<Trouble | undefined> =>
  Trouble.safeParse(await sideStore.get(TROUBLE, placeOf(consumer, stream))).data;

export const putTrouble = (sideStore: SideStore, consumer: string, stream: string, trouble: Trouble): Promise<void> =>
  sideStore.put(TROUBLE, placeOf(consumer, stream), trouble);

export const clearTrouble = (sideStore: SideStore, consumer: string, stream: string): Promise<void> =>
  sideStore.remove(TROUBLE, placeOf(consumer, stream));

/** The streams in which a consumer has trouble. */
export const troubledStreams = async (sideStore: SideStore, consumer: string): Promise<readonly string[]> =>
  (await sideStore.list(TROUBLE, placeOf(consumer, ''))).map(({ id }) => id.slice(placeOf(consumer, '').length));
