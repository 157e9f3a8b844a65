import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A separate process that answers one message with one message. */
export interface Peer<Asked, Answered> {
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

/** Starts a file of this folder in a separate process, as `npm start` runs Node. `ready` is its first message. */
export const start = async <Ready, Asked, Answered>(
  file: string,
  ...args: readonly string[]
): Promise<Peer<Asked, Answered> & { readonly ready: Ready }> => {
  const execArgv = ['--disable-warning=ExperimentalWarning'];
  const child = fork(join(import.meta.dirname, file), args, { execArgv, serialization: 'advanced' });
  const ready = await answerOf<Ready>(child);
  return {
    ready,
    ask: (message) => {
      const answer = answerOf<Answered>(child);
      child.send(message as object);
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
