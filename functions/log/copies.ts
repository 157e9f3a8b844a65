// Storage format, side kind `copy`: the newest copy of the gate that is whole.
import * as z from 'zod';
import { Instant, strictObject } from '../../domain/kernel/zodTypes.ts';
import type { HealthCheck } from '../platform/health.ts';
import type { Logger } from '../platform/logging.ts';
import type { SideStore } from '../platform/store/sideStore.ts';

const KIND = 'copy';
const NEWEST = 'newest';
/** The side kind of this file. */
export const COPY_KINDS = [KIND] as const;

/** `size`: how many entries the log of the copy has. */
const Copied = strictObject(() => ({ at: Instant, folder: z.string(), size: z.int().min(1) }));
export type Copied = z.infer<typeof Copied>;

export const newestCopy = async (sideStore: SideStore): Promise<Copied | undefined> =>
  Copied.safeParse(await sideStore.get(KIND, NEWEST)).data;

export const recordCopy = (sideStore: SideStore, copied: Copied): Promise<void> => sideStore.put(KIND, NEWEST, copied);

const OLD_AFTER_MS = 2 * 24 * 60 * 60_000;
const isOldCopy = ({ at }: Copied, now: string): boolean => Date.parse(now) - Date.parse(at) > OLD_AFTER_MS;

/** Logs an error if the newest copy is older than two days. */
export const reportOldCopies = async ({
  sideStore,
  clock,
  logger,
}: {
  readonly sideStore: SideStore;
  readonly clock: () => string;
  readonly logger: Logger;
}): Promise<void> => {
  const newest = await newestCopy(sideStore);
  if (newest !== undefined && isOldCopy(newest, clock())) logger({ level: 'error', event: 'copies are old', at: newest.at });
};

/** Finds that no copy was ever made, or that the newest is older than two days. */
export const copiesCheck =
  ({ sideStore, clock }: { readonly sideStore: SideStore; readonly clock: () => string }): HealthCheck =>
  async () => {
    const newest = await newestCopy(sideStore);
    if (newest === undefined)
      return [{ code: 'no-copies', detail: 'There is no copy of this gate in another region or account.' }];
    return isOldCopy(newest, clock()) ? [{ code: 'copies-old', detail: `The newest copy is of ${newest.at}.` }] : [];
  };
