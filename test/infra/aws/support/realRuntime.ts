import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FUNCTIONS } from '../../../../infra/aws/constructs/functions.ts';
import type { StartEnvironment } from './environment.ts';
import { openRuntimeApi } from './runtimeApi.ts';

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
