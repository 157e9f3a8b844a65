import { LOG_STREAM } from '../../domain/log/events.ts';
import type { GatePorts } from '../../functions/gate/ports.ts';
import type { LogTree } from '../../functions/log/verify/readLog.ts';
import { type Consumer, type FeedPorts, RELEASED_AT_ONCE } from '../../functions/platform/feed/consumer.ts';
import { type Consumers, runConsumers, walkFeed } from '../../functions/platform/feed/consumers.ts';
import { errorFields, type Logger } from '../../functions/platform/logging.ts';
import type { Mailer } from '../../functions/platform/mail/port.ts';
import { CorruptStore } from '../../functions/platform/store/errors.ts';
import type { SealedFile } from '../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { allDone, JoinedRuns } from '../../functions/platform/turns.ts';
import { policyAdopter } from '../../functions/reactions/adoption/policies.ts';
import { mailAsked, mailDerived } from '../../functions/reactions/notify/derivedMails.ts';
import { mailRenewals } from '../../functions/reactions/notify/links.ts';
import { notifier } from '../../functions/reactions/notify/notify.ts';
import type { NotifyPorts } from '../../functions/reactions/notify/post.ts';
import { writeRegularly } from '../../functions/reactions/notify/regular.ts';
import { driftLines } from '../../functions/reactions/relay/relay.ts';
import { listSubscriptions, type Webhook, webhookOf } from '../../functions/reactions/webhooks/deliver.ts';
import { derivedFollower, requestRefold } from '../../functions/register/derived/follow.ts';
import { followDerived } from '../../functions/register/derived/followers.ts';
import { storedIndex } from '../../functions/register/memoryIndex.ts';
import { projector } from '../../functions/register/project.ts';
import { refold } from '../../functions/register/rebuild.ts';
import { brokenSeal, SIDE_FILES } from './databases.ts';
import { type Installation, mailingPorts } from './installation.ts';
import { endsWithin, type Loop, runEvery, skipUnlessCommitted, unlessDiskLow } from './loops.ts';
import { type LogEnds, runSequencer, type Sequencing } from './sequencing.ts';

/** Runs the outgoing webhooks, one consumer for each subscriber, so that an unreachable one delays no other. */
const runWebhooks = (ports: FeedPorts) => {
  const running = new Map<string, Consumers>();
  const sweeps = new JoinedRuns<void>();
  const run = ({ commits, derived }: Webhook): Consumers => {
    const consumers = runConsumers(ports, [commits]);
    const sweep = async (): Promise<void> => {
      await Promise.all([consumers.sweep(), followDerived(ports, derived.name, derived.handle)]);
    };
    return { ...consumers, sweep };
  };
  return {
    sweep: async (): Promise<void> => {
      const subscriptions = await listSubscriptions(ports.sideStore);
      const ended = [...running.keys()].filter((id) => subscriptions.every((subscription) => subscription.id !== id));
      for (const id of ended) running.delete(id);
      for (const subscription of subscriptions) {
        if (!running.has(subscription.id)) running.set(subscription.id, run(webhookOf(subscription, Date.now)));
      }
      // Not awaited: a subscriber that hangs would delay the next sweep for all.
      for (const [id, consumers] of running) void sweeps.run(id, consumers.sweep).catch(() => undefined);
    },
    settled: () => sweeps.settled(),
  };
};

/**
 * Interval of the search for commits without a nudge: a running server must notice within a second what the command line
 * commits.
 */
const SWEEP_EVERY_MS = 500;
const WAITING_EVERY_MS = 2_000;
/** Interval of the search for deadlines that have passed; one read each. */
const TICK_EVERY_MS = 1_000;
/**
 * Interval of the search for due reminders and weekly mails. They are due in the morning, and an address that refuses mail must not be
 * tried every minute.
 */
const REGULAR_EVERY_MS = 15 * 60_000;

/**
 * Keeps the register of one process up to date. `settled` resolves once lists show every acknowledged commit of any process;
 * `idle` once no run is under way.
 */
