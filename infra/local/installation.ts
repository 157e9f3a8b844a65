import { randomUUID } from 'node:crypto';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { noticeCounter, usageInMemory } from '../../functions/gate/noticeLimits.ts';
import type { GatePorts } from '../../functions/gate/ports.ts';
import { directReads } from '../../functions/gate/rules.ts';
import { contradictedLimits } from '../../functions/log/contradicted.ts';
import { heldLimits, isInLog } from '../../functions/log/held.ts';
import { folderBlobs } from '../../functions/platform/blobs/folderBlobs.ts';
import type { FeedPorts } from '../../functions/platform/feed/consumer.ts';
import { Ledger } from '../../functions/platform/ledger.ts';
import { messageOf } from '../../functions/platform/logging.ts';
import { type CorruptStore, StoreUnavailable } from '../../functions/platform/store/errors.ts';
import { oneByOne, type Store } from '../../functions/platform/store/port.ts';
import { StreamQueue } from '../../functions/platform/store/queue.ts';
import type { RecordMacs } from '../../functions/platform/store/sideStore.ts';
import { withNudges } from '../../functions/platform/store/withNudges.ts';
import { withReserve, withRoom } from '../../functions/platform/store/withReserve.ts';
import type { RegisterPorts } from '../../functions/register/rows.ts';
import { storedIndex } from '../../functions/register/storedIndex.ts';
import { assertFormats, openDatabases } from './databases.ts';
import { type DiskReserve, diskReserve } from './disk.ts';
import { restoredLimits } from './restored.ts';
import { openSecrets, type Secrets } from './secrets.ts';
import type { Settings } from './settings.ts';
import { logFolder } from './settings.ts';
import { OF_CONSUMERS } from './sideStores.ts';

/** An opened data folder. The command line opens it beside a running server too. */
export interface Installation {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly firstStart: boolean;
  /** Lists read through them may lag; whatever runs the projector puts its own `register` in. */
  readonly ports: GatePorts & RegisterPorts & Pick<FeedPorts, 'wallMs' | 'isReleased'>;
  /** The store with the commits that the sequencer holds, for what judges and compares. */
  readonly everything: Store;
  readonly disk: DiskReserve;
  readonly recordMacs: RecordMacs;
  readonly ledger: Ledger;
  readonly fault: () => CorruptStore | undefined;
  readonly lookForFault: () => CorruptStore | undefined;
  /** Calls the listener with the stream of each commit of this process: a nudge, without a guarantee. */
  readonly onAppend: (listener: (stream: string) => void) => void;
  /** The newest reading of a clock other than the machine's, in milliseconds, which other threads may read; else undefined. */
  readonly instant: Float64Array<SharedArrayBuffer> | undefined;
  readonly nudge: (stream: string) => void;
  readonly close: () => Promise<void>;
}

export const keysMade = ({ data }: Settings): string =>
  `made the keys of this installation in ${join(data, 'keys.json')}: back them up`;

const clockOf = (nowMs: () => number): (() => string) => {
  let [ms, instant] = [Number.NaN, ''];
  return () => {
    const now = nowMs();
    if (now !== ms) [ms, instant] = [now, new Date(now).toISOString()];
    return instant;
  };
};

export const machineClock = clockOf(Date.now);

const openFolder = (path: string): void => {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StoreUnavailable(`the data folder cannot be written: ${messageOf(error)}`, { cause: error });
  }
};

/**
 * Opens the data folder, and makes it and its keys on the first call. The demo and tests set `clock`, tests `disk`. `append`: writes
 * commits instead of this connection, which then only reads them.
 */
export const openInstallation = (
  settings: Settings,
  clock: () => string = machineClock,
  disk: DiskReserve = diskReserve(settings.data),
  append?: Store['append'],
): Installation => {
  openFolder(settings.data);
  // Databases need a little room to be opened at all.
  disk.makeRoom();
  const instant = clock === machineClock ? undefined : new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
  // Shared when it is read: no thread finds a commit that is ahead of its clock.
  const read = (): string => {
    const now = clock();
    if (instant !== undefined) instant[0] = Date.parse(now);
    return now;
  };
  assertFormats(settings.data);
  const { made, ...secrets } = openSecrets(join(settings.data, 'keys.json'));
  const listeners: ((stream: string) => void)[] = [];
  const databases = openDatabases(settings.data, secrets.commitKeys);
  const { store: commits, records, fault, assertFiles, lookForFault } = databases;
  const sideStore = withRoom(records, disk, (kind) => OF_CONSUMERS.has(kind));
  const blobs = folderBlobs(logFolder(settings));
  const ledger = new Ledger(
    {
      fault,
      assertFiles,
      contradicted: () => contradictedLimits({ store: commits, blobs }),
      held: async () => [...(await heldLimits(records)), ...(await restoredLimits(settings.data, commits, isInLog(records)))],
    },
    databases.alterations,
  );
  const nudge = (stream: string): void => {
    for (const listener of listeners) listener(stream);
  };
  // What is written takes no room from officials, and is announced. What is read is what the ledger lets through.
  const written = append === undefined ? commits : { ...commits, append, appendInOrder: oneByOne(append) };
  const all = withNudges(withReserve(written, disk), nudge);
  const [everything, store] = [ledger.judged(all), ledger.believed(all)];
  const ports: Installation['ports'] = {
    store,
    sideStore,
    register: storedIndex({ store, sideStore }),
    ...directReads(everything),
    countNotice: noticeCounter(settings.noticeLimits, usageInMemory(), read),
    clock: read,
    wallMs: Date.now,
    isReleased: isInLog(sideStore),
    newId: randomUUID,
    queue: new StreamQueue(),
    zone: settings.timeZone,
    city: settings.city,
    url: settings.url,
  };
  return {
    settings,
    secrets,
    firstStart: made,
    ports,
    everything,
    disk,
    recordMacs: records,
    ledger,
    fault,
    lookForFault,
    instant,
    onAppend: (listener) => void listeners.push(listener),
    nudge,
    close: databases.close,
  };
};
