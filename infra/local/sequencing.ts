import { LOG_STREAM } from '../../domain/log/events.ts';
import { nameOfLog, presentName } from '../../functions/log/logName.ts';
import { fileMemory, type JudgeMemory, type Learned, SequencerJudge } from '../../functions/log/sequencer/judge.ts';
import { putCursor } from '../../functions/log/sequencer/logIndex.ts';
import { type SequencerPorts, SOLE_WRITER } from '../../functions/log/sequencer/ports.ts';
import { compareWithStore, sequence } from '../../functions/log/sequencer/sequence.ts';
import { type LogSigner, logSigner } from '../../functions/log/sequencer/signer.ts';
import { cosignPublished, withWitnesses } from '../../functions/log/sequencer/witnesses.ts';
import { folderBlobs } from '../../functions/platform/blobs/folderBlobs.ts';
import { JoinedRuns } from '../../functions/platform/joinedRuns.ts';
import { errorFields, type Logger } from '../../functions/platform/logging.ts';
import { macsUnder } from '../../functions/platform/store/mac.ts';
import type { Installation } from './installation.ts';
import type { Secrets } from './secrets.ts';
import { BadSettings, logFolder, logOrigin } from './settings.ts';

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

/** Returns the ports under the log's own name, whatever the current settings are: the command line may run without the server's. */
export const publishedPorts = async (installation: Installation, logger: Logger): Promise<SequencerPorts> => {
  const ports = sequencerPorts(installation, logger);
  const name = await presentName(ports);
  return name === undefined ? ports : { ...ports, signer: signerOf(installation.secrets, name) };
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
   * Appends all pending commits to the log. Resolves to whether every commit acknowledged before the call is in it, but those of held streams.
   * Never rejects: a failure is logged and retried at the next sweep.
   */
  readonly sweep: () => Promise<boolean>;
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
  const runs = new JoinedRuns<boolean>();
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
  const run = async (): Promise<boolean> => {
    if (installation.fault() !== undefined) return false;
    let isLogged = false;
    try {
      if (!isCompared) {
        await compareWithStore(ports);
        isCompared = true;
        compared();
      }
      if (installation.disk.isBelow()) return false;
      const checkpoint = await sequence(ports);
      isLogged = true;
      if (checkpoint !== undefined) published(String(checkpoint.size));
    } catch (error) {
      logger({ level: 'error', event: 'sequencer failed', ...errorFields(error) });
    }
    if (!stopped) cosign();
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
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await sweep();
      await cosigning;
    },
  };
};
