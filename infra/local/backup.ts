import { cpSync, existsSync, lstatSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { claimedCheckpoint } from '../../domain/log/checkpoint.ts';
import { LogError } from '../../domain/log/encoding.ts';
import { askForEveryone } from '../../functions/gate/links.ts';
import {
  AgeError,
  BadPrivatePart,
  type CopiedKeys,
  privateLinesIn,
  privatePart,
  readPrivatePart,
  writePrivatePart,
} from '../../functions/log/privatePart.ts';
import { readPublished } from '../../functions/log/sequencer/publicFiles.ts';
import { compareWithLog, type EntryJudge } from '../../functions/log/verify/fsck.ts';
import { hasSigned } from '../../functions/log/verify/history.ts';
import { LogFault, type LogTree } from '../../functions/log/verify/readLog.ts';
import { readPlainFile } from '../../functions/platform/files.ts';
import { CorruptStore } from '../../functions/platform/store/errors.ts';
import { guarded, openFile } from '../../functions/platform/store/sqlite/database.ts';
import { assertSound, COMMITS_FILE, isLockFile, isThere, lockFolder, lockForCommand, SIDE_FILES } from './databases.ts';
import { CommandRefused, withRefusals } from './errors.ts';
import { makeFolder, syncPath } from './folders.ts';
import { assertInstalled, type Installation, openFolder, openInstallation } from './installation.ts';
import { rotateCommitKey } from './logLife.ts';
import { assertImported, beginImport, endImport, isImporting, RestoredMark } from './restored.ts';
import { movedKeys, storeMovedKeys } from './secrets.ts';
import { publishedPorts } from './sequencing.ts';
import { assertOutside, keysFile, type Settings } from './settings.ts';

/**
 * The databases, in the order of copying: none may refer to a commit that the copied `aldergate.db` lacks, but `side.db` must have its
 * texts.
 */
const DATABASES = [SIDE_FILES.consumers, COMMITS_FILE, SIDE_FILES.records];
const LOG = 'log';

const syncAll = (folder: string): void => {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) syncAll(path);
    else syncPath(path);
  }
  syncPath(folder);
};

/** Copies a consistent snapshot of a database, whatever is written meanwhile. */
const copyDatabase = (from: string, to: string): void =>
  guarded(from, () => {
    const database = openFile(from, { readOnly: true, timeout: 3_000 });
    try {
      database.prepare('VACUUM INTO ?').run(to);
    } finally {
      database.close();
    }
  });

/** Excludes drafts: while a server runs, they may disappear. */
const isCopied = (path: string): boolean => {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && (found.isDirectory() || (found.isFile() && !path.endsWith('.new')));
};

/**
 * Copies a data folder into another, which is marked as incomplete. The public log comes first, since its files never change: a log that is
 * ahead of its commits is rejected.
 */
const copyFolder = (from: string, to: string): void => {
  makeFolder(to);
  beginImport(to);
  // Copies the files, not a link: its target may get lost with the original.
  if (existsSync(join(from, LOG))) cpSync(realpathSync(join(from, LOG)), join(to, LOG), { recursive: true, filter: isCopied });
  for (const name of DATABASES) if (existsSync(join(from, name))) copyDatabase(join(from, name), join(to, name));
  writeFileSync(keysFile({ data: to }), readPlainFile(keysFile({ data: from })), { mode: 0o600 });
  syncAll(to);
};

/** Called with the number of commits of a copy that were compared, and of all. */
type Tick = (done: number, of: number) => void;

/** Accepts every commit: an invalid one is as invalid in the original. */
const COPIED: EntryJudge = { next: () => ({ ok: true }), notices: { signed: 0, bySecret: 0, enteredByCity: 0 } };

/**
 * Opens a copy and compares every commit and every file of its log. Returns the log's tree. Throws CommandRefused if the copy is
 * incomplete.
 */
const checkCopy = async (settings: Settings, data: string, tick: Tick): Promise<LogTree> => {
  const installation = openInstallation({ ...settings, data });
  try {
    for (const name of DATABASES) assertSound(join(data, name), 'integrity_check');
    const fault = installation.lookForFault();
    if (fault !== undefined) throw fault;
    const ports = await publishedPorts(installation);
    await compareWithLog(ports, COPIED, tick);
    const [altered] = await installation.recordMacs.altered();
    if (altered !== undefined) throw new CorruptStore(`the record ${altered.kind}/${altered.id}: ${altered.problem}`);
    const published = await readPublished(ports.blobs, ports.signer);
    if (published === undefined) throw new CommandRefused('the copy has no checkpoint that its keys signed');
    return published;
  } catch (error) {
    if (error instanceof LogFault || error instanceof CorruptStore)
      throw new CommandRefused(`the copy is not whole: ${error.message}. \`aldergate fsck\` says more`);
    throw error;
  } finally {
    await installation.close();
    rmSync(join(data, 'reserve'), { force: true });
  }
};

