import * as z from 'zod';
import type { SideStore } from '../../platform/store/sideStore.ts';

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

export const tellPublished = (sideStore: SideStore, size: number): Promise<void> => sideStore.put(PUBLISHED, NEWEST, size);

export const tellKey = (sideStore: SideStore, vkey: string): Promise<void> => sideStore.put(PUBLISHED, KEY, vkey);

/** The verifier key of the log, as the sequencer told it at its start; undefined before that. */
export const toldKey = async (sideStore: SideStore): Promise<string | undefined> =>
  z.string().safeParse(await sideStore.get(PUBLISHED, KEY)).data;

/** What an environment knows of the published log: looked up before a request when it is old, kept between them. */
export const publishedLog = (sideStore: SideStore, nowMs: () => number) => {
  let [size, vkey, readMs]: [string | undefined, string | undefined, number] = [undefined, undefined, Number.NEGATIVE_INFINITY];
  return {
    checkpoint: () => size,
    vkey: () => vkey,
    refresh: async (): Promise<void> => {
      if (nowMs() - readMs < FRESH_MS) return;
      const [newest, key] = await Promise.all([sideStore.get(PUBLISHED, NEWEST), toldKey(sideStore)]);
      const found = Size.safeParse(newest);
      if (found.success) size = String(found.data);
      vkey = key;
      readMs = nowMs();
    },
  };
};
