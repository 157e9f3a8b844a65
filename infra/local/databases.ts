import { existsSync, readdirSync, renameSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { HealthCheck } from '../../functions/platform/health.ts';
import { Alterations } from '../../functions/platform/ledger.ts';
import { CorruptStore, StoreUnavailable } from '../../functions/platform/store/errors.ts';
import { type MacKeys, macsUnder } from '../../functions/platform/store/mac.ts';
import type { AlteredRecord, RecordGuard, RecordMacs, SideKind, SideStore } from '../../functions/platform/store/sideStore.ts';
import { assertFormat, type DatabaseCheck, guarded, isBusy, openFile } from '../../functions/platform/store/sqlite/database.ts';
import {
  openSqliteSideStore,
  RECORDS_FORMAT,
  type SealedFile,
  type SqliteSideStore,
} from '../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { COMMITS_FORMAT, openSqliteStore, type SqliteStore } from '../../functions/platform/store/sqlite/sqliteStore.ts';
import { FOLLOWER_KINDS } from '../../functions/register/derived/followers.ts';
import { DERIVED_KINDS } from '../../functions/register/derived/records.ts';
import { FolderInUse } from './errors.ts';

export const COMMITS_FILE = 'aldergate.db';

/** Reports whether a file exists. Throws if that cannot be determined, for example without rights to the folder. */
export const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

/** Interval of checks of the databases as a whole, besides those at each write; one takes the answering thread 0.1 ms. */
const LOOK_EVERY_MS = 500;

interface Databases {
  readonly store: SqliteStore;
  readonly records: SideStores;
  readonly alterations: Alterations;
  /** Returns the fault of a database as a whole, at most half a second old; while there is one, everything is refused. */
  readonly fault: () => CorruptStore | undefined;
  readonly assertFiles: () => void;
  readonly lookForFault: () => CorruptStore | undefined;
  readonly close: () => Promise<void>;
}

/**
 * Throws CorruptStore (`unknown-format`) unless the databases that must not be lost have the formats that this code reads. Call it before
 * any other check of a folder, so that an unknown format is not mistaken for other keys or damage.
 */
export const assertFormats = (data: string): void => {
  assertFormat(join(data, COMMITS_FILE), COMMITS_FORMAT);
  assertFormat(join(data, SIDE_FILES.records), RECORDS_FORMAT);
};

export const openDatabases = (data: string, keys: MacKeys): Databases => {
  const alterations = new Alterations();
  const commits = openSqliteStore(join(data, COMMITS_FILE), macsUnder(keys, 'commits'));
  const records = openSideStores(data, { macs: macsUnder(keys, 'records'), altered: alterations.record }, commits.isEmpty);
  const checks = [commits.check, ...records.checks];
  const fault = (): CorruptStore | undefined => checks.find((each) => each.fault !== undefined)?.fault;
  const assertFiles = (): void => {
    for (const each of checks) each.assertFiles();
  };
  const lookForFault = (): CorruptStore | undefined => {
    for (const each of checks) each.look();
    return fault();
  };
  const looking = setInterval(lookForFault, LOOK_EVERY_MS).unref();
  return {
    store: commits,
    records,
    alterations,
    fault,
    assertFiles,
    lookForFault,
    close: async () => {
      clearInterval(looking);
      await commits.close();
      await records.close();
    },
  };
};

export const SIDE_FILES = { records: 'side.db', consumers: 'consumers.db' } as const;

/**
 * The kinds of records that consumers write, in batches: their cursors, the mails that were sent, the documents of the register,
 * what is derived from the log, and its index. Every other kind is written one at a time, mostly by requests and commands.
 */
export const OF_CONSUMERS: ReadonlySet<SideKind> = new Set<SideKind>([
  'change',
  'dead-letter',
  ...DERIVED_KINDS,
  ...FOLLOWER_KINDS.writes,
  'feed-cursor',
  'log-applied',
  'log-compared',
  'log-held',
  'log-place',
  'log-witness',
  'mark',
  'register',
  'register-edition',
  'sent',
  'trouble',
  'weekly-mailed',
]);

const openConsumers = (data: string, guard: RecordGuard, mayBeNew: boolean): SqliteSideStore => {
  try {
    // A lost mark causes a repetition; everything else is rebuilt.
    const options = { synchronous: 'NORMAL', mayBeNew: mayBeNew || setAside(data).length > 0 } as const;
    return openSqliteSideStore(join(data, SIDE_FILES.consumers), guard, options);
  } catch (error) {
    if (!(error instanceof CorruptStore)) throw error;
    throw new CorruptStore(`${error.message}. It is set aside and made again when the server is started`, { cause: error });
  }
};

export interface SideStores extends SideStore, RecordMacs {
  readonly checks: readonly DatabaseCheck[];
  readonly sealed: readonly SealedFile[];
}

const NOT_WHOLE = 'were lost or removed, or put back as they once were, and not by this gate';

/** Returns the message about a file with an invalid seal, for people. */
export const brokenSeal = ({ file }: SealedFile): string => `Records of ${file} ${NOT_WHOLE}.`;

/**
 * Opens the side store of a data folder. Consumers' records have a separate file, so that a request that writes a record (a text, a
 * passkey, a token) does not block its thread on the lock of a consumer's batch.
 */
export const openSideStores = (data: string, guard: RecordGuard, mayBeNew: boolean): SideStores => {
  const records = openSqliteSideStore(join(data, SIDE_FILES.records), guard, { mayBeNew });
  const consumers = openConsumers(data, guard, mayBeNew);
  const sealed = [records.sealed, consumers.sealed];
  const unsealed = async (): Promise<readonly AlteredRecord[]> => {
    const whole = await Promise.all(sealed.map((each) => each.verify()));
    return sealed.flatMap(({ file }, at) => (whole[at] ? [] : [{ kind: 'seal', id: file, problem: `records ${NOT_WHOLE}` }]));
  };
  const of = (kind: SideKind): SideStore => (OF_CONSUMERS.has(kind) ? consumers : records);
  return {
    checks: [records.check, consumers.check],
    sealed,
    get: (kind, id) => of(kind).get(kind, id),
    put: (kind, ...rest) => of(kind).put(kind, ...rest),
    putIfAbsent: (kind, ...rest) => of(kind).putIfAbsent(kind, ...rest),
    remove: (kind, ...rest) => of(kind).remove(kind, ...rest),
    list: (kind, ...rest) => of(kind).list(kind, ...rest),
    altered: async () => {
      const altered = [...(await records.altered()), ...(await consumers.altered())];
      return altered.length > 0 ? altered : unsealed();
    },
    renewMacs: async (tick) => (await records.renewMacs(tick)) + (await consumers.renewMacs(tick)),
    close: async () => {
      await records.close();
      await consumers.close();
    },
  };
};

const isLocked = (error: unknown): boolean => error instanceof StoreUnavailable && isBusy(error.cause);

interface Lock {
  readonly release: () => void;
}

/** `inUse`: the message if it is held. The operating system ends a transaction with its process, so a crash leaves no stale lock. */
const lockBy = (transaction: string, path: string, waitMs: number, inUse: string): Lock => {
  const database = guarded(path, () => openFile(path, { timeout: waitMs }));
  try {
    guarded(path, () => database.exec(transaction));
  } catch (error) {
    database.close();
    throw isLocked(error) ? new FolderInUse(inUse) : error;
  }
  return { release: () => database.close() };
};

/**
 * Locks a folder for one server while the process lives. Throws {@link FolderInUse} if another holds it, StoreUnavailable if the file is
 * unusable.
 */
export const lockFolder = (path: string): Lock =>
  lockBy('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE;', path, 0, `another server is running on this folder (${path} is held)`);

const COMMAND_WAIT_MS = 10_000;

/**
 * Locks a folder for one command while its process lives. Commands share the lock, except `alone`: then no other command can write with keys
 * that are being replaced, or change what was exported already. Waits some seconds for other commands; then throws {@link FolderInUse}.
 */
export const lockForCommand = (data: string, alone: boolean, waitMs = COMMAND_WAIT_MS): Lock => {
  const path = join(data, 'command.lock');
  // A transaction that has read holds a shared lock until it ends.
  const transaction = alone ? 'BEGIN EXCLUSIVE' : 'BEGIN; SELECT count(*) FROM sqlite_schema';
  const inUse = `another command works on this folder (${path} is held): run this again once it has ended`;
  return lockBy(transaction, path, waitMs, inUse);
};

/** Reports whether a file of a data folder is a lock, which a killed process may leave. */
export const isLockFile = (name: string): boolean => /^(?:server|command)\.lock/.test(name);

const ASIDE = `${SIDE_FILES.consumers}.aside-`;

const setAside = (data: string): readonly string[] =>
  readdirSync(data).filter((name) => name.startsWith(ASIDE) && !/-(?:wal|shm)$/.test(name));

/** Throws CorruptStore if a page of a database is damaged; `integrity_check` also reads the indexes. */
export const assertSound = (path: string, check: 'quick_check' | 'integrity_check'): void =>
  guarded(path, () => {
    const database = openFile(path);
    try {
      if (database.prepare(`PRAGMA ${check}(1)`).get()?.[check] !== 'ok') throw new CorruptStore(`${basename(path)} is damaged`);
    } finally {
      database.close();
    }
  });

/**
 * Renames the consumers' database of a data folder if it is damaged or has another format: all it holds can be rebuilt, so it must not
 * keep the gate from starting. Opening the folder creates a new one. Returns what was done, for the operator; undefined if nothing was.
 * Throws FolderInUse while a server runs.
 */
export const setAsideDamaged = (data: string): string | undefined => {
  const path = join(data, SIDE_FILES.consumers);
  if (!existsSync(path)) return undefined;
  const lock = lockFolder(join(data, 'server.lock'));
  try {
    assertFormat(path, RECORDS_FORMAT);
    assertSound(path, 'quick_check');
    return undefined;
  } catch (error) {
    if (!(error instanceof CorruptStore)) throw error;
    const name = `${ASIDE}${new Date().toISOString().replaceAll(/[:.]/g, '')}`;
    for (const end of ['', '-wal', '-shm'])
      if (existsSync(`${path}${end}`)) renameSync(`${path}${end}`, join(data, `${name}${end}`));
    return `${error.message}. It is kept as ${name} and made again; mails that it knew as sent may be sent again`;
  } finally {
    lock.release();
  }
};

/** Finds consumers' databases that were set aside and are still in the data folder. */
export const asideCheck =
  (data: string): HealthCheck =>
  async () =>
    setAside(data).map((name) => ({
      code: 'consumers-remade',
      detail: `consumers.db was damaged or of another format, and was made again. The old file is kept as ${name}.`,
    }));
