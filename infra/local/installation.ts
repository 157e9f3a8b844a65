import { randomUUID } from 'node:crypto';
import { accessSync, closeSync, constants, existsSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { noticeCounter, usageInMemory } from '../../functions/gate/noticeLimits.ts';
import type { GatePorts } from '../../functions/gate/ports.ts';
import { directReads } from '../../functions/gate/rules.ts';
import { heldLimits, isInLog } from '../../functions/log/sequencer/logIndex.ts';
import { contradictedLimits } from '../../functions/log/verify/history.ts';
import { folderBlobs } from '../../functions/platform/blobs/folderBlobs.ts';
import type { FeedPorts } from '../../functions/platform/feed/consumer.ts';
import { Ledger } from '../../functions/platform/ledger.ts';
import { type Logger, messageOf } from '../../functions/platform/logging.ts';
import { outboxMailer, smtpMailer } from '../../functions/platform/mail/localMailers.ts';
import type { Mailer } from '../../functions/platform/mail/port.ts';
import { CorruptStore, StoreUnavailable } from '../../functions/platform/store/errors.ts';
import type { Store } from '../../functions/platform/store/port.ts';
import type { RecordMacs } from '../../functions/platform/store/sideStore.ts';
import type { SqliteStore } from '../../functions/platform/store/sqlite/sqliteStore.ts';
import { StreamQueue } from '../../functions/platform/store/submit.ts';
import { withNudges, withReserve, withRoom } from '../../functions/platform/store/wrappers.ts';
import { storedIndex } from '../../functions/register/memoryIndex.ts';
import type { RegisterPorts } from '../../functions/register/rows.ts';
import { assertFormats, COMMITS_FILE, isThere, OF_CONSUMERS, openDatabases, type SideStores } from './databases.ts';
import { CommandRefused } from './errors.ts';
import { makeFolder } from './folders.ts';
import { RestoredMark } from './restored.ts';
import { openSecrets, type Secrets } from './secrets.ts';
import { CONFIG_FILE, keysFile, logFolder, type Settings } from './settings.ts';

/** An opened data folder. */
export interface Installation {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly firstStart: boolean;
  /** Lists read through them may lag; the caller that runs the projector replaces `register`. */
  readonly ports: GatePorts & RegisterPorts & Pick<FeedPorts, 'wallMs' | 'isReleased'>;
  /** The store including commits that the sequencer holds back, for judging and comparing. */
  readonly everything: Store;
  readonly disk: DiskReserve;
  readonly recordMacs: RecordMacs;
  readonly sealed: SideStores['sealed'];
  readonly restored: RestoredMark;
  readonly ledger: Ledger;
  readonly fault: () => CorruptStore | undefined;
  readonly lookForFault: () => CorruptStore | undefined;
  /** Refuses streams that are shorter than what another thread found in the log. */
  readonly expect: SqliteStore['expect'];
  /** Calls the listener with the stream of each commit of this process: a nudge, not guaranteed. */
  readonly onAppend: (listener: (stream: string) => void) => void;
  /** The last reading of a clock other than the machine's, in milliseconds, for other threads; undefined for the machine's. */
  readonly instant: Float64Array<SharedArrayBuffer> | undefined;
  readonly nudge: (stream: string) => void;
  readonly close: () => Promise<void>;
}

export const keysMade = (settings: Settings): string =>
  `the keys of this installation are in ${keysFile(settings)}: back them up`;

const clockOf = (nowMs: () => number): (() => string) => {
  let [ms, instant] = [Number.NaN, ''];
  return () => {
    const now = nowMs();
    if (now !== ms) [ms, instant] = [now, new Date(now).toISOString()];
    return instant;
  };
};

export const machineClock = clockOf(Date.now);

/**
 * Creates a data folder if it is missing, and makes room in it: on a full disk neither lock nor database can be opened, so officials
 * could not use the reserve. Throws StoreUnavailable if the folder cannot be written.
 */
export const openFolder = (path: string): void => {
  try {
    makeFolder(path);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    diskReserve(path).makeRoom();
  } catch (error) {
    throw new StoreUnavailable(`the data folder cannot be written: ${messageOf(error)}`, { cause: error });
  }
};

/** Reports whether a file exists that is created with `aldergate.db` or from its commits. */
const hasTraces = (settings: Settings): boolean =>
  [keysFile(settings), join(logFolder(settings), 'checkpoint')].some((path) => existsSync(path));

/** Throws CommandRefused if a folder contains no part of an installation. */
export const assertInstalled = (settings: Settings): void => {
  if (isThere(join(settings.data, COMMITS_FILE)) || hasTraces(settings)) return;
  throw new CommandRefused(
    `there is no installation in ${settings.data}: run this in the folder of ${CONFIG_FILE}, or with the ALDERGATE_DATA of the gate`,
  );
};

/** Throws CorruptStore if there is a published log without its commits. */
const assertCommits = (settings: Settings): void => {
  const commits = join(settings.data, COMMITS_FILE);
  if (isThere(commits) || !existsSync(join(logFolder(settings), 'checkpoint'))) return;
  throw new CorruptStore(`${commits} is missing, and the public log beside it was made from it`);
};

/**
 * Opens the data folder; the first call creates it and its keys. The demo and tests set `clock`, tests `disk`. `append`: writes
 * commits in place of this connection, which then only reads them.
 */
export const openInstallation = (
  settings: Settings,
  clock: () => string = machineClock,
  disk: DiskReserve = diskReserve(settings.data),
  append?: Store['append'],
): Installation => {
  openFolder(settings.data);
  const instant = clock === machineClock ? undefined : new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
  // Each reading is shared, so that no thread finds a commit ahead of its clock.
  const read = (): string => {
    const now = clock();
    if (instant !== undefined) instant[0] = Date.parse(now);
    return now;
  };
  assertFormats(settings.data);
  assertCommits(settings);
  const { made, ...secrets } = openSecrets(keysFile(settings));
  const listeners: ((stream: string) => void)[] = [];
  const databases = openDatabases(settings.data, secrets.commitKeys);
  const { store: commits, records, fault, assertFiles, lookForFault } = databases;
  const sideStore = withRoom(records, disk, (kind) => OF_CONSUMERS.has(kind));
  const blobs = folderBlobs(logFolder(settings));
  const restored = new RestoredMark(settings.data);
  const ledger = new Ledger(
    {
      fault,
      assertFiles,
      contradicted: () => contradictedLimits({ store: commits, blobs }),
      held: async () => [...(await heldLimits(records)), ...(await restored.limits(commits, isInLog(records)))],
    },
    databases.alterations,
  );
  const nudge = (stream: string): void => {
    for (const listener of listeners) listener(stream);
  };
  // Writes respect the officials' reserve and send nudges. Reads pass through the ledger.
  const written = append === undefined ? commits : { ...commits, append };
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
    sealed: records.sealed,
    restored,
    ledger,
    fault,
    lookForFault,
    expect: commits.expect,
    instant,
    onAppend: (listener) => void listeners.push(listener),
    nudge,
    close: databases.close,
  };
};

