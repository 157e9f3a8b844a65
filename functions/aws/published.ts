import * as z from 'zod';
import type { Side } from '../store/side.ts';

/** Side kind: the size of the newest published checkpoint, which names it. Told by the sequencer, so that pages need not ask S3. */
const PUBLISHED = 'log-published';
const NEWEST = 'newest';
const Size = z.int().min(0);

/** A page or an answer may name a checkpoint that is so old; a newer one holds all that it holds. */
const FRESH_MS = 5_000;

export const tellPublished = (side: Side, size: number): Promise<void> => side.put(PUBLISHED, NEWEST, size);

/** What an environment knows of the published log: looked up before a request when it is old, kept between them. */
export const publishedLog = (side: Side, nowMs: () => number) => {
  let [size, readMs]: [string | undefined, number] = [undefined, Number.NEGATIVE_INFINITY];
  return {
    checkpoint: () => size,
    refresh: async (): Promise<void> => {
      if (nowMs() - readMs < FRESH_MS) return;
      const found = Size.safeParse(await side.get(PUBLISHED, NEWEST));
      if (found.success) size = String(found.data);
      readMs = nowMs();
    },
  };
};
