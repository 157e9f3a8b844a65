import * as z from 'zod';
import { Instant, strictObject } from '../../domain/kernel/zodTypes.ts';
import { LOG_STREAM } from '../../domain/log/events.ts';
import { logAggregate } from '../gate/aggregates.ts';
import { type Unhandled, unhandledBefore } from '../platform/feed/consumers.ts';
import type { HealthCheck } from '../platform/health.ts';
import type { Logger } from '../platform/logging.ts';
import { load } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { heldStreams, readLogIndex } from './sequencer/logIndex.ts';
import { CHECKPOINT_PATH, type SequencerPorts } from './sequencer/ports.ts';
import { openPublished } from './sequencer/publicFiles.ts';
import { hasSigned } from './verify/history.ts';

/** Finds a published log that is not the store's, or that other keys signed. `mustBe`: a missing log is a problem as well. */
export const publishedCheck =
  ({ blobs, store, signer }: Pick<SequencerPorts, 'blobs' | 'store' | 'signer'>, mustBe = false): HealthCheck =>
  async () => {
    const bytes = await blobs.get(CHECKPOINT_PATH);
    if (bytes === undefined) {
      if (!mustBe || (await store.head(LOG_STREAM)) === undefined) return [];
      const detail = 'No checkpoint is published: it waits for witnesses, or log/ is gone and made again at the next start.';
      return [{ code: 'not-compared', detail }];
    }
    const published = openPublished(bytes, signer);
    if (published === undefined)
      return [{ code: 'other-keys', detail: 'The published checkpoint is not signed by the keys of this gate.' }];
    if (await hasSigned(store, published)) return [];
    const { state } = await load(store, logAggregate, LOG_STREAM);
    const detail = `A log of ${published.size} entries is published that is not the log of the store, which has ${state.size}.`;
    return [{ code: 'log-conflict', detail }];
  };

/** Returns the sequencer's progress as that of a consumer that handles a commit by giving it an index. */
export const sequencerProgress = (
  sideStore: SideStore,
): { readonly name: string; readonly wants: (stream: string) => boolean; readonly unhandled: Unhandled } => ({
  name: 'sequencer',
  wants: (stream) => stream !== LOG_STREAM,
  unhandled: async (commits) => {
    const indexes = await Promise.all(commits.map(({ stream, version }) => readLogIndex(sideStore, stream, version)));
    const missing = commits.filter((_, n) => indexes[n] === undefined);
    const held = new Map(missing.length === 0 ? [] : (await heldStreams(sideStore)).map((each) => [each.stream, each.version]));
    return missing.filter(({ stream, version }) => version < (held.get(stream) ?? Number.POSITIVE_INFINITY));
  },
});

/**
 * Reports whether every commit from before an instant is in the log, except those of held streams. Checks what the sequencer's next sweep
 * would read.
 */
export const isLoggedBefore = async (
  ports: { readonly store: Store; readonly sideStore: SideStore },
  instant: string,
): Promise<boolean> => (await unhandledBefore(ports, sequencerProgress(ports.sideStore), instant)).length === 0;

// Storage format, side kind `copy`: the newest complete copy of the gate.

const KIND = 'copy';
const NEWEST = 'newest';
export const COPY_KINDS = [KIND] as const;

/** `size`: of the log in the copy. */
const Copied = strictObject(() => ({ at: Instant, folder: z.string(), size: z.int().min(1) }));
export type Copied = z.infer<typeof Copied>;

export const newestCopy = async (sideStore: SideStore): Promise<Copied | undefined> =>
  Copied.safeParse(await sideStore.get(KIND, NEWEST)).data;

export const recordCopy = (sideStore: SideStore, copied: Copied): Promise<void> => sideStore.put(KIND, NEWEST, copied);

const OLD_AFTER_MS = 2 * 24 * 60 * 60_000;

interface CopyPorts {
  readonly sideStore: SideStore;
  readonly clock: () => string;
}

export const copiesCheck =
  ({ sideStore, clock }: CopyPorts): HealthCheck =>
  async () => {
    const newest = await newestCopy(sideStore);
    if (newest === undefined)
      return [{ code: 'no-copies', detail: 'There is no copy of this gate in another region or account.' }];
    const isOld = Date.parse(clock()) - Date.parse(newest.at) > OLD_AFTER_MS;
    return isOld ? [{ code: 'copies-old', detail: `The newest copy is of ${newest.at}.` }] : [];
  };

export const reportOldCopies = async ({ logger, ...ports }: CopyPorts & { readonly logger: Logger }): Promise<void> => {
  for (const { code, detail } of await copiesCheck(ports)())
    if (code === 'copies-old') logger({ level: 'error', event: 'copies are old', detail });
};
