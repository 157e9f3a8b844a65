import { setTimeout as sleep } from 'node:timers/promises';
import type { GatePorts } from '../../functions/gate/ports.ts';
import { inProcessBus, type Subscriber } from '../../functions/platform/bus/inProcessBus.ts';
import type { Consumer } from '../../functions/platform/feed/consumer.ts';
import { runConsumers } from '../../functions/platform/feed/consumers.ts';
import type { HealthProblem } from '../../functions/platform/health.ts';
import { errorFields, type Log } from '../../functions/platform/logging.ts';
import type { Mailer } from '../../functions/platform/mail/port.ts';
import { policyAdopter } from '../../functions/reactions/adoption/policyChange.ts';
import { redactor } from '../../functions/reactions/adoption/redactText.ts';
import { runClock } from '../../functions/reactions/clock/runClock.ts';
import { type NotifyPorts, notifier } from '../../functions/reactions/notify/notify.ts';
import { writeRegularly } from '../../functions/reactions/notify/regular.ts';
import { relay } from '../../functions/reactions/relay/relay.ts';
import { projector } from '../../functions/register/consumer.ts';
import { localHealth } from './health.ts';
import type { Installation } from './installation.ts';
import { runSequencer, type Sequencing } from './sequencing.ts';
import { runWebhooks } from './webhooks.ts';

/** How often what nudges lost is looked for: the command line writes beside a running server, which has a second to see it. */
const SWEEP_EVERY_MS = 500;
/**
 * How often it is looked whether reminders or the weekly mail are due: they are of a morning, not of a minute, and an address that
 * refuses is not asked again every minute of it.
 */
const REGULAR_EVERY_MS = 15 * 60_000;
/** How often time is asked what it has done. Answers never wait for this; mails and the history do. */
const CLOCK_EVERY_MS = 2_000;

/** What keeps the register of one process up to date; `settled` makes lists show all that was acknowledged, by anyone, `idle` waits for what runs. */
export const runProjector = ({ ports, onAppend }: Installation, log: Log) => {
  const running = runConsumers({ ...ports, log }, [projector(ports)]);
  onAppend((stream) => running.nudge(stream));
  const settled = async (): Promise<void> => {
    await running.settled();
    await running.sweep().catch((error: unknown) => log({ level: 'error', event: 'sweep failed', ...errorFields(error) }));
  };
  return { ...running, settled, idle: running.settled };
};

/** A task that runs again and again, one run at a time, until it is stopped; what fails is logged and tried the next time. */
const every = (ms: number, log: Log, event: string, task: () => Promise<unknown>): { stop: () => Promise<void> } => {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const run = (): void => {
    running = task()
      .then(
        () => undefined,
        (error: unknown) => log({ level: 'error', event, ...errorFields(error) }),
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

/** How long consumers may finish what they began when the process is told to end: a mail server that hangs must not hold it up. */
const FINISH_MS = 3_000;
/** How long the sequencer may take for its last checkpoint then. */
const PUBLISH_MS = 2_000;

/** Returns whether `work` ended in time. */
const endsWithin = async (ms: number, work: Promise<void>): Promise<boolean> => {
  const late = new AbortController();
  const ended = await Promise.race([work.then(() => true), sleep(ms, false, { signal: late.signal }).catch(() => false)]);
  late.abort();
  return ended;
};

export interface Running {
  readonly ports: GatePorts & { readonly settled: () => Promise<void> };
  readonly sequencer: Sequencing;
  readonly health: () => Promise<readonly HealthProblem[]>;
  /** Lets everything that follows from what was written happen now: read model, mails, adoptions, what time has done, and the public log. */
  readonly settle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Those who react to commits beside the projector. */
export const consumersOf = (ports: GatePorts & NotifyPorts, subscribers: readonly Subscriber[] = []): readonly Consumer[] => [
  relay(inProcessBus(subscribers, ports.log)),
  notifier(ports),
  policyAdopter(ports),
  redactor(ports),
];

/** The consumers of one machine: driven by nudges, healed by sweeps, and a clock. */
export const startConsumers = (
  installation: Installation,
  mailer: Mailer,
  log: Log,
  subscribers: readonly Subscriber[] = [],
): Running => {
  const projection = runProjector(installation, log);
  const ports = { ...installation.ports, settled: projection.settled };
  const { linkKey } = installation.secrets;
  const writing = { ...ports, log, mailer, linkKey, itMail: installation.settings.itMail };
  const consumers = consumersOf(writing, subscribers);
  const others = runConsumers({ ...ports, log }, consumers);
  installation.onAppend((stream) => others.nudge(stream));
  const webhooks = runWebhooks({ ...ports, log });
  const sequencer = runSequencer(installation, log);
  // In a log that has ended time does nothing any more: every answer is no.
  const clock = async (): Promise<unknown> =>
    (await ports.end?.()) === undefined ? runClock({ ...ports, log }, ports.clock()) : undefined;
  const sweep = async (): Promise<void> => {
    await projection.settled();
    await others.sweep();
  };
  const loops = [
    every(SWEEP_EVERY_MS, log, 'sweep failed', sweep),
    every(SWEEP_EVERY_MS, log, 'webhooks failed', webhooks.sweep),
    every(SWEEP_EVERY_MS, log, 'sequencer failed', sequencer.sweep),
    every(CLOCK_EVERY_MS, log, 'clock failed', clock),
    every(REGULAR_EVERY_MS, log, 'regular mail failed', () => writeRegularly(writing)),
  ];
  return {
    ports,
    sequencer,
    health: localHealth({ installation, logPorts: sequencer.ports, consumers, log }),
    settle: async () => {
      await projection.settled();
      await clock();
      await sweep();
      await others.settled();
      await writeRegularly(writing);
      await sequencer.sweep();
    },
    stop: async () => {
      const finish = async (): Promise<void> => {
        await Promise.all(loops.map((loop) => loop.stop()));
        await Promise.all([projection.settled(), others.settled(), webhooks.settled()]);
      };
      // What is cut off here is handled again at the next start: a mail in flight may then arrive twice.
      if (!(await endsWithin(FINISH_MS, finish()))) log({ level: 'warn', event: 'stopped before all consumers had finished' });
      if (!(await endsWithin(PUBLISH_MS, sequencer.stop()))) log({ level: 'warn', event: 'stopped before all was published' });
      await mailer.close();
    },
  };
};
