import { createReadStream, existsSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { claimedCheckpoint } from '../../../domain/log/checkpoint.ts';
import { LogError } from '../../../domain/log/encoding.ts';
import { applyRevocations } from '../../../functions/gate/feature.ts';
import {
  archiveProblem,
  awaitLogged,
  draftOf,
  type FileDraft,
  importLog,
  isDevice,
  linesIn,
  linesOf,
  loggedCommits,
  type Trust,
  trustIn,
  unloggedVersions,
  writeArchive,
} from '../../../functions/log/archive.ts';
import { AgeError, type CopiedKeys, draftEncrypted, ENCRYPTED_SUFFIX } from '../../../functions/log/privatePart.ts';
import { forgetApplied, heldStreams } from '../../../functions/log/sequencer/logIndex.ts';
import { logSigner } from '../../../functions/log/sequencer/ports.ts';
import { LogFiles, sequence } from '../../../functions/log/sequencer/sequence.ts';
import { skipTo, type WalkedFeed, walkFeed } from '../../../functions/platform/feed/consumers.ts';
import type { StoredCommit } from '../../../functions/platform/store/port.ts';
import { allDone } from '../../../functions/platform/turns.ts';
import { NOTIFY } from '../../../functions/reactions/notify/notify.ts';
import {
  type DerivedPorts,
  derivedProgress,
  refoldDerived,
  requestRefold,
  startFold,
} from '../../../functions/register/derived/follow.ts';
import { rebuild, refold } from '../../../functions/register/rebuild.ts';
import { backUp, importPrivate, type PrivateSource, privateText, readPrivateKeys, restore } from '../../local/backup.ts';
import { brokenSeal } from '../../local/databases.ts';
import { CommandRefused, FolderInUse, withRefusals } from '../../local/errors.ts';
import type { Installation } from '../../local/installation.ts';
import { beginImport, endImport } from '../../local/restored.ts';
import { movedKeys, movedLogKeys, openSecrets, removeKeys } from '../../local/secrets.ts';
import { publishedPorts, sequenceImported, sequencerPorts } from '../../local/sequencing.ts';
import { assertOutside, keysFile, readSettings } from '../../local/settings.ts';
import {
  argument,
  assertReadable,
  type Command,
  type Options,
  optionalOption,
  type Progress,
  readBytes,
  verifierKeyOf,
  WrongUsage,
  withNoun,
} from '../usage.ts';
import { underLock, withoutServer } from './logLife.ts';

const PLAIN_SUFFIX = '.private.ndjson';
const DIFFERENCES_MAX = 100;

const LOGGED = { tries: 60, pauseMs: 500 };

const mustBeLogged = (outside: ReadonlyMap<string, number>): void => {
  if (outside.size === 0) return;
  const named = [...outside].slice(0, 5).map(([stream, version]) => `${stream}@${version}`);
  throw new CommandRefused(
    `not exported: the log lacks commits of ${outside.size} streams (${named.join(', ')}); \`aldergate doctor\` says why. Put that right, or leave them out: --logged`,
  );
};

const waitFor = async ({ ports }: Installation, outside: ReadonlyMap<string, number>): Promise<void> => {
  if ((await heldStreams(ports.sideStore)).some(({ stream }) => outside.has(stream))) mustBeLogged(outside);
  await setTimeout(LOGGED.pauseMs);
};

const takeIn = async (installation: Installation): Promise<void> => {
  try {
    await underLock(installation, async () => sequence(await publishedPorts(installation)));
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
  }
};

/** Throws CommandRefused unless an import would accept this archive with these keys: both are about to be the only copies. */
const assertImportable = async (archive: string, keys: CopiedKeys): Promise<void> => {
  const problem = await archiveProblem(linesIn(createReadStream(archive)), trustOf(keys, {}));
  if (problem !== undefined)
    throw new CommandRefused(`not moved: no import would take this archive, so everything stays as it is: ${problem}`);
};

/**
 * `recipient`: whom the private part is encrypted to; if absent, it is plain, for its owner alone. `privateFile`: absent if the
 * archive's target is not a file.
 */
interface ExportTarget {
  readonly file: string;
  readonly privateFile: string | undefined;
  readonly recipient: string | undefined;
  readonly isMove: boolean;
}

/**
 * Writes both files of an export. They get their names once both are complete and, with `isMove`, importable. A target that is not a
 * file gets only the archive.
 */
const writeExport = async (installation: Installation, target: ExportTarget, lines: AsyncIterable<string>): Promise<void> => {
  const { file, privateFile, recipient, isMove } = target;
  const check = async (archive: FileDraft, besides: FileDraft): Promise<void> => {
    const keys =
      recipient === undefined
        ? await readPrivateKeys({ file: besides.path, identity: undefined })
        : movedKeys(keysFile(installation.settings));
    if (isMove) await assertImportable(archive.path, keys);
    // An earlier export's private part in the other form would be mistaken for this one's.
    await rm(`${file}${recipient === undefined ? ENCRYPTED_SUFFIX : PLAIN_SUFFIX}`, { force: true });
  };
  const draft = (path: string): Promise<FileDraft> =>
    recipient === undefined
      ? draftOf(path, privateText(installation))
      : draftEncrypted(file, recipient, privateText(installation));
  const besides = privateFile === undefined ? undefined : () => draft(privateFile);
  await writeArchive(file, lines, besides, check).catch((error: unknown) => {
    throw error instanceof AgeError ? new WrongUsage(`--to: ${error.message}`) : error;
  });
};

/** Throws CommandRefused for a restored folder that may lack newer commits: once imported elsewhere, it would not be held back. */
const assertNotHeldBack = async ({ restored, everything, ports }: Installation): Promise<void> => {
  const [held] = await restored.limits(everything, ports.isReleased);
  if (held !== undefined) throw new CommandRefused(`${held.detail} Until then nothing is exported`);
};

const exportCommand: Command = {
  usage: 'export FILE [--to RECIPIENT] [--move] [--logged]',
  does: `writes the commits of the log, with their attachments, as NDJSON; and keys, links and addresses to FILE${PLAIN_SUFFIX}, or with --to, encrypted to an age recipient, to FILE${ENCRYPTED_SUFFIX}. --move removes the keys here; --logged leaves out what is not in the log`,
  takes: { to: 'string', move: 'boolean', logged: 'boolean' },
  run: async (args, options, { local, progress }) => {
    const file = argument(args, 0, 'FILE');
    const [isMove, isPartial] = [options['move'] === true, options['logged'] === true];
    const recipient = optionalOption(options, 'to');
    const privateFile = (await isDevice(file))
      ? undefined
      : `${file}${recipient === undefined ? PLAIN_SUFFIX : ENCRYPTED_SUFFIX}`;
    if ((isMove || recipient !== undefined) && privateFile === undefined)
      throw new WrongUsage('--move and --to write two files, and --move removes the keys here once both are whole');
    const installation = local({ alone: isMove });
    const { everything, settings } = installation;
    assertOutside(settings, file);
    await assertNotHeldBack(installation);
    const write = async (): Promise<readonly string[]> => {
      const outside = isPartial
        ? await unloggedVersions(everything)
        : await awaitLogged(everything, (left) => waitFor(installation, left), isMove ? 1 : LOGGED.tries);
      if (!isPartial) mustBeLogged(outside);
      const lines = linesOf(loggedCommits(everything), progress('export').tick);
      await writeExport(installation, { file, privateFile, recipient, isMove }, lines);
      return [...outside].map(([stream, version]) => `${stream}@${version}`);
    };
    const move = async () => {
      await sequence(await publishedPorts(installation));
      const left = await write();
      removeKeys(keysFile(settings));
      return left;
    };
    const leftOut = isMove ? await withoutServer(installation, move) : await takeIn(installation).then(write);
    const care = recipient === undefined ? 'keep it as safe as keys.json' : 'only the holder of its identity can read it';
    const besides = privateFile === undefined ? [] : [`keys, links and addresses to ${privateFile}: ${care}`];
    const missing = leftOut.map((place) => `left out, with all that follows it in its stream: ${place}`);
    const moved = isMove ? ['the keys of this folder are removed: it never starts again'] : [];
    return {
      json: { file, privateFile: privateFile ?? null, moved: isMove, leftOut },
      text: [`exported to ${file}`, ...besides, ...missing, ...moved].join('\n'),
    };
  },
};

const trustOf = (keys: CopiedKeys | undefined, options: Options): Trust => {
  const [expect, oldKey] = [optionalOption(options, 'expect'), optionalOption(options, 'old-key')];
  const logKeys = keys === undefined ? [] : movedLogKeys(keys);
  if (logKeys.length > 0) {
    if (oldKey !== undefined)
      throw new CommandRefused('--old-key is for an archive without its keys, and these have theirs beside them');
    return {
      keysOf: (origin) => logKeys.map((key) => logSigner(key, origin).key),
      expect: expect === undefined ? undefined : claimedCheckpoint(readBytes(expect)),
    };
  }
  if (expect === undefined || oldKey === undefined)
    throw new CommandRefused(
      'the key of the log is not beside this archive, so nothing shows that it is what that key had signed. If it is lost, or cannot leave where it is: --expect CHECKPOINT --old-key VKEY, else begin with an empty folder',
    );
  verifierKeyOf('old-key', oldKey);
  return trustIn(readBytes(expect), oldKey);
};

/** `besides`: the private part, and its keys. */
interface Source {
  readonly file: string;
  readonly besides: (PrivateSource & { readonly keys: CopiedKeys }) | undefined;
  readonly trust: Trust;
}

/** Finds the private part next to an archive. Throws CommandRefused for an identity without an encrypted part, and vice versa. */
const privateBeside = async (file: string, options: Options): Promise<Source['besides']> => {
  const identity = optionalOption(options, 'identity');
  const named = optionalOption(options, 'private');
  const found = [`${file}${ENCRYPTED_SUFFIX}`, `${file}${PLAIN_SUFFIX}`].find(existsSync);
  const source = { file: named ?? found ?? '', identity };
  if (named !== undefined) assertReadable(named);
  if (source.file !== '') return { ...source, keys: await readPrivateKeys(source) };
  if (identity !== undefined) throw new CommandRefused(`--identity: there is no ${file}${ENCRYPTED_SUFFIX}`);
  return undefined;
};

const derivedPorts = ({ ports, everything: store }: Installation): DerivedPorts => ({ ...ports, store, logger: () => undefined });

/** Rebuilds what is derived from the log. A running server, which alone may write it, is asked to. */
const rebuildDerived = async (installation: Installation, tick: Progress['tick']) => {
  try {
    const refolded = () => refoldDerived(derivedPorts(installation), undefined, tick);
    const { differing } = await underLock(installation, refolded);
    return { byServer: false, differences: differing.slice(0, DIFFERENCES_MAX) };
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    await requestRefold(installation.ports.sideStore);
    return { byServer: true, differences: [] };
  }
};

const derivedText = ({ byServer, differences }: Awaited<ReturnType<typeof rebuildDerived>>): readonly string[] => {
  if (byServer) return ['the server makes anew what is derived from the log'];
  if (differences.length === 0) return ['what is derived from the log agrees with it'];
  return ['what is derived differed from the log and was made anew', ...differences];
};

/** Accepts records that cannot be rebuilt as they are. Returns a line for each file with a broken seal. */
const renewSeals = async ({ sealed, ports }: Installation): Promise<readonly string[]> => {
  const broken: string[] = [];
  for (const each of sealed) {
    const fits = await each.verify();
    if (fits && each.isWhole()) continue;
    if (!fits) await forgetApplied(ports.sideStore);
    broken.push(`${brokenSeal(each)} What of them is not derived from the log is lost`);
    await each.renew(true);
  }
  return broken;
};

const isEmpty = async ({ ports }: Installation): Promise<boolean> => (await ports.store.feed(undefined, 1)).items.length === 0;

const importFrom = async ({ file, besides, trust }: Source, installation: Installation, shown: Progress): Promise<number> => {
  const { data } = installation.settings;
  // Read twice: all of it is judged before anything is written.
  const bytes = 2 * statSync(file).size;
  let done = 0;
  const read = async function* (): AsyncGenerator<Uint8Array> {
    for await (const part of createReadStream(file) as AsyncIterable<Buffer>) {
      done += part.length;
      shown.tick(done, bytes);
      yield part;
    }
  };
  // Marked before the slow verification of the archive: if it were killed, the next command would begin a new installation with the
  // folder's keys, which could no longer import this archive.
  if (installation.firstStart) beginImport(data);
  const now = installation.ports.clock();
  const [files, fold] = [new LogFiles(sequencerPorts(installation)), await startFold(derivedPorts(installation))];
  // One waits for files of the log while the other computes.
  const follow = (commits: readonly StoredCommit[]) => allDone([files.take(...commits), fold.take(...commits)]);
  const beforeWriting = async () => beginImport(data);
  const imported = await importLog(installation.ports.store, () => linesIn(read()), trust, { now, beforeWriting, follow });
  if (!imported.ok) {
    if (installation.firstStart && (await isEmpty(installation))) endImport(data);
    throw new CommandRefused(imported.detail);
  }
  const { commits, newest, origin, learned } = imported;
  const walked: WalkedFeed = { newest, cursor: (await walkFeed(installation.ports.store)).cursor };
  // The imported commits' mails were sent elsewhere.
  await skipTo(installation.ports.sideStore, NOTIFY, walked);
  if (besides !== undefined) await importPrivate(installation, besides);
  await applyRevocations(installation.ports);
  const secrets = openSecrets(keysFile(installation.settings));
  // With its key a log keeps its name, whatever the settings.
  const logOrigin = besides?.keys.log === undefined ? installation.settings.logOrigin : origin;
  const settings = { ...installation.settings, logOrigin };
  await allDone<unknown>([
    refold(installation.ports, walked),
    files.end().then(() => sequenceImported({ ...installation, settings, secrets }, learned, walked.cursor)),
  ]);
  await refoldDerived(derivedPorts(installation), fold);
  await skipTo(installation.ports.sideStore, derivedProgress, walked);
  endImport(data);
  return commits;
};

const OLDER =
  'if acts were recorded after this export, it lacks them, also those that switched something off: start only if there were none, or import with --expect';

const importCommand: Command = {
  usage: 'import FILE [--private FILE] [--identity FILE] [--expect CHECKPOINT] [--old-key VKEY]',
  does: `writes an export into an empty data folder, while no server runs: the same commits, byte for byte, and what is in FILE${PLAIN_SUFFIX}, or, with the identity of its recipient, in FILE${ENCRYPTED_SUFFIX}. FILE must continue the checkpoint of --expect; without the log’s key that is one by --old-key, and a new log begins`,
  takes: { private: 'string', identity: 'string', expect: 'string', 'old-key': 'string' },
  run: async (args, options, { local, progress }) => {
    const file = argument(args, 0, 'FILE');
    assertReadable(file);
    const besides = await privateBeside(file, options);
    const trust = await withRefusals([LogError], () => trustOf(besides?.keys, options), '--expect and --old-key: ');
    const installation = local({ unfinished: true, alone: true });
    // A server that started meanwhile would answer from part of the archive, where features that were switched off later are on.
    const commits = await withoutServer(installation, () =>
      importFrom({ file, besides, trust }, installation, progress('import')),
    );
    const begun = besides?.keys.log === undefined && commits > 0;
    const newLog = begun ? ['a new log begins with them, signed by a new key'] : [];
    const unsure = trust.expect === undefined ? [OLDER] : [];
    return {
      json: { commits, newLog: begun },
      text: [`imported ${withNoun(commits, 'commit')}`, ...newLog, ...unsure].join('\n'),
    };
  },
};

export const archiveCommands: readonly Command[] = [
  exportCommand,
  importCommand,
  {
    usage: 'rebuild',
    does: 'makes the register and what is derived from the log anew; exit code 1 if it differed, or if a row of the store is not what was written',
    run: async (_args, _options, { local, progress }) => {
      const installation = local();
      const { tick } = progress('rebuild');
      const result = await rebuild(installation.ports, tick);
      const derived = await rebuildDerived(installation, tick);
      const broken = await renewSeals(installation);
      const register = result.differed
        ? ['the register differed from the commits and was made anew', ...result.differences]
        : ['the register agrees with the commits'];
      const failed =
        broken.length > 0 ||
        result.differed ||
        derived.differences.length > 0 ||
        result.rows.length > 0 ||
        result.unreadable.length > 0;
      return {
        json: { ...result, derived },
        text: [...broken, ...register, ...derivedText(derived), ...result.rows].join('\n'),
        failed,
      };
    },
  },
];

const backupCommand: Command = {
  usage: 'backup FOLDER',
  does: 'copies the data folder, while the server runs, and checks the copy; FOLDER is new, and has its name only once it is whole',
  run: async (args, _options, { progress }) => {
    const folder = argument(args, 0, 'FOLDER');
    const size = await backUp(readSettings(process.env), folder, progress('backup').tick);
    return { json: { folder, size }, text: `backed up to ${folder}: a log of ${withNoun(size, 'entry', 'entries')}, checked` };
  },
};

const restoreCommand: Command = {
  usage: 'restore FOLDER [--expect CHECKPOINT]',
  does: 'puts a backup into an empty data folder; without a checkpoint that it continues, nothing is on until a witness or two officials say that nothing newer is missing',
  takes: { expect: 'string' },
  run: async (args, options, { progress }) => {
    const folder = argument(args, 0, 'FOLDER');
    const expect = optionalOption(options, 'expect');
    const settings = readSettings(process.env);
    const seen = expect === undefined ? undefined : readBytes(expect);
    const size = await restore(settings, folder, seen, progress('restore').tick);
    const then =
      expect === undefined
        ? 'Start the server: nothing is on until a witness that saw this log, or two officials by their links, say that nothing newer is missing'
        : 'It continues the expected checkpoint. Start the server';
    return {
      json: { data: settings.data, size, confirmed: expect !== undefined },
      text: `restored into ${settings.data}: a log of ${withNoun(size, 'entry', 'entries')}. keys.json has a new key: copy it to where you keep it. ${then}`,
    };
  },
};

export const backupCommands: readonly Command[] = [backupCommand, restoreCommand];
