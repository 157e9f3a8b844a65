import { parseCheckpoint } from '../../domain/log/checkpoint.ts';
import { LOG_STREAM } from '../../domain/log/events.ts';
import { parseNote } from '../../domain/log/note.ts';
import { logAggregate } from '../../functions/gate/aggregates.ts';
import { fileMemory, type JudgeMemory, type Learned, SequencerJudge } from '../../functions/log/sequencer/judge.ts';
import { putCursor } from '../../functions/log/sequencer/logIndex.ts';
import { CHECKPOINT_PATH, type SequencerPorts, SOLE_WRITER } from '../../functions/log/sequencer/ports.ts';
import { publishedOrigin } from '../../functions/log/sequencer/publicFiles.ts';
import { compareWithStore, sequence } from '../../functions/log/sequencer/sequence.ts';
import { type LogSigner, logSigner } from '../../functions/log/sequencer/signer.ts';
import { cosignPublished, withWitnesses } from '../../functions/log/sequencer/witnesses.ts';
import { folderBlobs } from '../../functions/platform/blobs/folderBlobs.ts';
import { commitsAbove } from '../../functions/platform/feed/commitsAbove.ts';
import { JoinedRuns } from '../../functions/platform/joinedRuns.ts';
import { errorFields, type Logger } from '../../functions/platform/logging.ts';
import { ifReadable } from '../../functions/platform/store/errors.ts';
import { eventsOf } from '../../functions/platform/store/load.ts';
import { macsUnder } from '../../functions/platform/store/mac.ts';
import type { Store } from '../../functions/platform/store/port.ts';
import type { Installation } from './installation.ts';
import type { Secrets } from './secrets.ts';
import { BadSettings, CONFIG_FILE, logFolder, logOrigin } from './settings.ts';

/** Commits within this time share a checkpoint. Publication is promised within a second. */
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

export const sequencerPorts = (installation: Installation, logger: Logger): SequencerPorts => {
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

/**
 * Makes the public files of an imported log again, with the same root at the same size, signed by this installation's key. `learned`: what
 * judging it taught the import, which is not judged again; `cursor`: of the feed behind it.
 */
export const sequenceImported = async (
  installation: Installation,
  learned: Learned | undefined,
  cursor: string,
): Promise<void> => {
  const ports = sequencerPorts(installation, () => undefined);
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

/** Returns the newest checkpoint that the store signed; `undefined` if it signed none. */
export const signedLast = async (store: Store): Promise<Uint8Array | undefined> => {
  const head = await store.head(LOG_STREAM);
  const signed = head === undefined ? undefined : eventsOf(logAggregate, head).at(-1);
  return signed === undefined ? undefined : Buffer.from(signed.checkpoint);
};

const nameSignedLast = async (store: Store): Promise<string | undefined> => {
  const note = await signedLast(store);
  return note === undefined ? undefined : parseCheckpoint(parseNote(note).text).origin;
};

/** Returns the name of the log of a folder, as it is published or, where the file is lost, as it was signed; undefined for none yet. */
const nameOf = async ({ settings, everything }: Installation): Promise<string | undefined> => {
  const blobs = folderBlobs(logFolder(settings));
  if ((await blobs.get(CHECKPOINT_PATH)) !== undefined) return publishedOrigin(blobs);
  return ifReadable(nameSignedLast(everything), () => undefined);
};

/** Returns the ports under the log's own name, whatever the current settings are: the command line may run without the server's. */
export const publishedPorts = async (installation: Installation, logger: Logger): Promise<SequencerPorts> => {
  const ports = sequencerPorts(installation, logger);
  const name = await nameOf(installation);
  return name === undefined ? ports : { ...ports, signer: signerOf(installation.secrets, name) };
};

/** The streams of setting up: nothing in them is about a vendor's product. */
const SET_UP = /^(?:access\/|vendor\/|policy$|roster$|settings$)/;

const holdsSetUpOnly = async (store: Store): Promise<boolean> => {
  for await (const commit of commitsAbove(store, LOG_STREAM, 0))
    for (const { runs } of eventsOf(logAggregate, commit)) if (runs.some(({ stream }) => !SET_UP.test(stream))) return false;
  return true;
};

/**
 * Returns the installation with the name of its log. While the log holds nothing but set-up, the name is the one of the settings; after that
 * verifiers have pinned it, so another address renames no log, and another `ALDERGATE_LOG_ORIGIN` throws {@link BadSettings}.
 */
export const keepLogName = async (installation: Installation): Promise<Installation> => {
  const { settings, everything } = installation;
  const wanted = logOrigin(settings);
  const named = (name: string): Installation => ({ ...installation, settings: { ...settings, logOrigin: name } });
  const known = await nameOf(installation);
  if (known === undefined || known === wanted || (await ifReadable(holdsSetUpOnly(everything), () => false)))
    return named(wanted);
  if (settings.logOrigin === undefined) return named(known);
  throw new BadSettings(
    `ALDERGATE_LOG_ORIGIN is ${wanted}, and the public log is named ${known}: it holds notices, and its verifiers know it by that name. Set it (in ${CONFIG_FILE}: logOrigin) to ${known}, or leave it out`,
  );
};

export interface Sequencing {
  /** Appends all pending commits to the log. Never rejects: a failure is logged and retried at the next sweep. */
  readonly sweep: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Sequenced {
  readonly logged: (streams: ReadonlySet<string>) => void;
  readonly published: (size: string) => void;
  readonly compared: () => void;
}

export const runSequencer = (
  installation: Installation,
  logger: Logger,
  { logged, published, compared }: Sequenced,
): Sequencing => {
  const policy = installation.settings.witnesses;
  const entered: SequencerPorts['published'] = (commits) => logged(new Set(commits.map(({ stream }) => stream)));
  const ports = withWitnesses({ ...sequencerPorts(installation, logger), published: entered }, policy);
  const runs = new JoinedRuns<void>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let cosigning: Promise<void> | undefined;
  /** Asks the witnesses, one round at a time and apart from everything else, so that a witness that hangs delays nothing. */
  const cosign = (): void => {
    cosigning ??= cosignPublished(ports, policy)
      .catch((error: unknown) => logger({ level: 'error', event: 'witnesses could not be asked', ...errorFields(error) }))
      .finally(() => {
        cosigning = undefined;
      });
  };
  let isCompared = false;
  const run = async (): Promise<void> => {
    if (installation.fault() !== undefined) return;
    try {
      if (!isCompared) {
        await compareWithStore(ports);
        isCompared = true;
        compared();
      }
      if (installation.disk.isBelow()) return;
      const checkpoint = await sequence(ports);
      if (checkpoint !== undefined) published(String(checkpoint.size));
    } catch (error) {
      logger({ level: 'error', event: 'sequencer failed', ...errorFields(error) });
    }
    if (!stopped) cosign();
  };
  const sweep = (): Promise<void> => runs.run('', run);
  installation.onAppend((stream) => {
    if (stream === LOG_STREAM || stopped) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      void sweep();
    }, GATHER_MS);
  });
  return {
    sweep,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await sweep();
      await cosigning;
    },
  };
};
