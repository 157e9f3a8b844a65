import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FunctionName } from '../../../../infra/aws/constructs/functions.ts';
import type { Cloud } from './cloud.ts';
import type { Deployment } from './deployment.ts';

/** The credentials and the region that Lambda gives; all of AWS is the one endpoint. */
export const awsEnvironment = (endpoint: string): Readonly<Record<string, string>> => ({
  AWS_REGION: 'us-west-2',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_ENDPOINT_URL: endpoint,
});

export interface Lambdas {
  readonly invoke: <T>(name: FunctionName, event: unknown) => Promise<T>;
  readonly log: string[];
  readonly stop: () => Promise<void>;
}

/**
 * Runs every function in an environment of its own from its first event on, with its deployed bundle and variables, against a
 * cloud that knows the caller.
 */
export const lambdas = ({ functions }: Deployment, cloud: Cloud, startEnvironment: StartEnvironment): Lambdas => {
  const log: string[] = [];
  const environments = new Map<FunctionName, Promise<Environment>>();
  const tails = new Map<FunctionName, Promise<unknown>>();
  const environmentOf = (name: FunctionName) => {
    const known = environments.get(name);
    if (known !== undefined) return known;
    const { bundle, variables: deployed } = functions[name];
    const variables = { ...deployed, ...awsEnvironment(cloud.endpointOf(name)) };
    const started = startEnvironment({ name, bundle, variables, log: (text) => log.push(`${name}: ${text}`) });
    environments.set(name, started);
    // An environment that could not start is started again for the next event.
    started.catch(() => environments.delete(name));
    return started;
  };
  return {
    log,
    invoke: async <T>(name: FunctionName, event: unknown) => {
      const { run } = await environmentOf(name);
      const running = (tails.get(name) ?? Promise.resolve()).then(() => run(event));
      tails.set(
        name,
        running.catch(() => undefined),
      );
      return (await running) as T;
    },
    stop: async () => {
      await Promise.all([...environments.values()].map(async (started) => (await started).stop()));
    },
  };
};

/** A function that runs. It takes one event at a time, as on Lambda. */
export interface Environment {
  readonly run: (event: unknown) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

export interface Start {
  readonly name: FunctionName;
  readonly bundle: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly log: (text: string) => void;
}

/** Starts a function's code as deployed. Rejects when it cannot start; Lambda would try again with the next event. */
export type StartEnvironment = (start: Start) => Promise<Environment>;

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
