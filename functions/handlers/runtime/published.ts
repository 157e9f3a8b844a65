import * as z from 'zod';
import type { Side } from '../../platform/store/side.ts';

/**
 * Side kind: the size of the newest published checkpoint, which names it, and the key that verifies it. Told by the sequencer, so that
 * pages need not ask S3.
 */
const PUBLISHED = 'log-published';
const NEWEST = 'newest';
const KEY = 'vkey';
const Size = z.int().min(0);

/** A page or an answer may name a checkpoint that is so old; a newer one holds all that it holds. */
const FRESH_MS = 5_000;

export const tellPublished = (side: Side, size: number): Promise<void> => side.put(PUBLISHED, NEWEST, size);

export const tellKey = (side: Side, vkey: string): Promise<void> => side.put(PUBLISHED, KEY, vkey);

/** The verifier key of the log, as the sequencer told it at its start; undefined before that. */
export const toldKey = async (side: Side): Promise<string | undefined> =>
  z.string().safeParse(await side.get(PUBLISHED, KEY)).data;

/** What an environment knows of the published log: looked up before a request when it is old, kept between them. */
export const publishedLog = (side: Side, nowMs: () => number) => {
  let [size, vkey, readMs]: [string | undefined, string | undefined, number] = [undefined, undefined, Number.NEGATIVE_INFINITY];
  return {
    checkpoint: () => size,
    vkey: () => vkey,
    refresh: async (): Promise<void> => {
      if (nowMs() - readMs < FRESH_MS) return;
      const [newest, key] = await Promise.all([side.get(PUBLISHED, NEWEST), toldKey(side)]);
      const found = Size.safeParse(newest);
      if (found.success) size = String(found.data);
      vkey = key;
      readMs = nowMs();
    },
  };
};
