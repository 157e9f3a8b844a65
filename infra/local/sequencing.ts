import { claimedCheckpoint, SignedCheckpoint } from '../../domain/log/checkpoint.ts';
import { ifValid, LogError } from '../../domain/log/encoding.ts';
import { LOG_STREAM } from '../../domain/log/events.ts';
import { formatVerifierKey, parseVerifierKey } from '../../domain/log/note.ts';
import { readLogbook } from '../../functions/gate/aggregates.ts';
import { isReceiptStream } from '../../functions/gate/intake.ts';
import { fileMemory, type JudgeMemory, type JudgeSnapshot, SequencerJudge } from '../../functions/log/sequencer/judge.ts';
import { forgetApplied, putCursor } from '../../functions/log/sequencer/logIndex.ts';
import {
  CHECKPOINT_PATH,
  type LogSigner,
  logSigner,
  type SequencerPorts,
  SOLE_WRITER,
} from '../../functions/log/sequencer/ports.ts';
import { LogConflict, openPublished, readPublished } from '../../functions/log/sequencer/publicFiles.ts';
import { compareWithStore, sequence } from '../../functions/log/sequencer/sequence.ts';
import { cosignPublished, seenBy, withWitnesses } from '../../functions/log/sequencer/witnesses.ts';
import { currentLogName, hasSigned, holdContradicted, nameOfLog, signedLast } from '../../functions/log/verify/history.ts';
import type { LogTree } from '../../functions/log/verify/readLog.ts';
import { type ClockReading, isYounger, readClocks } from '../../functions/platform/age.ts';
import { folderBlobs } from '../../functions/platform/blobs/folderBlobs.ts';
import { type Logger, loggingFailures } from '../../functions/platform/logging.ts';
import { CorruptStore, ifReadable } from '../../functions/platform/store/errors.ts';
import { macsUnder } from '../../functions/platform/store/mac.ts';
import { commitOf } from '../../functions/platform/store/record.ts';
import { JoinedRuns } from '../../functions/platform/turns.ts';
import { BadSettings, UnusableFolder } from './errors.ts';
import type { Installation } from './installation.ts';
import type { Secrets } from './secrets.ts';
import { logFolder, logOrigin, type Settings } from './settings.ts';

/** Commits within this time share a checkpoint. */
const GATHER_MS = 100;
/**
 * Every ten seconds the ends of 150 streams and the places of 1,000 rows are compared with the log; after a start the ends of all streams.
 */
const COMPARING = { everyMs: 10_000, streams: 150, streamsAtStart: Number.POSITIVE_INFINITY, rows: 1_000 };

const signerOf = ({ logKey, formerLogKey }: Secrets, origin: string): LogSigner => ({
  ...logSigner(logKey, origin),
  ...(formerLogKey !== undefined && { former: { ...logSigner(formerLogKey.key, origin), until: formerLogKey.until } }),
});

export const judgeMemory = ({ secrets, settings }: Pick<Installation, 'secrets' | 'settings'>): JudgeMemory =>
  fileMemory(folderBlobs(logFolder(settings)), macsUnder(secrets.commitKeys, 'judged'));

export const sequencerPorts = (installation: Installation, logger: Logger = () => undefined): SequencerPorts => {
  const { ports, everything, secrets, settings } = installation;
  const blobs = folderBlobs(logFolder(settings));
  return {
    ...ports,
    store: everything,
    ...SOLE_WRITER,
    judge: new SequencerJudge(judgeMemory(installation), COMPARING),
    logger,
    blobs,
    signer: signerOf(secrets, logOrigin(settings)),
  };
};

/** With a quorum too, what was put back is shown to no witness: see `RestoredMark.isOnly`. */
const witnessed = (ports: SequencerPorts, { restored, settings: { witnesses } }: Installation): SequencerPorts => {
  const { cosigned } = withWitnesses(ports, witnesses);
  const isShown = (signed: Uint8Array): boolean => witnesses.quorum === 0 || !restored.isOnly(claimedCheckpoint(signed).size);
  return { ...ports, cosigned: async (signed) => (isShown(signed) ? cosigned(signed) : undefined) };
};

/**
 * Publishes an imported log, whose files are written, with the same root at the same size, signed by this installation's key. `learned`:
 * what judging it taught the import, which is not judged again; `cursor`: of the feed behind it.
 */
