import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { text as bodyText } from 'node:stream/consumers';
import { FUNCTIONS } from '../../../../infra/aws/constructs/functions.ts';
import { listened } from '../../../support/listened.ts';
import type { StartEnvironment } from './lambdas.ts';

const CLIENT = join(import.meta.dirname, '../ric/node_modules/aws-lambda-ric');

/** Why the bundles cannot run under Lambda's own runtime here, and how that is changed; undefined where they can. */
export const runtimeMissing = (): string | undefined =>
  existsSync(join(CLIENT, 'rapid-client.node'))
    ? undefined
    : 'Lambda’s runtime is missing: npm ci --prefix test/infra/aws/ric (compiles with cmake, make and g++)';

const lambdaEnvironment = (name: string, bundle: string, memoryMb: number): Readonly<Record<string, string>> => ({
  _HANDLER: 'index.handler',
  LAMBDA_TASK_ROOT: dirname(bundle),
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_SESSION_TOKEN: 'local',
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef',
});

/**
 * The runtime interface client that Lambda itself runs, which finds the handler in the folder of the bundle, gives it a context, takes
 * its answer or its error and asks for the next event.
 */
export const realRuntime: StartEnvironment = async ({ name, bundle, variables, log }) => {
  const { memoryMb, timeoutSeconds } = FUNCTIONS[name];
  const api = await openRuntimeApi(name, timeoutSeconds * 1000);
  const env = { ...variables, ...lambdaEnvironment(name, bundle, memoryMb), AWS_LAMBDA_RUNTIME_API: api.address };
  const child = spawn(process.execPath, [join(CLIENT, 'index.mjs')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => log(String(chunk)));
  const closed = once(child, 'exit').then(() => api.close(`${name} ended`));
  await api.ready;
  return {
    run: api.invoke,
    stop: async () => {
      // It waits for an event in native code, which takes no notice of a polite signal.
      child.kill('SIGKILL');
      await closed;
    },
  };
};

const BASE = '/2018-06-01/runtime';
const OF_INVOCATION = /^\/invocation\/(?<id>[^/]+)\/(?<what>response|error)$/;
/** Lambda's limit on the answer of a function. */
const ANSWER_BYTES_MAX = 6 * 1024 * 1024;

interface Failure {
  readonly errorType?: string;
  readonly errorMessage?: string;
}

interface Job {
  readonly id: string;
  readonly body: string;
  readonly done: PromiseWithResolvers<unknown>;
}

const errorOf = (text: string) => {
  const { errorType = 'Unknown', errorMessage = '' } = JSON.parse(text) as Failure;
  return new Error(`${errorType}: ${errorMessage}`);
};

/**
 * Serves Lambda's side of the Runtime API, as AWS documents it ("Using the Lambda runtime API for custom runtimes"), to the environment of
 * `name`, whose events have to be done within `timeoutMs`.
 */
const openRuntimeApi = async (name: string, timeoutMs: number) => {
  const [waiting, running] = [[] as Job[], new Map<string, Job>()];
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => undefined);
  let idle: ServerResponse | undefined;
  let invocations = 0;

  const handOut = () => {
    if (idle === undefined) return;
    const job = waiting.shift();
    if (job === undefined) return;
    running.set(job.id, job);
    idle.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': job.id,
      'lambda-runtime-deadline-ms': String(Date.now() + timeoutMs),
      'lambda-runtime-invoked-function-arn': `arn:aws:lambda:us-west-2:123456789012:function:${name}`,
      'lambda-runtime-trace-id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0',
    });
    idle.end(job.body);
    idle = undefined;
  };

  const report = (id: string, what: string, text: string) => {
    const job = running.get(id);
    if (job === undefined) return 400;
    running.delete(id);
    const isTooLong = Buffer.byteLength(text) > ANSWER_BYTES_MAX;
    if (isTooLong) job.done.reject(new Error('Function.ResponseSizeTooLarge'));
    else if (what === 'error') job.done.reject(errorOf(text));
    else job.done.resolve(text === '' ? undefined : JSON.parse(text));
    return isTooLong ? 413 : 202;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '').slice(BASE.length);
    if (path === '/invocation/next') {
      ready.resolve();
      idle = response;
      handOut();
      return;
    }
    const { id = '', what = '' } = OF_INVOCATION.exec(path)?.groups ?? {};
    const text = await bodyText(request);
    if (path === '/init/error') ready.reject(errorOf(text));
    const status = path === '/init/error' ? 202 : report(id, what, text);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end('{"status":"OK"}');
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const { url, close } = await listened(server);
  return {
    address: new URL(url).host,
    ready: ready.promise,
    invoke: (event: unknown) => {
      invocations += 1;
      const job: Job = {
        id: `00000000-0000-4000-8000-${String(invocations).padStart(12, '0')}`,
        body: JSON.stringify(event),
        done: Promise.withResolvers(),
      };
      waiting.push(job);
      handOut();
      return job.done.promise;
    },
    close: async (reason: string) => {
      ready.reject(new Error(reason));
      for (const { done } of [...running.values(), ...waiting]) done.reject(new Error(reason));
      await close();
    },
  };
};
