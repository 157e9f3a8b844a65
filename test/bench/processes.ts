import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const running = new Set<ChildProcess>();

/** Ends all processes that were started. */
export const stopAll = async (): Promise<void> => {
  for (const child of running) {
    running.delete(child);
    if (!child.connected) continue;
    child.disconnect();
    await once(child, 'exit');
  }
};

/** Starts a file of this folder in a process of its own. It answers each message with one message; `ready`: its first. */
export const start = async <Ready, Asked extends object, Answered>(file: string, ...args: readonly string[]) => {
  const execArgv = ['--disable-warning=ExperimentalWarning'];
  const child = fork(join(import.meta.dirname, file), args, { execArgv, serialization: 'advanced' });
  running.add(child);
  const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${file} ended with ${code}`)));
  failed.catch(() => undefined);
  const answer = async <T>(): Promise<T> => (await Promise.race([once(child, 'message'), failed]))[0];
  const ask = (message: Asked) => {
    const answered = answer<Answered>();
    child.send(message);
    return answered;
  };
  return { ready: await answer<Ready>(), ask };
};

/** Tells the process that started this one that it is ready, and answers its messages. This process ends when that one disconnects. */
export const serve = <Asked>(
  ready: object,
  answer: (message: Asked) => object | Promise<object>,
  close: () => Promise<void> = async () => undefined,
): void => {
  const respond = async (message: Asked): Promise<void> => void process.send?.(await answer(message));
  process.on('message', (message) => void respond(message as Asked));
  process.once('disconnect', () => void close().then(() => process.exit(0)));
  process.send?.(ready);
};

export const usage = () => {
  const { user, system } = process.cpuUsage();
  return { processUs: user + system, rssBytes: process.memoryUsage.rss() };
};

/** `settled`: its usage once all has followed. */
export const startServer = async (file: string, ...args: readonly string[]) => {
  type Asked = { readonly settle: boolean };
  const { ready, ask } = await start<{ readonly port: number }, Asked, ReturnType<typeof usage>>(`servers/${file}`, ...args);
  return { port: ready.port, usage: () => ask({ settle: false }), settled: () => ask({ settle: true }) };
};
export type Server = Awaited<ReturnType<typeof startServer>>;

/** Clients that send these requests, each once, and each client its next one as soon as its last one was answered, or a pause later. */
export interface Load {
  readonly port: number;
  readonly clients: number;
  readonly requests: readonly Uint8Array[];
  readonly status: number;
  readonly pauseMs?: number;
}

/** Returns what sends a load to a server from a process of its own, and resolves with the milliseconds that each answer took. */
export const startGenerator = async () => (await start<object, Load, readonly number[]>('servers/load.ts')).ask;