export const runProjector = ({ ports, onAppend, disk }: Installation, logger: Logger) => {
  const running = runConsumers({ ...ports, logger, isReleased: RELEASED_AT_ONCE }, [projector(ports)]);
  onAppend((stream) => running.nudge(stream));
  const settled = async (): Promise<void> => {
    await running.settled();
    // A sweep writes its cursor.
    if (disk.isBelow()) return;
    await running.sweep().catch((error: unknown) => logger({ level: 'error', event: 'sweep failed', ...errorFields(error) }));
  };
  return { ...running, settled, idle: running.settled };
};

/**
 * Keeps what is derived from the log up to date. `tick`: applies changes due to time alone, once every earlier commit is in the log
 * and was applied.
 */
const runDerived = ({ everything, ports, onAppend }: Installation, logger: Logger, sequenced: () => Promise<boolean>) => {
  const derivedPorts = { ...ports, store: everything, logger };
  const follower = derivedFollower(derivedPorts);
  const running = runConsumers({ ...derivedPorts, isReleased: RELEASED_AT_ONCE }, [follower.consumer]);
  onAppend((stream) => running.nudge(stream));
  const tick = async (): Promise<void> => {
    const now = ports.clock();
    if (!(await follower.isDue(now)) || !(await sequenced())) return;
    await running.look(LOG_STREAM);
    await follower.tick(now);
  };
  const lines = driftLines(logger);
  const sweep = async (): Promise<void> => {
    await running.sweep();
    await followDerived({ ...derivedPorts, wallMs: ports.wallMs }, lines.name, lines.handle);
  };
  return { ...running, sweep, tick };
};

/** Reading the 200,000 records of 10,000 features takes two seconds of the thread, in small pieces. */
const SEALS_EVERY_MS = 10 * 60_000;

/** Detects records that were removed or reverted. Rebuilds derived ones; the others need a person. */
const verifySeals = (installation: Installation, logger: Logger, { remake }: Sequencing): Loop => {
  const { sealed, ports, ledger } = installation;
  const renew = async (each: SealedFile): Promise<void> => {
    if (each.file === SIDE_FILES.consumers) {
      remake();
      await requestRefold(ports.sideStore);
      await refold(ports, await walkFeed(ports.store));
    }
    await each.renew(false);
  };
  const verify = async (each: SealedFile): Promise<void> => {
    if (await each.verify()) return;
    const finding = { code: 'record-altered', detail: brokenSeal(each) } as const;
    logger({ level: 'error', event: 'altered behind the gate’s back', ...finding });
    await renew(each).catch((error: unknown) => {
      // A damaged file takes no seal that says so: the thread that answers `/readyz` looks itself.
      if (error instanceof CorruptStore) ledger.alterations.announce(`seal/${each.file}`, finding);
      throw error;
    });
  };
  const verifyAll = () => allDone(sealed.map(verify));
  return runEvery(SEALS_EVERY_MS, logger, 'records were not compared with their seal', unlessDiskLow(installation, verifyAll));
};

/** Time for consumers to finish when the process ends. */
const FINISH_MS = 3_000;
const PUBLISH_MS = 2_000;
/** Limit of {@link RunningConsumers.stop}, including time to close files. */
export const STOP_MS = FINISH_MS + PUBLISH_MS + 500;