/**
 * Copies the data folder, also while a server runs, into a new folder, which gets its name once it is complete and checked. Returns
 * the size of its log.
 */
export const backUp = async (settings: Settings, to: string, tick: Tick = () => undefined): Promise<number> => {
  const target = resolve(to);
  if (existsSync(target)) throw new CommandRefused(`${to} exists already: name a new folder`);
  assertInstalled(settings);
  assertOutside(settings, target);
  assertImported(settings.data);
  openFolder(settings.data);
  const part = `${target}.part`;
  // A backup that was killed left a marked folder, or, if killed at once, an empty one.
  if (isThere(part) && !isImporting(part) && !new RestoredMark(part).isThere && readdirSync(part).length > 0)
    throw new CommandRefused(`${to}.part is in the way: remove it`);
  rmSync(part, { recursive: true, force: true });
  // Keeps the keys from being rotated, so that the copied keys fit the copied rows.
  const lock = lockForCommand(settings.data, false);
  try {
    copyFolder(settings.data, part);
  } finally {
    lock.release();
  }
  const tree = await checkCopy(settings, part, tick);
  // If it is copied back by hand, or served where it lies, it may lack newer commits, as a restored folder may.
  new RestoredMark(part).make(tree);
  endImport(part);
  syncAll(part);
  renameSync(part, target);
  syncPath(dirname(target));
  return tree.size;
};

const continues = async (settings: Settings, expected: Uint8Array): Promise<boolean> => {
  const installation = openInstallation(settings);
  try {
    return await withRefusals([LogError], () => hasSigned(installation.everything, claimedCheckpoint(expected)), '--expect: ');
  } finally {
    await installation.close();
  }
};

/** Throws CommandRefused unless a folder is empty or has an unfinished import. A restore that was killed at once left its lock. */
const assertOpen = (data: string): void => {
  if (!isImporting(data) && readdirSync(data).some((name) => !isLockFile(name)))
    throw new CommandRefused(`${data} is not empty: move what is in it away first`);
};

/**
 * Restores a backup into an empty data folder, under a new key of the MACs. If interrupted, it leaves a folder that nothing opens, and may
 * be run again. Without a checkpoint that the copy continues, the folder is marked as possibly lacking newer commits.
 */
export const restore = async (
  settings: Settings,
  from: string,
  expected: Uint8Array | undefined,
  tick: Tick = () => undefined,
): Promise<number> => {
  const { data } = settings;
  const source = resolve(from);
  if (!isThere(source)) throw new CommandRefused(`there is no ${from}`);
  const needed = [...DATABASES, basename(keysFile(settings))];
  if (!needed.every((name) => isThere(join(source, name))) || isImporting(source))
    throw new CommandRefused(`${from} is not a whole backup, with ${needed.join(', ')}`);
  assertOutside(settings, source);
  openFolder(data);
  assertOpen(data);
  const lock = lockFolder(join(data, 'server.lock'));
  try {
    // Another restore may have ended meanwhile.
    assertOpen(data);
    for (const name of readdirSync(data).filter((each) => !isLockFile(each) && each !== 'importing'))
      rmSync(join(data, name), { recursive: true });
    copyFolder(source, data);
    const tree = await checkCopy(settings, data, tick);
    // The databases that were moved away hold acts that this log lacks, under the old key: none of their rows may be put here.
    await rotateCommitKey(settings);
    const mark = new RestoredMark(data);
    mark.end();
    if (expected === undefined) mark.make(tree);
    else if (!(await continues(settings, expected)))
      throw new CommandRefused(
        `the log of this backup does not continue the expected checkpoint of ${claimedCheckpoint(expected).size} entries: there is a newer one. ${data} stays unusable; put a newer backup there`,
      );
    syncAll(data);
    endImport(data);
    return tree.size;
  } finally {
    lock.release();
  }
};

export interface PrivateSource {
  readonly file: string;
  readonly identity: string | undefined;
}

export const privateText = (installation: Installation): AsyncIterable<string> =>
  privatePart(installation.ports.sideStore, movedKeys(keysFile(installation.settings)));

const BAD_PART = [BadPrivatePart, AgeError];

/** Returns the keys of a private part. Throws CommandRefused if it is invalid. */
export const readPrivateKeys = ({ file, identity }: PrivateSource): Promise<CopiedKeys> =>
  withRefusals(BAD_PART, async () => (await readPrivatePart(privateLinesIn(file, identity))).keys);

/**
 * Imports a private part after its commits. Its keys take effect at the next start. This installation keeps its own MAC keys, and
 * its own link key if the part has none: then everyone is mailed new links. May be repeated.
 */
export const importPrivate = (installation: Installation, { file, identity }: PrivateSource): Promise<void> =>
  withRefusals(BAD_PART, async () => {
    const { keys } = await writePrivatePart(installation.ports.sideStore, privateLinesIn(file, identity));
    if (keys.link === undefined) await askForEveryone(installation.ports);
    storeMovedKeys(keysFile(installation.settings), keys);
  });