export const sequenceImported = async (
  installation: Installation,
  learned: JudgeSnapshot | undefined,
  cursor: string,
): Promise<void> => {
  const ports = witnessed(sequencerPorts(installation), installation);
  const memory = judgeMemory(installation);
  let newest = learned;
  if (learned !== undefined) await putCursor(ports.sideStore, cursor);
  // Written once all of it is in the log: it grows with the register, and there is a checkpoint for each thousand commits.
  const judge = new SequencerJudge({
    load: async () => learned ?? memory.load(),
    save: async (state) => {
      newest = state;
      return 0;
    },
  });
  await sequence({ ...ports, judge });
  if (newest !== undefined) await memory.save(newest);
};

/**
 * Returns the ports under the log's own name, whatever the current settings are: the command line may run without the server's. What is
 * published through them waits for the quorum of witnesses, as the server's does.
 */
export const publishedPorts = async (installation: Installation): Promise<SequencerPorts> => {
  const ports = sequencerPorts(installation);
  const name = await currentLogName(ports);
  const named = name === undefined ? ports : { ...ports, signer: signerOf(installation.secrets, name) };
  return witnessed(named, installation);
};

/** Returns the installation with the name of its log, see `nameOfLog`. Throws {@link BadSettings} for a name that it cannot get. */
export const keepLogName = async (installation: Installation): Promise<Installation> => {
  const { settings, everything } = installation;
  const files = { store: everything, blobs: folderBlobs(logFolder(settings)) };
  const named = await nameOfLog(files, settings.logOrigin, logOrigin(settings));
  if (!named.ok) throw new BadSettings(`the settings cannot be used: ${named.detail}`);
  return { ...installation, settings: { ...settings, logOrigin: named.name } };
};

export interface Sequencing {
  /**
   * Appends all pending commits to the log. Resolves to whether every commit acknowledged before the call is in it, but those of
   * held streams. Never rejects: a failure is logged and retried at the next sweep.
   */
  readonly sweep: () => Promise<boolean>;
  /** Has the next sweep write what is missing of the index and of the files. */
  readonly remake: () => void;
  readonly stop: () => Promise<void>;
}

interface Sequenced {
  /** What has entered the log. */
  readonly logged: (ends: LogEnds) => void;
  readonly published: (size: string) => void;
  /** All that is in the log. */
  readonly compared: (ends: LogEnds) => void;
  /** A witness has seen what this log, which has this tree, has not. */
  readonly older: (tree: LogTree) => void;
}

/** The newest version of each stream that is in the log, but of receipts, on which no answer rests. */
export type LogEnds = ReadonlyMap<string, number>;

const endsOf = (commits: Parameters<SequencerPorts['published']>[0]): LogEnds =>
  new Map(commits.flatMap(({ stream, version }) => (isReceiptStream(stream) ? [] : [[stream, version]])));

/** Sequences; where more is published than the store has signed, holds what that concerns. */
const holdingContradicted = (ports: SequencerPorts) => {
  let isKnown = false;
  return async () => {
    try {
      const checkpoint = await sequence(ports);
      isKnown = false;
      return checkpoint;
    } catch (error) {
      // Once, since it reads the whole log.
      if (error instanceof LogConflict && !isKnown) await holdContradicted(ports);
      isKnown = error instanceof LogConflict;
      throw error;
    }
  };
};

type Witnesses = Settings['witnesses']['witnesses'];

/**
 * A witness that was away at the start may have seen more: from then on the folder is one that may lack what is newer. Returns those that
 * have not answered.
 */
const holdIfOlder = async (ports: SequencerPorts, witnesses: Witnesses, older: Sequenced['older']): Promise<Witnesses> => {
  const asked = await askWitnesses(ports, witnesses);
  if (asked?.other !== undefined) older({ size: asked.signed.size, root: asked.signed.root });
  return asked?.unheard ?? witnesses;
};

/** A witness is asked what it has seen until it has answered, after pauses that double: one that is slow at a start soon answers. */
const UNHEARD_MS = 500;
const UNHEARD_MS_MAX = 10_000;

/**
 * Asks the witnesses, one round at a time and apart from everything else, so that a witness that hangs delays nothing. First `look`, which
 * needs no file: a log that was put back has the cosignatures of its day, and its files may be kept from being written.
 */
