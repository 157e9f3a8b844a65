import { setTimeout as sleep } from 'node:timers/promises';
import type { GatePorts } from '../../functions/gate/ports.ts';
import { isInLog } from '../../functions/log/withheld.ts';
import { inProcessBus, type Subscriber } from '../../functions/platform/bus/inProcessBus.ts';
import { type Consumer, RELEASED_AT_ONCE } from '../../functions/platform/feed/consumer.ts';
import { runConsumers } from '../../functions/platform/feed/consumers.ts';
import type { HealthProblem } from '../../functions/platform/health.ts';
import { errorFields, type Logger } from '../../functions/platform/logging.ts';
import type { Mailer } from '../../functions/platform/mail/port.ts';
import { policyAdopter } from '../../functions/reactions/adoption/policyChange.ts';
import { redactor } from '../../functions/reactions/adoption/redactText.ts';
import { runClock } from '../../functions/reactions/clock/runClock.ts';
import { mailFaults } from '../../functions/reactions/notify/faultMail.ts';
import { type NotifyPorts, notifier } from '../../functions/reactions/notify/notify.ts';
import { writeRegularly } from '../../functions/reactions/notify/regular.ts';
import { relay } from '../../functions/reactions/relay/relay.ts';
import { MemoryIndex } from '../../functions/register/memoryIndex.ts';
import { projector } from '../../functions/register/project.ts';
import type { RegisterPorts } from '../../functions/register/registerIndex.ts';
import { localHealth } from './health.ts';
import type { Installation } from './installation.ts';
import { runSequencer, type Sequencing } from './sequencing.ts';
import { runWebhooks } from './webhooks.ts';

/** Interval of sweeps, which find what nudges lost. The command line writes beside a running server, which must see it within a second. */
const SWEEP_EVERY_MS = 500;
/**
 * Interval at which reminders and the weekly mail are looked for. They are due on a morning, and an address that refuses mail must not be
 * tried every minute.
 */
const REGULAR_EVERY_MS = 15 * 60_000;
/** Interval at which the clerks and IT are mailed what is not right. Looking for it costs some reads and a page on the disk. */
const FAULTS_EVERY_MS = 30_000;
/** Interval of the clock, which records lapses and expiries. Answers do not depend on it; mails and the history do. */
const CLOCK_EVERY_MS = 2_000;

/** Keeps the register of one process up to date. `settled` resolves once lists show every acknowledged commit, by any process; `idle` once no run is under way. */
export const runProjector = ({ ports, onAppend, disk }: Installation, logger: Logger) => {
  const running = runConsumers({ ...ports, logger, isReleased: RELEASED_AT_ONCE }, [projector(ports)]);
  onAppend((stream) => running.nudge(stream));
  const settled = async (): Promise<void> => {
    await running.settled();
    // A sweep writes how far it came.
    if (disk.isBelow()) return;
    await running.sweep().catch((error: unknown) => logger({ level: 'error', event: 'sweep failed', ...errorFields(error) }));
  };
  return { ...running, settled, idle: running.settled };
};

/** Runs a task periodically, one run at a time, until stopped. A failure is logged and retried at the next run. */
const every = (ms: number, logger: Logger, event: string, task: () => Promise<unknown>): { stop: () => Promise<void> } => {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const run = (): void => {
    running = task()
      .then(
        () => undefined,
        (error: unknown) => logger({ level: 'error', event, ...errorFields(error) }),
      )
      .finally(() => {
        if (!stopped) timer = setTimeout(run, ms);
      });
  };
  run();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
};

/** Time for consumers to finish when the process ends. A mail server that hangs must not delay it further. */
const FINISH_MS = 3_000;
/** Time for the last checkpoint when the process ends. */
const PUBLISH_MS = 2_000;

/** Returns whether `work` ended in time. */
const endsWithin = async (ms: number, work: Promise<void>): Promise<boolean> => {
  const late = new AbortController();
  const ended = await Promise.race([work.then(() => true), sleep(ms, false, { signal: late.signal }).catch(() => false)]);
  late.abort();
  return ended;
};

