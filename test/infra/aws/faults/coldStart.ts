import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FunctionName } from '../../../../infra/aws/constructs/functions.ts';
import type { FaultProxy } from '../../../contract/faultProxy.ts';
import { awsEnvironment } from '../support/lambdas.ts';
import type { Lane } from './lanes.ts';

export type Handler = (event: unknown, context: { readonly awsRequestId: string }) => Promise<unknown>;

const POLL_MS = 2;
let starts = 0;
let starting: Promise<unknown> = Promise.resolve();

/**
 * Starts a function as Lambda does, in this process: the module that is deployed, with an environment of its own. What the module
 * stands on is loaded once for all. Rejects when the function cannot start; Lambda would then start it again for the next event.
 */
export const coldStart = (name: FunctionName, proxy: FaultProxy, lane: Lane): Promise<Handler> => {
  const path = fileURLToPath(new URL(`../../../../functions/handlers/${name}.ts`, import.meta.url));
  const start = async (): Promise<Handler> => {
    const own = awsEnvironment(`${proxy.endpoint}/${name}`);
    Object.assign(process.env, own, lane.environmentOf(name));
    starts += 1;
    const { handler } = (await import(/* @vite-ignore */ `${path}?start=${starts}`)) as { readonly handler: Handler };
    return (event, context) => {
      // Clients that are made later find their endpoint, which names the caller, in the environment too.
      Object.assign(process.env, own);
      return handler(event, context);
    };
  };
  // One after the other, because the environment is this process's: until it was read, which is before the first call.
  const before = proxy.seen(lane.name);
  const started = starting.then(start);
  let isOver = false;
  const over = started
    .catch(() => undefined)
    .then(() => {
      isOver = true;
    });
  const isRead = async () => {
    while (!isOver && proxy.seen(lane.name) === before) await sleep(POLL_MS);
  };
  starting = starting.then(() => Promise.race([over, isRead()]));
  return started;
};
