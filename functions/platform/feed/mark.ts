// Storage format of a consumer's progress in a stream, in the side store.
import * as z from 'zod';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { strictObject } from '../../../domain/kernel/zodTypes.ts';
import type { SideStore } from '../store/sideStore.ts';

const MARK = 'mark';
const TROUBLE = 'trouble';

const Mark = strictObject(() => ({ version: z.int().min(0) }));

/** A commit that could not be handled: the number of tries, and the time of the next one, in milliseconds of the wall clock. */
const Trouble = strictObject(() => ({
  version: z.int().min(1),
  tries: z.int().min(1),
  notBeforeMs: z.number(),
  error: z.string(),
}));
export type Trouble = z.infer<typeof Trouble>;

const placeOf = (consumer: string, stream: string): string => `${consumer}:${stream}`;

const versionIn = (value: JsonValue | undefined): number => Mark.safeParse(value).data?.version ?? 0;

/** Returns the version up to which a consumer has handled a stream; 0 if the mark is lost, which causes repeats, never gaps. */
export const readMark = async (sideStore: SideStore, consumer: string, stream: string): Promise<number> =>
  versionIn(await sideStore.get(MARK, placeOf(consumer, stream)));

/** Moves a mark forward, never back. A power cut may lose the last ones, which causes repeats. */
export const advanceMark = async (sideStore: SideStore, consumer: string, stream: string, version: number): Promise<void> => {
  if ((await readMark(sideStore, consumer, stream)) < version) await sideStore.put(MARK, placeOf(consumer, stream), { version });
};

/** Moves the marks of a consumer to these versions, never back. */
export const advanceMarks = async (
  sideStore: SideStore,
  consumer: string,
  versions: Iterable<readonly [stream: string, version: number]>,
): Promise<void> => {
  const known = new Map((await sideStore.list(MARK, placeOf(consumer, ''))).map(({ id, value }) => [id, versionIn(value)]));
  // Together, so that they share a few transactions.
  await Promise.all(
    [...versions].map(async ([stream, version]) => {
      const place = placeOf(consumer, stream);
      if ((known.get(place) ?? 0) < version) await sideStore.put(MARK, place, { version });
    }),
  );
};

export const readTrouble = async (sideStore: SideStore, consumer: string, stream: string): Promise<Trouble | undefined> =>
  Trouble.safeParse(await sideStore.get(TROUBLE, placeOf(consumer, stream))).data;

export const putTrouble = (sideStore: SideStore, consumer: string, stream: string, trouble: Trouble): Promise<void> =>
  sideStore.put(TROUBLE, placeOf(consumer, stream), trouble);

export const clearTrouble = (sideStore: SideStore, consumer: string, stream: string): Promise<void> =>
  sideStore.remove(TROUBLE, placeOf(consumer, stream));

/** Returns the streams in which a consumer has trouble. */
export const troubledStreams = async (sideStore: SideStore, consumer: string): Promise<readonly string[]> =>
  (await sideStore.list(TROUBLE, placeOf(consumer, ''))).map(({ id }) => id.slice(placeOf(consumer, '').length));
