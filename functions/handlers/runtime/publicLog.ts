import * as z from 'zod';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { LOG_PREFIX } from '../../web/routes/pages.ts';
import type { CitySettings } from './environment.ts';

/** Its public prefix, so that CloudFront finds the files by the path of a request. */
export const LOG_FOLDER = LOG_PREFIX.slice(1);

/** Among the log's files, so that what serves them needs no access to the signing key. */
export const VKEY_PATH = 'vkey';

/** The public prefix without the scheme (c2sp.org/tlog-checkpoint). */
export const originAt = (url: string): string => `${url.replace(/^https?:\/\//, '')}${LOG_PREFIX}`;

/** The one that was set, otherwise that of the address. */
export const originOf = ({ ALDERGATE_URL: url, ALDERGATE_LOG_ORIGIN: given }: z.infer<typeof CitySettings>): string =>
  given ?? originAt(url);

/** Side kind: the size of the newest published checkpoint and the verifier key, so that pages need not read S3. */
const PUBLISHED = 'log-published';
const NEWEST = 'newest';
const KEY = 'vkey';
const Size = z.int().min(0);

/** Naming an older checkpoint is harmless: a newer one holds all that it holds. */
const FRESH_MS = 5_000;

export const recordPublished = (sideStore: SideStore, size: number): Promise<void> => sideStore.put(PUBLISHED, NEWEST, size);

export const recordVerifierKey = (sideStore: SideStore, vkey: string): Promise<void> => sideStore.put(PUBLISHED, KEY, vkey);

/** Undefined before the sequencer's first start. */
const recordedVerifierKey = async (sideStore: SideStore): Promise<string | undefined> =>
  z.string().safeParse(await sideStore.get(PUBLISHED, KEY)).data;

/** `refresh` reads it again when it is older than {@link FRESH_MS}. */
export const publishedLog = (sideStore: SideStore, nowMs: () => number) => {
  let [size, vkey, readMs]: [string | undefined, string | undefined, number] = [undefined, undefined, Number.NEGATIVE_INFINITY];
  return {
    checkpoint: () => size,
    vkey: () => vkey,
    refresh: async (): Promise<void> => {
      if (nowMs() - readMs < FRESH_MS) return;
      const [newest, key] = await Promise.all([sideStore.get(PUBLISHED, NEWEST), recordedVerifierKey(sideStore)]);
      const found = Size.safeParse(newest);
      if (found.success) size = String(found.data);
      vkey = key;
      readMs = nowMs();
    },
  };
};
