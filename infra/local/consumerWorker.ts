import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { LogTree } from '../../functions/log/verify/readLog.ts';
import type { Logger } from '../../functions/platform/logging.ts';
import type { Appended, Store } from '../../functions/platform/store/port.ts';
import { startConsumers } from './consumers.ts';
import { errorOf, type FromConsumers, failureOf, type ThreadStart, type ToConsumers } from './consumerThread.ts';
import { diskReserve, machineClock, mailerOf, openInstallation } from './installation.ts';
import type { LogEnds } from './sequencing.ts';

// The thread of everything that follows a commit, with its own connections. It only reads the file of commits; the answering thread
// appends for it, so that the heads which that thread caches stay current.

interface Pending {
  readonly resolve: (answer: Appended) => void;
  readonly reject: (error: Error) => void;
}

const remoteAppend = (send: (message: FromConsumers) => void) => {
  const pending = new Map<number, Pending>();
  let last = 0;
  const take = (id: number): Pending | undefined => {
    const found = pending.get(id);
    pending.delete(id);
    return found;
  };
  const append: Store['append'] = (records) =>
    new Promise((resolve, reject) => {
      last += 1;
      pending.set(last, { resolve, reject });
      send({ type: 'append', id: last, records });
    });
  return { append, take };
};

const run = (port: MessagePort, { settings, instant }: ThreadStart): void => {
  const send = (message: FromConsumers): void => port.postMessage(message);
  const clock = (): string => (instant?.[0] === undefined ? machineClock() : new Date(instant[0]).toISOString());
  // A log entry may hold what cannot be cloned; only its JSON is logged.
  const logger: Logger = (entry) => send({ type: 'log', entry: JSON.parse(JSON.stringify(entry)) });
  const { append, take } = remoteAppend(send);
  const installation = openInstallation(settings, clock, diskReserve(settings.data), append);
  installation.ledger.alterations.announce = (name) => send({ type: 'altered', name });
  const published = (size: string): void => send({ type: 'checkpoint', size });
  const logged = (ends: LogEnds): void => send({ type: 'logged', ends });
  const compared = (): void => send({ type: 'compared' });
  const older = (tree: LogTree): void => {
    installation.restored.holdBack(tree);
    send({ type: 'older', tree });
  };
  const running = startConsumers({ installation, mailer: mailerOf(installation), logger, published, logged, compared, older });
  const settle = async (id: number): Promise<void> => {
    const failure = await running.settle().then(() => undefined, failureOf);
    send({ type: 'settled', id, failure });
  };
  const stop = async (): Promise<void> => {
    await running.stop();
    await installation.close();
    process.exit(0);
  };
  port.on('message', (message: ToConsumers) => {
    if (message.type === 'nudge') for (const stream of message.streams) installation.nudge(stream);
    else if (message.type === 'settle') void settle(message.id);
    else if (message.type === 'appended') take(message.id)?.resolve(message.answer);
    else if (message.type === 'not-appended') take(message.id)?.reject(errorOf(message.failure));
    else void stop();
  });
  send({ type: 'ready' });
};

if (parentPort === null) throw new Error('is started by the server, as a thread');
run(parentPort, workerData as ThreadStart);
