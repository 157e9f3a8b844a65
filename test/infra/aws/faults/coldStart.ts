import { fileURLToPath } from 'node:url';
import type { FunctionName } from '../../../../infra/aws/constructs/functions.ts';
import { awsEnvironment } from '../support/lambdas.ts';

export type Handler = (event: unknown, context: { readonly awsRequestId: string }) => Promise<unknown>;

let starts = 0;
let starting: Promise<unknown> = Promise.resolve();

/**
 * Starts a function as Lambda does, in this process: the module that is deployed, with an environment of its own. What the module
 * stands on is loaded once for all. Rejects when the function cannot start; Lambda would then start it anew for the next event.
 */
export const coldStart = (
  name: FunctionName,
  endpoint: string,
  environment: Readonly<Record<string, string>>,
): Promise<Handler> => {
  const path = fileURLToPath(new URL(`../../../../functions/${name}/handler.ts`, import.meta.url));
  const start = async (): Promise<Handler> => {
    Object.assign(process.env, awsEnvironment(endpoint), environment);
    starts += 1;
    const { handler } = (await import(/* @vite-ignore */ `${path}?start=${starts}`)) as { readonly handler: Handler };
    return handler;
  };
  // One after the other, because the environment is this process's.
  const started = starting.then(start);
  starting = started.catch(() => undefined);
  return started;
};