interface RunningConsumers {
  readonly settle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const consumersOf = (ports: GatePorts & NotifyPorts): readonly Consumer[] => [notifier(ports), policyAdopter(ports)];

interface ConsumersParts {
  readonly installation: Installation;
  readonly mailer: Mailer;
  readonly logger: Logger;
  readonly published: (size: string) => void;
  /** Called with what is in the log: all of it before `compared`, later each addition. */
  readonly logged: (ends: LogEnds) => void;
  readonly compared: () => void;
  readonly older: (tree: LogTree) => void;
}

/**
 * Starts what follows a commit: the read model, the public log, what is derived from it, mails, webhooks and adoptions. Nudges drive
 * it, and sweeps repair lost nudges. While the disk has only its reserve left, all of it waits, so that officials' decisions have
 * room.
 */
export const startConsumers = ({ installation, mailer, logger, published, ...heard }: ConsumersParts): RunningConsumers => {
  const projection = runProjector(installation, logger);
  const register = storedIndex(installation.ports, projection.settled);
  const writing = { ...mailingPorts(installation, logger, mailer), register };
  // Whatever leaves the machine or follows from an approval waits until the commit was judged and is in the log. A commit of a held stream
  // may enter later.
  const judged = { ...installation.ports, register, store: installation.everything, logger };
  const others = runConsumers(judged, consumersOf(writing));
  const webhooks = runWebhooks(judged);
  // The next start's first sweep finds what the last checkpoint releases during a stop.
  let isStopping = false;
  const logged = (ends: LogEnds): void => {
    heard.logged(ends);
    if (!isStopping) for (const stream of ends.keys()) others.nudge(stream);
  };
  const compared = (ends: LogEnds): void => {
    heard.logged(ends);
    heard.compared();
  };
  const sequencer = runSequencer(installation, logger, { logged, published, compared, older: heard.older });
  const derived = runDerived(installation, logger, sequencer.sweep);
  const sweep = async (): Promise<void> => {
    await projection.settled();
    await derived.sweep();
    await others.sweep();
  };
  const mailing = new JoinedRuns<void>();
  // At most one run of each at a time: a loop begins while the start still awaits the first run.
  const mail = (work: (ports: typeof writing) => Promise<void>) => mailing.run(work.name, () => work(writing));
  const whenRoom = (ms: number, event: string, task: () => Promise<unknown>): Loop =>
    runEvery(ms, logger, event, unlessDiskLow(installation, task));
  const sweeping = (event: string, task: () => Promise<unknown>): Loop =>
    runEvery(SWEEP_EVERY_MS, logger, event, skipUnlessCommitted(installation.everything, WAITING_EVERY_MS, task));
  // First and alone on this thread: the comparison of the store with the log, which the first answer awaits.
  const loops = sequencer
    .sweep()
    .then(() => [
      sweeping('sweep failed', unlessDiskLow(installation, sweep)),
      sweeping('webhooks failed', unlessDiskLow(installation, webhooks.sweep)),
      sweeping('sequencer failed', sequencer.sweep),
      verifySeals(installation, logger, sequencer),
      whenRoom(TICK_EVERY_MS, 'time was not followed', derived.tick),
      whenRoom(WAITING_EVERY_MS, 'new links not mailed', () => mail(mailRenewals)),
      whenRoom(WAITING_EVERY_MS, 'mail that asks failed', () => mail(mailAsked)),
      whenRoom(WAITING_EVERY_MS, 'mail at once failed', () => mail(mailDerived)),
      whenRoom(REGULAR_EVERY_MS, 'regular mail failed', () => mail(writeRegularly)),
    ]);
  return {
    settle: async () => {
      await projection.settled();
      // Twice: consumers may themselves commit.
      for (let rounds = 0; rounds < 2; rounds += 1) {
        await sequencer.sweep();
        await sweep();
        await derived.tick();
        await others.settled();
      }
      for (const work of [mailAsked, mailDerived, writeRegularly, mailRenewals]) await mail(work);
      await sequencer.sweep();
    },
    stop: async () => {
      const finish = async (): Promise<void> => {
        await Promise.all((await loops).map((loop) => loop.stop()));
        await Promise.all([projection.settled(), derived.settled(), others.settled(), webhooks.settled()]);
      };
      // Interrupted work is repeated at the next start, so a mail in flight may arrive twice.
      if (!(await endsWithin(FINISH_MS, finish()))) logger({ level: 'warn', event: 'stopped before all consumers had finished' });
      isStopping = true;
      if (!(await endsWithin(PUBLISH_MS, sequencer.stop()))) logger({ level: 'warn', event: 'stopped before all was published' });
      await mailer.close();
    },
  };
};