export const outboxFolder = ({ data }: Settings): string => join(data, 'outbox');

export const mailerOf = ({ ports, settings }: Installation): Mailer =>
  settings.smtpUrl === undefined
    ? outboxMailer(outboxFolder(settings), settings.mailFrom, ports.clock)
    : smtpMailer(settings.smtpUrl, settings.mailFrom);

/** Returns the ports for sending mail. `mailer`: see {@link mailerOf}. */
export const mailingPorts = ({ ports, secrets, settings }: Installation, logger: Logger, mailer: Mailer) => ({
  ...ports,
  logger,
  mailer,
  linkKey: secrets.linkKey,
  itMail: settings.itMail,
});

const MB = 1_048_576;

/** Reserved for officials' decisions on the disk of the data folder: below it the gate is not ready and accepts nothing else. */
export const DISK_RESERVE_BYTES = 64 * MB;
/** The part of the reserve that a file occupies, so that no other program can fill it. */
export const HELD_BYTES = 16 * MB;
/** With less than this left, the next decision needs the held part. */
const ROOM_BYTES_MIN = 4 * MB;

/**
 * Returns the bytes that an unprivileged process may still write to the disk of a folder. Throws StoreUnavailable if the folder is
 * gone.
 */
const freeBytes = (folder: string): number => {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch (error) {
    throw new StoreUnavailable('the data folder cannot be reached', { cause: error });
  }
};

export interface DiskReserve {
  readonly left: () => number;
  readonly isBelow: () => boolean;
  readonly hold: () => void;
  /** Removes that file if the disk is nearly full. Call it before a write that an official's decision needs. */
  readonly makeRoom: () => void;
}

/** Writes a file of random bytes, which a file system cannot compress. */
const occupy = (path: string): void => {
  const piece = crypto.getRandomValues(new Uint8Array(65_536));
  // Anything else there, such as a pipe, could block the gate.
  rmSync(path, { recursive: true, force: true });
  const file = openSync(path, 'wx', 0o600);
  try {
    for (let written = 0; written < HELD_BYTES; written += piece.length) writeSync(file, piece);
  } finally {
    closeSync(file);
  }
};

/** Returns the reserve of a folder. `free`: the bytes left on its disk. */
export const diskReserve = (folder: string, free: (folder: string) => number = freeBytes): DiskReserve => {
  const path = join(folder, 'reserve');
  const held = (): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const left = (): number => free(folder) + held();
  return {
    left,
    isBelow: () => free(folder) < DISK_RESERVE_BYTES && left() < DISK_RESERVE_BYTES,
    hold: () => {
      if (held() === HELD_BYTES || free(folder) < 2 * HELD_BYTES) return;
      try {
        occupy(path);
      } catch {
        // Another program took the space: without the file the reserve is only what is free.
        rmSync(path, { recursive: true, force: true });
      }
    },
    makeRoom: () => {
      if (free(folder) < ROOM_BYTES_MIN) rmSync(path, { force: true });
    },
  };
};