const cosigner = (
  ports: SequencerPorts,
  policy: Settings['witnesses'],
  look: (witnesses: Witnesses) => Promise<Witnesses>,
  logger: Logger,
) => {
  const failed = loggingFailures(logger, 'witnesses could not be asked');
  let asking: Promise<void> | undefined;
  let [unheard, looked, pauseMs]: [Witnesses, ClockReading | undefined, number] = [policy.witnesses, undefined, UNHEARD_MS];
  const hear = async (): Promise<void> => {
    if (unheard.length === 0 || (looked !== undefined && isYounger(looked, pauseMs))) return;
    looked = readClocks();
    pauseMs = Math.min(2 * pauseMs, UNHEARD_MS_MAX);
    unheard = await look(unheard);
  };
  return {
    ask: (hasRoom: boolean): void => {
      asking ??= hear()
        .then(() => (hasRoom ? cosignPublished(ports, policy) : undefined))
        .catch(failed)
        .finally(() => {
          asking = undefined;
        });
    },
    done: async (): Promise<void> => asking,
  };
};

export const runSequencer = (
  installation: Installation,
  logger: Logger,
  { logged, published, compared, older }: Sequenced,
): Sequencing => {
  const { settings } = installation;
  const own = sequencerPorts(installation, logger);
  const entered: SequencerPorts['published'] = (commits) => logged(endsOf(commits));
  const look = (witnesses: Witnesses): Promise<Witnesses> => holdIfOlder(own, witnesses, older);
  const uncosigned = async (): Promise<void> => void (await look(settings.witnesses.witnesses));
  const ports = witnessed({ ...own, published: entered, uncosigned }, installation);
  const take = holdingContradicted(ports);
  const runs = new JoinedRuns<boolean>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const witnesses = cosigner(ports, settings.witnesses, look, logger);
  const failed = loggingFailures(logger, 'sequencer failed');
  let isCompared = false;
  let isRemade = true;
  const run = async (): Promise<boolean> => {
    if (installation.fault() !== undefined) return false;
    const hasRoom = !installation.disk.isBelow();
    let isLogged = false;
    let size: number | undefined;
    try {
      if (!isCompared) {
        const ends = await compareWithStore(ports);
        const before = await readPublished(ports.blobs, ports.signer);
        isCompared = true;
        if (before !== undefined) published(String(before.size));
        compared(ends);
      }
      if (hasRoom) {
        if (!isRemade) await forgetApplied(ports.sideStore);
        isRemade = true;
        size = (await take())?.size;
        isLogged = true;
      }
      if (size !== undefined) published(String(size));
    } catch (error) {
      failed(error);
    }
    if (!stopped && !installation.restored.isOnly(size)) witnesses.ask(hasRoom);
    return isLogged;
  };
  const sweep = (): Promise<boolean> => runs.run('', run);
  installation.onAppend((stream) => {
    if (stream === LOG_STREAM || stopped) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      void sweep();
    }, GATHER_MS);
  });
  return {
    sweep,
    remake: () => {
      isRemade = false;
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await sweep();
      await witnesses.done();
    },
  };
};

const ACTS_AT_ONCE = 200;

const OTHER_KEYS =
  'keys.json holds other keys than those the public log was signed with: put back the backup that belongs to this log';

const originIn = (note: Uint8Array): string => {
  try {
    return claimedCheckpoint(note).origin;
  } catch (error) {
    if (error instanceof LogError) throw new UnusableFolder(`log/checkpoint cannot be read: ${error.message}`);
    throw error;
  }
};

const isSignedBy = (note: Uint8Array, origin: string, vkey: string): boolean =>
  ifValid(() => SignedCheckpoint.open(note, { origin, keys: [parseVerifierKey(vkey)] })) !== undefined;

/** Reports whether the log hands over from a key that signed the note to the gate's key. Rows with an invalid MAC do not count. */
const isHandedOver = async ({ store, signer }: SequencerPorts, note: Uint8Array): Promise<boolean> => {
  const { handover } = await ifReadable(readLogbook(store, signer.key.name), () => ({ handover: null }));
  return handover?.key === formatVerifierKey(signer.key) && isSignedBy(note, signer.key.name, handover.by);
};

