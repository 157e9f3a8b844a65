import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The processor time of a process so far, in microseconds, and its memory in bytes. */
export interface Usage {
  readonly processUs: number;
  readonly rssBytes: number;
}

/** Returns the usage of this process. */
export const usage = (): Usage => {
  const { user, system } = process.cpuUsage();
  return { processUs: user + system, rssBytes: process.memoryUsage.rss() };
};

/** A separate process that answers one message with one message. `ready`: its first one. */
export interface Peer<Ready, Asked, Answered> {
  readonly ready: Ready;
  readonly ask: (message: Asked) => Promise<Answered>;
  readonly stop: () => Promise<void>;
}

const answerOf = async <Answered>(child: ChildProcess): Promise<Answered> => {
  const ended = new AbortController();
  const onExit = (code: number | null) => ended.abort(new Error(`${child.spawnfile} ended with ${code}`));
  child.once('exit', onExit);
  try {
    const [answer] = (await once(child, 'message', { signal: ended.signal })) as [Answered];
    return answer;
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    child.off('exit', onExit);
  }
};

/** Starts a file of this folder in a separate process, as `npm start` runs Node. */
export const start = async <Ready, Asked extends object, Answered>(
  file: string,
  ...args: readonly string[]
): Promise<Peer<Ready, Asked, Answered>> => {
  const child = fork(join(import.meta.dirname, file), args, {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
  });
  return {
    ready: await answerOf<Ready>(child),
    ask: (message) => {
      const answer = answerOf<Answered>(child);
      child.send(message);
      return answer;
    },
    stop: async () => {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
};

/** Sends a message to the process that started this one. This process ends when that one disconnects. */
export const say = (message: object): void => {
  if (process.send === undefined) throw new Error('is started by the benchmark, not by hand');
  process.send(message);
};

/** Answers each message of the process that started this one. */
export const answerWith = <Asked>(answer: (message: Asked) => object | Promise<object>): void => {
  const respond = async (message: Asked): Promise<void> => say(await answer(message));
  process.on('message', (message) => void respond(message as Asked));
};

/** A server in a process of its own. */
export interface Server {
  readonly port: number;
  readonly usage: () => Promise<Usage>;
  readonly settled: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts a server of `servers/`, which answers each message with its usage; asked to settle, once all has followed. */
export const startServer = async (file: string, ...args: readonly string[]): Promise<Server> => {
  const { ready, ask, stop } = await start<{ readonly port: number }, { readonly settle: boolean }, Usage>(
    `servers/${file}`,
    ...args,
  );
  return {
    port: ready.port,
    usage: () => ask({ settle: false }),
    settled: async () => void (await ask({ settle: true })),
    stop,
  };
};
