import * as z from 'zod';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { LOG_PREFIX } from '../../web/routes/pages.ts';
import type { CitySettings } from './environment.ts';

/** The folder of the log's files in their bucket. It is their public prefix, so that CloudFront finds them by the path of a request. */
export const LOG_FOLDER = LOG_PREFIX.slice(1);

/** The path of the log's verifier key among its files, so that the function that serves them needs no access to the signing key. */
export const VKEY_PATH = 'vkey';

/** Returns the log's origin: the one that was set, otherwise its public prefix without the scheme (c2sp.org/tlog-checkpoint). */
export const originOf = ({ ALDERGATE_URL: url, ALDERGATE_LOG_ORIGIN: given }: z.infer<typeof CitySettings>): string =>
  given ?? `${url.replace(/^https?:\/\//, '')}${LOG_PREFIX}`;

/** Side kind: the size of the newest published checkpoint and the verifier key. The sequencer writes them, so that pages need not read S3. */
const PUBLISHED = 'log-published';
const NEWEST = 'newest';
const KEY = 'vkey';
const Size = z.int().min(0);

/** The age at which the size is read again, in ms. Naming an older checkpoint is harmless: a newer one holds all that it holds. */
const FRESH_MS = 5_000;

/** Records the size of the newest published checkpoint. */
export const recordPublished = (sideStore: SideStore, size: number): Promise<void> => sideStore.put(PUBLISHED, NEWEST, size);

/** Records the verifier key of the log. */
export const recordVerifierKey = (sideStore: SideStore, vkey: string): Promise<void> => sideStore.put(PUBLISHED, KEY, vkey);

/** Resolves with the verifier key that the sequencer recorded at its start, or undefined before its first start. */
const recordedVerifierKey = async (sideStore: SideStore): Promise<string | undefined> =>
  z.string().safeParse(await sideStore.get(PUBLISHED, KEY)).data;

/** The published log as an environment knows it. `refresh` reads it again when it is older than {@link FRESH_MS}. */
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
