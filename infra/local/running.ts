import type { GatePorts } from '../../functions/gate/ports.ts';
import type { SequencerPorts } from '../../functions/log/sequencer/ports.ts';
import { faultsIn, type HealthCheck, type HealthProblem } from '../../functions/platform/health.ts';
import type { Logger } from '../../functions/platform/logging.ts';
import type { Mailer } from '../../functions/platform/mail/port.ts';
import { runClock } from '../../functions/reactions/clock/runClock.ts';
import { mailFollower } from '../../functions/reactions/notify/derivedMails.ts';
import { mailFaults } from '../../functions/reactions/notify/faultMail.ts';
import { followedCheck } from '../../functions/register/derived/followers.ts';
import type { RegisterEntry } from '../../functions/register/documents.ts';
import { type DocSource, feedSource } from '../../functions/register/indexedDocs.ts';
import { MemoryIndex } from '../../functions/register/memoryIndex.ts';
import type { RegisterPorts } from '../../functions/register/rows.ts';
import { consumersOf, STOP_MS } from './consumers.ts';
import { ConsumerThread } from './consumerThread.ts';
import { localHealth } from './health.ts';
import type { Installation } from './installation.ts';
import { endsWithin, every, whileRoom } from './loops.ts';
import { isRestored } from './restored.ts';
import { sequencerPorts } from './sequencing.ts';

/**
 * Interval of the clock, which records lapses and expiries, and of the reserve on disk. Answers do not depend on it; mails and the history do.
 */
const CLOCK_EVERY_MS = 2_000;
/** Interval at which faults are looked for and mailed to the clerks and IT. A look costs some reads and a page on the disk. */
const FAULTS_EVERY_MS = 30_000;

/** How long the first answer waits for the comparison of the store with the log, which takes a second for 10,000 features; then it is `false`. */
export const COMPARED_MS = 5_000;

export interface Running {
  readonly ports: GatePorts & RegisterPorts;
  readonly logPorts: SequencerPorts;
  readonly checkpoint: () => string | undefined;
  readonly health: () => Promise<readonly HealthProblem[]>;
  readonly settle: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Resolves once everything runs. Rejects if it cannot be started. */
  readonly ready: Promise<void>;
  readonly compared: Promise<void>;
}

/** The stored documents as unreadable ones, which the index reads anew until it can: no list may count what no answer says. */
const unreadAtFirst = (source: DocSource): DocSource => ({
  ...source,
  load: async () => {
    const { entries, cursor } = await source.load();
    const unread = async function* (): AsyncGenerator<RegisterEntry> {
      for await (const { key, doc } of entries) yield { key, doc: doc && { ...doc, unreadable: true } };
    };
    return { entries: unread(), cursor };
  },
});

/**
 * Starts what runs beside the answers: the clock, whose ticks are commands like any other, on this thread; everything that follows a
 * commit on one of its own, so that an answer never waits for it. `mailer`: for what this thread mails; closed when
 * it stops. `more`: checks besides those of every gate.
 */
export const startRunning = (
  installation: Installation,
  mailer: Mailer,
  logger: Logger,
  more: readonly HealthCheck[],
): Running => {
  const { disk, secrets, settings } = installation;
  const source = feedSource(installation.ports);
  const register = new MemoryIndex(installation.ports, logger, isRestored(settings.data) ? unreadAtFirst(source) : source);
  const ports = { ...installation.ports, register };
  const logPorts = sequencerPorts(installation, logger);
  const thread = new ConsumerThread(installation, logger);
  const clock = (): Promise<unknown> => runClock({ ...ports, logger }, ports.clock());
  const writing = { ...ports, logger, mailer, linkKey: secrets.linkKey, itMail: settings.itMail };
  const health = localHealth({
    installation,
    logPorts,
    consumers: consumersOf(writing),
    logger,
    more: [thread.check, followedCheck(ports, mailFollower(writing).name), ...more],
  });
  const lookForFaults = async (): Promise<void> => {
    await endsWithin(COMPARED_MS, thread.compared);
    const found = faultsIn(await health());
    if (found.length > 0) logger({ level: 'error', event: 'not well', found });
    await mailFaults(writing, found);
  };
  const loops = [
    every(CLOCK_EVERY_MS, logger, 'clock failed', whileRoom(installation, clock)),
    every(FAULTS_EVERY_MS, logger, 'faults not mailed', async () => (disk.isBelow() ? undefined : lookForFaults())),
    every(CLOCK_EVERY_MS, logger, 'reserve failed', async () => disk.hold()),
  ];
  return {
    ready: thread.ready,
    compared: thread.compared,
    ports,
    logPorts,
    checkpoint: thread.checkpoint,
    health,
    settle: async () => {
      await clock();
      await thread.settle();
      await lookForFaults();
    },
    stop: async () => {
      const finish = async (): Promise<void> => void (await Promise.all(loops.map((loop) => loop.stop())));
      // A mail that hangs is sent again after the next start.
      await Promise.all([endsWithin(STOP_MS, finish()), thread.stop()]);
      await mailer.close();
    },
  };
};
