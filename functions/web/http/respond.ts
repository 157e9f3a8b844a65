import type { Context } from 'hono';
import { LogEnded } from '../../gate/end.ts';
import { errorFields, type Log } from '../../platform/logging.ts';
import { StoreUnavailable } from '../../platform/store/errors.ts';
import { type Answer, problemAnswer } from './problems.ts';
import { Refused } from './refused.ts';

/** What every JSON answer says: it is data, never a page, and never to be kept by a cache. */
export const JSON_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export const toResponse = ({ status, headers, body }: Answer): Response =>
  new Response(body === '' ? null : body, { status, headers: { ...JSON_HEADERS, ...headers } });

/** An answer of JSON. */
export const json = (value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response =>
  toResponse({ status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) });

/**
 * What to answer to an error: a refusal as it is, an outage of the store with 503, everything else with 500. What is our fault is
 * logged whole and told not at all. `where`: method and pattern of the route, never the address itself, which can hold a secret.
 */
export const errorAnswer = (log: Log, error: unknown, where: string): Answer => {
  if (error instanceof Refused) return error.answer;
  if (error instanceof LogEnded) return problemAnswer('log-frozen', { detail: error.message });
  log({ level: 'error', event: 'request failed', where, error: errorFields(error) });
  return problemAnswer(error instanceof StoreUnavailable ? 'unavailable' : 'internal');
};

/** For `app.onError`. */
export const onError =
  (log: Log) =>
  (error: unknown, context: Context): Response =>
    toResponse(errorAnswer(log, error, `${context.req.method} ${context.req.routePath}`));

/** For `app.notFound`, and for every path below a prefix that no route has. */
export const notFound = (): Response => toResponse(problemAnswer('not-found', { detail: 'no route has this address' }));

/** Answers every other method of a path: 405 with what is allowed, or for OPTIONS that alone. `methods`: those it has, HEAD included. */
export const onlyMethods = (methods: readonly string[]) => {
  const allow = [...methods, 'OPTIONS'].join(', ');
  return (context: Context): Response =>
    context.req.method === 'OPTIONS'
      ? toResponse({ status: 204, headers: { allow }, body: '' })
      : toResponse(problemAnswer('method-not-allowed', { detail: `allowed here: ${allow}`, headers: { allow } }));
};