export interface Running {
  readonly ports: GatePorts & RegisterPorts;
  readonly sequencer: Sequencing;
  readonly health: () => Promise<readonly HealthProblem[]>;
  /** Runs everything that follows from the commits so far: read model, mails, adoptions, the clock and the public log. */
  readonly settle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Returns the consumers of commits other than the projector. */
export const consumersOf = (ports: GatePorts & NotifyPorts, subscribers: readonly Subscriber[] = []): readonly Consumer[] => [
  relay(inProcessBus(subscribers, ports.logger)),
  notifier(ports),
  policyAdopter(ports),
  redactor(ports),
];

/**
 * Starts the consumers of one machine, driven by nudges and healed by sweeps, and the clock. While the disk has only its reserve left, they
 * wait: mails, the public log and what else follows take no room from officials' decisions.
 */
export const startConsumers = (
  installation: Installation,
  mailer: Mailer,
  logger: Logger,
  subscribers: readonly Subscriber[] = [],
): Running => {
  const projection = runProjector(installation, logger);
  const register = new MemoryIndex(installation.ports, logger, projection.settled);
  const ports = { ...installation.ports, register };
  const { linkKey } = installation.secrets;
  const writing = { ...ports, logger, mailer, linkKey, itMail: installation.settings.itMail };
  const consumers = consumersOf(writing, subscribers);
  // What leaves the machine, and what follows from an approval, waits until the commit was judged and is in the log.
  const judged = { ...ports, logger, isReleased: isInLog(ports.sideStore) };
  const others = runConsumers(judged, consumers);
  const webhooks = runWebhooks(judged);
  // What the last checkpoint releases while the process ends is found by the first sweep of the next start.
  let isStopping = false;
  const sequencer = runSequencer(installation, logger, (streams) => {
    if (isStopping) return;
    for (const stream of streams) others.nudge(stream);
  });
  // The clock stops when the log has ended: every answer is `false` then.
  const clock = async (): Promise<unknown> =>
    (await ports.end()) === undefined ? runClock({ ...ports, logger }, ports.clock()) : undefined;
  const sweep = async (): Promise<void> => {
    await projection.settled();
    await others.sweep();
  };
  const health = localHealth({ installation, logPorts: sequencer.ports, consumers, logger });
  const mailFresh = async (): Promise<void> => mailFaults(writing, await health());
  const { disk } = installation;
  const withRoom = (task: () => Promise<unknown>) => async (): Promise<unknown> => (disk.isBelow() ? undefined : task());
  const loops = [
    every(SWEEP_EVERY_MS, logger, 'sweep failed', withRoom(sweep)),
    every(SWEEP_EVERY_MS, logger, 'webhooks failed', withRoom(webhooks.sweep)),
    every(SWEEP_EVERY_MS, logger, 'sequencer failed', sequencer.sweep),
    every(CLOCK_EVERY_MS, logger, 'clock failed', withRoom(clock)),
    every(
      REGULAR_EVERY_MS,
      logger,
      'regular mail failed',
      withRoom(() => writeRegularly(writing)),
    ),
    every(FAULTS_EVERY_MS, logger, 'faults not mailed', withRoom(mailFresh)),
    every(CLOCK_EVERY_MS, logger, 'reserve failed', async () => disk.hold()),
  ];
  return {
    ports,
    sequencer,
    health,
    settle: async () => {
      await projection.settled();
      await clock();
      // Twice: what follows from a commit may be commits.
      for (let rounds = 0; rounds < 2; rounds += 1) {
        await sequencer.sweep();
        await sweep();
        await others.settled();
      }
      await Promise.all([writeRegularly(writing), mailFresh()]);
      await sequencer.sweep();
    },
    stop: async () => {
      const finish = async (): Promise<void> => {
        await Promise.all(loops.map((loop) => loop.stop()));
        await Promise.all([projection.settled(), others.settled(), webhooks.settled()]);
      };
      // Interrupted work is repeated at the next start, so a mail in flight may arrive twice.
      if (!(await endsWithin(FINISH_MS, finish()))) logger({ level: 'warn', event: 'stopped before all consumers had finished' });
      isStopping = true;
      if (!(await endsWithin(PUBLISH_MS, sequencer.stop()))) logger({ level: 'warn', event: 'stopped before all was published' });
      await mailer.close();
    },
  };
};
