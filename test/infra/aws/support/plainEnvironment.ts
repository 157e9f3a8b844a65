import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { StartEnvironment } from './environment.ts';

const PROCESS = fileURLToPath(new URL('lambdaProcess.ts', import.meta.url));

interface Reply {
  readonly result?: unknown;
  readonly error?: string;
}

/** A process that imports the bundle and calls its handler, and nothing more: needs nothing but Node. */
export const plainEnvironment: StartEnvironment = async ({ name, bundle, variables, log }) => {
  const env = { ...variables, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE };
  const child = fork(PROCESS, [bundle], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
  const written: string[] = [];
  for (const output of [child.stdout, child.stderr])
    output?.on('data', (chunk: Buffer) => {
      written.push(String(chunk));
      log(String(chunk));
    });
  const waiting = new Map<number, (reply: Reply) => void>();
  const ended = once(child, 'exit').then(() => {
    for (const reply of waiting.values()) reply({ error: `${name} ended` });
    throw new Error(`${name} ended: ${written.join('')}`);
  });
  ended.catch(() => undefined);
  await Promise.race([once(child, 'message'), ended]);
  child.on('message', ({ id, ...reply }: Reply & { readonly id: number }) => waiting.get(id)?.(reply));
  let invocations = 0;
  return {
    run: async (event) => {
      invocations += 1;
      const id = invocations;
      const { promise, resolve } = Promise.withResolvers<Reply>();
      waiting.set(id, resolve);
      child.send({ id, event });
      const { result, error } = await promise;
      waiting.delete(id);
      if (error !== undefined) throw new Error(error);
      return result;
    },
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
};