const checkKeys = async (ports: SequencerPorts): Promise<void> => {
  const note = (await ports.blobs.get(CHECKPOINT_PATH)) ?? (await signedLast(ports.store));
  if (note === undefined) return;
  originIn(note);
  if (openPublished(note, ports.signer) === undefined && !(await isHandedOver(ports, note))) throw new UnusableFolder(OTHER_KEYS);
};

/**
 * Throws UnusableFolder for a store with an act of an official and no log, which no witness knows: what asks for the act is mailed only once
 * it is in the log.
 */
const assertLogged = async ({ store }: SequencerPorts): Promise<void> => {
  if ((await store.head(LOG_STREAM)) !== undefined) return;
  for (let cursor: string | undefined; ; ) {
    const { items, next, done } = await store.feed(cursor, ACTS_AT_ONCE, () => undefined);
    if (items.some((commit) => commitOf(commit).actor.startsWith('holder:')))
      throw new UnusableFolder(
        'aldergate.db holds decisions of officials and no log: put back the newest backup',
        'log-conflict',
      );
    if (done) return;
    cursor = next;
  }
};

/** Returns the newest checkpoint that was signed. One that waits for a quorum is not published yet, and some witnesses have cosigned it. */
const newestSigned = async ({ store, blobs, signer }: SequencerPorts): Promise<SignedCheckpoint | undefined> => {
  const notes = [await ifReadable(signedLast(store), () => undefined), await blobs.get(CHECKPOINT_PATH)];
  const [newest] = notes.flatMap((note) => openPublished(note, signer) ?? []).toSorted((a, b) => b.size - a.size);
  return newest;
};

/**
 * Asks the witnesses about the newest checkpoint, `signed`. `isSeen`: one has cosigned just that; `other`: what one has seen that this log
 * does not have; `unheard`: those that did not answer.
 */
const askWitnesses = async (ports: SequencerPorts, witnesses: Witnesses) => {
  const signed = await newestSigned(ports);
  if (signed === undefined) return undefined;
  const answers = await Promise.all(witnesses.map((witness) => seenBy(ports, witness, signed)));
  const seen = answers.filter((answer) => answer !== undefined);
  // Read anew: beside a command a server may have signed more meanwhile.
  const size = (await newestSigned(ports))?.size ?? signed.size;
  const other = seen.find((each) => each.of === 'another' || each.size > size);
  const which = other && `${other.size} entries of this log, which has ${other.of === 'another' ? 'others' : size}`;
  const unheard = witnesses.filter((_, index) => answers[index] === undefined);
  return { signed, unheard, isSeen: seen.some(({ of }) => of === 'this'), other: which };
};

/** A witness that has cosigned just this log shows that a folder that was put back lacks nothing, as long as nothing was signed since. */
const checkWitnesses = async (ports: SequencerPorts, { settings, restored }: Installation): Promise<void> => {
  const asked = await askWitnesses(ports, settings.witnesses.witnesses);
  if (asked?.other !== undefined)
    throw new UnusableFolder(
      `a witness has seen ${asked.other}: the data folder is older than what was public. Put back the newest backup`,
      'log-conflict',
    );
  if (asked?.isSeen) restored.endWitnessed(asked.signed.size);
};

/**
 * Throws {@link UnusableFolder} for a folder whose log is not the one it was: signed by other keys, or older than the checkpoint that is
 * expected or than a witness has seen. Call it before anything is signed, answered or commanded.
 */
export const checkHistory = async (installation: Installation): Promise<void> => {
  const ports = await publishedPorts(installation);
  try {
    await checkKeys(ports);
    await assertLogged(ports);
    const { expectCheckpoint } = installation.settings;
    if (expectCheckpoint !== undefined && !(await hasSigned(ports.store, claimedCheckpoint(expectCheckpoint))))
      throw new UnusableFolder(
        `the log does not continue ALDERGATE_EXPECT_CHECKPOINT, a log of ${claimedCheckpoint(expectCheckpoint).size} entries: the data folder is older, or another one. Put back the newest backup`,
        'log-conflict',
      );
  } catch (error) {
    // Of SQLite's own errors none is for want of the key.
    if (error instanceof CorruptStore && error.cause === undefined)
      throw new UnusableFolder(`aldergate.db cannot be used with this keys.json: ${error.message}`);
    throw error;
  }
  await checkWitnesses(ports, installation);
};
