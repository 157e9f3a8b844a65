import { hashOf } from '../../domain/kernel/commit.ts';
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
import { commitOf, type LoggedEnd } from '../../functions/platform/store/record.ts';
import { JoinedRuns } from '../../functions/platform/turns.ts';
import { BadSettings, UnusableFolder } from './errors.ts';
import type { Installation } from './installation.ts';
import type { Secrets } from './secrets.ts';
import { logFolder, logOrigin, type Settings } from './settings.ts';

/** Commits within this time share a checkpoint. */
const GATHER_MS = 100;
/**
 * Every ten seconds the heads of 150 streams and the positions of 1,000 rows are compared with the log; after a start all heads.
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

/** Shows a restored log to no witness, even with a quorum: see `RestoredMark.isOnly`. */
const witnessed = (ports: SequencerPorts, { restored, settings: { witnesses } }: Installation): SequencerPorts => {
  const { cosigned } = withWitnesses(ports, witnesses);
  const isShown = (signed: Uint8Array): boolean => witnesses.quorum === 0 || !restored.isOnly(claimedCheckpoint(signed).size);
  return { ...ports, cosigned: async (signed) => (isShown(signed) ? cosigned(signed) : undefined) };
};

/**
 * Publishes an imported log, whose files are written, with the same root at the same size, signed by this installation's key. `learned`:
 * the judge's state after the import, which is not judged again; `cursor`: the position of the feed after it.
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
  // Saved once at the end: it grows with the register, and each thousand commits have a checkpoint.
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
 * Returns the ports under the log's own name, whatever the settings: the command line may run without the server's. Publishing
 * through them waits for the quorum of witnesses, as on the server.
 */
export const publishedPorts = async (installation: Installation): Promise<SequencerPorts> => {
  const ports = sequencerPorts(installation);
  const name = await currentLogName(ports);
  const named = name === undefined ? ports : { ...ports, signer: signerOf(installation.secrets, name) };
  return witnessed(named, installation);
};

/** Returns the installation with the name of its log, see `nameOfLog`. Throws {@link BadSettings} if it cannot have that name. */
export const keepLogName = async (installation: Installation): Promise<Installation> => {
  const { settings, everything } = installation;
  const files = { store: everything, blobs: folderBlobs(logFolder(settings)) };
  const named = await nameOfLog(files, settings.logOrigin, logOrigin(settings));
  if (!named.ok) throw new BadSettings(`the settings cannot be used: ${named.detail}`);
  return { ...installation, settings: { ...settings, logOrigin: named.name } };
};

export interface Sequencing {
  /**
   * Appends all pending commits to the log. Resolves to whether every commit acknowledged before the call is in it, except those of
   * held streams. Never rejects: a failure is logged and retried at the next sweep.
   */
  readonly sweep: () => Promise<boolean>;
  /** Makes the next sweep write missing parts of index and files. */
  readonly remake: () => void;
  readonly stop: () => Promise<void>;
}

interface Sequenced {
  /** Called with additions to the log. */
  readonly logged: (ends: LogEnds) => void;
  readonly published: (size: string) => void;
  /** Called with the whole log. */
  readonly compared: (ends: LogEnds) => void;
  /** Called if a witness has seen entries that this log, with this tree, lacks. */
  readonly older: (tree: LogTree) => void;
}

/** The newest commit in the log of each stream, except receipts, on which no answer rests. */
export type LogEnds = ReadonlyMap<string, LoggedEnd>;

const endsOf = (commits: Parameters<SequencerPorts['published']>[0]): LogEnds =>
  new Map(
    commits.flatMap(({ stream, version, bytes }) =>
      isReceiptStream(stream) ? [] : [[stream, { version, hash: hashOf(bytes) }]],
    ),
  );

/** Returns a sequencing run. If more is published than the store has signed, it holds the streams concerned. */
const holdingContradicted = (ports: SequencerPorts) => {
  let isKnown = false;
  return async () => {
    try {
      const checkpoint = await sequence(ports);
      isKnown = false;
      return checkpoint;
    } catch (error) {
      // Only once: it reads the whole log.
      if (error instanceof LogConflict && !isKnown) await holdContradicted(ports);
      isKnown = error instanceof LogConflict;
      throw error;
    }
  };
};

type Witnesses = Settings['witnesses']['witnesses'];

/**
 * Calls `older` if a witness, perhaps unreachable at the start, has seen more: the folder may then lack newer commits. Returns the
 * witnesses that have not answered.
 */
const holdIfOlder = async (ports: SequencerPorts, witnesses: Witnesses, older: Sequenced['older']): Promise<Witnesses> => {
  const asked = await askWitnesses(ports, witnesses);
  if (asked?.other !== undefined) older({ size: asked.signed.size, root: asked.signed.root });
  return asked?.unheard ?? witnesses;
};

/** Pauses between questions to a silent witness. They double, since one that is slow at a start soon answers. */
const UNHEARD_MS = 500;
const UNHEARD_MS_MAX = 10_000;

/**
 * Asks the witnesses, one round at a time and apart from everything else, so that a witness that hangs delays nothing. `look` comes first
 * and needs no file: a restored log has its old cosignatures, and its files may not be writable.
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

/** Reports whether the log hands over from a key that signed the note to the gate's key. Ignores rows with an invalid MAC. */
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
 * Throws UnusableFolder if a store holds an act of an official but no log, which no witness can detect. The log was lost: the request for
 * an act is mailed only once it is in the log.
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

/** Returns the newest signed checkpoint, even if it still waits for a quorum: some witnesses may have cosigned it. */
const newestSigned = async ({ store, blobs, signer }: SequencerPorts): Promise<SignedCheckpoint | undefined> => {
  const notes = [await ifReadable(signedLast(store), () => undefined), await blobs.get(CHECKPOINT_PATH)];
  const [newest] = notes.flatMap((note) => openPublished(note, signer) ?? []).toSorted((a, b) => b.size - a.size);
  return newest;
};

/**
 * Asks the witnesses about the newest checkpoint, `signed`. `isSeen`: one has cosigned exactly that; `other`: what one has seen that this
 * log lacks; `unheard`: those that did not answer.
 */
const askWitnesses = async (ports: SequencerPorts, witnesses: Witnesses) => {
  const signed = await newestSigned(ports);
  if (signed === undefined) return undefined;
  const answers = await Promise.all(witnesses.map((witness) => seenBy(ports, witness, signed)));
  const seen = answers.filter((answer) => answer !== undefined);
  // Read again: during a command, a server may have signed more.
  const size = (await newestSigned(ports))?.size ?? signed.size;
  const other = seen.find((each) => each.of === 'another' || each.size > size);
  const which = other && `${other.size} entries of this log, which has ${other.of === 'another' ? 'others' : size}`;
  const unheard = witnesses.filter((_, index) => answers[index] === undefined);
  return { signed, unheard, isSeen: seen.some(({ of }) => of === 'this'), other: which };
};

/**
 * Throws UnusableFolder if a witness has seen more. One that cosigned exactly this log proves that a restored folder lacks nothing, if
 * nothing was signed since.
 */
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
 * Throws {@link UnusableFolder} if the log was signed by other keys, or is older than the expected checkpoint or than what a
 * witness has seen. Call it before anything is signed, answered or commanded.
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
    // An error of SQLite itself (its cause) is not due to the keys.
    if (error instanceof CorruptStore && error.cause === undefined)
      throw new UnusableFolder(`aldergate.db cannot be used with this keys.json: ${error.message}`);
    throw error;
  }
  await checkWitnesses(ports, installation);
};
