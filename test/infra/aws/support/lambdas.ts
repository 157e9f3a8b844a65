import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FunctionName } from '../../../../infra/aws/constructs/functions.ts';
import type { Cloud } from './cloud.ts';
import type { Deployment } from './deployment.ts';

const PROCESS = fileURLToPath(new URL('lambdaProcess.ts', import.meta.url));

/** The credentials and the region that Lambda gives; all of AWS is the one endpoint. */
export const awsEnvironment = (endpoint: string): Readonly<Record<string, string>> => ({
  AWS_REGION: 'us-west-2',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_ENDPOINT_URL: endpoint,
});

export interface Lambdas {
  /** Runs one event; rejects when the handler does. */
  readonly invoke: <T>(name: FunctionName, event: unknown) => Promise<T>;
  readonly log: string[];
  readonly stop: () => Promise<void>;
}

interface Environment {
  readonly child: ChildProcess;
  readonly waiting: Map<number, (reply: { readonly result?: unknown; readonly error?: string }) => void>;
  /** Lambda runs one event at a time in an environment. */
  tail: Promise<unknown>;
}

/** Every function in a process of its own from its first event on, with its deployed bundle and environment, at a cloud that knows who asks. */
export const lambdas = ({ functions }: Deployment, cloud: Cloud): Lambdas => {
  const log: string[] = [];
  let invocations = 0;
  const start = async (name: string, bundle: string, variables: Readonly<Record<string, string>>): Promise<Environment> => {
    const env = { ...variables, ...awsEnvironment(cloud.endpointOf(name)) };
    const child = fork(PROCESS, [bundle], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
    for (const output of [child.stdout, child.stderr]) output?.on('data', (chunk: Buffer) => log.push(`${name}: ${chunk}`));
    const waiting: Environment['waiting'] = new Map();
    const ended = once(child, 'exit').then(() => {
      for (const reply of waiting.values()) reply({ error: `${name} ended` });
      throw new Error(`${name} ended: ${log.join('')}`);
    });
    ended.catch(() => undefined);
    await Promise.race([once(child, 'message'), ended]);
    child.on('message', ({ id, ...reply }: { readonly id: number }) => waiting.get(id)?.(reply));
    return { child, waiting, tail: Promise.resolve() };
  };
  const environments = new Map<FunctionName, Promise<Environment>>();
  const environmentOf = (name: FunctionName): Promise<Environment> => {
    const { bundle, variables } = functions[name];
    const started = environments.get(name) ?? start(name, bundle, variables);
    environments.set(name, started);
    // An environment that could not start is made anew for the next event.
    started.catch(() => environments.delete(name));
    return started;
  };

  const run = async <T>({ child, waiting }: Environment, event: unknown): Promise<T> => {
    invocations += 1;
    const id = invocations;
    const { promise, resolve } = Promise.withResolvers<{ readonly result?: unknown; readonly error?: string }>();
    waiting.set(id, resolve);
    child.send({ id, event });
    const { result, error } = await promise;
    waiting.delete(id);
    if (error !== undefined) throw new Error(error);
    return result as T;
  };
  return {
    log,
    invoke: async (name, event) => {
      const environment = await environmentOf(name);
      const running = environment.tail.then(() => run<never>(environment, event));
      environment.tail = running.catch(() => undefined);
      return running;
    },
    stop: async () => {
      for (const { child } of await Promise.all(environments.values())) {
        if (child.exitCode !== null) continue;
        child.kill();
        await once(child, 'exit');
      }
    },
  };
};
