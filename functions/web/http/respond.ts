import type { Context } from 'hono';
import { errorFields, type Logger } from '../../platform/logging.ts';
import { CorruptStore, StoreUnavailable } from '../../platform/store/errors.ts';
import { type Answer, type ProblemCode, problemAnswer, Refused } from './problems.ts';

/** The headers of every JSON answer: it is data, not a page, and must not be cached. */
export const JSON_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Marks an answer that is due to a fault of the gate, if the body cannot. */
export const FAULT_HEADER = 'aldergate-fault';

export type BytesAnswer = Omit<Answer, 'body'> & { readonly body: string | Uint8Array<ArrayBuffer> };

export const toResponse = ({ status, headers, body }: BytesAnswer): Response =>
  new Response(body === '' ? null : body, { status, headers: { ...JSON_HEADERS, ...headers } });

export const json = (value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response =>
  toResponse({ status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) });

/** The only table of errors other than refusals; every app uses it. */
const codeOf = (error: unknown): ProblemCode => {
  if (error instanceof CorruptStore) return error.code === 'not-compared' ? 'unavailable' : 'unreadable-record';
  if (!(error instanceof StoreUnavailable)) return 'internal';
  return error.code === 'store-unavailable' ? 'unavailable' : error.code;
};

/**
 * Returns a refusal as it is, 503 for the store, 500 for a defect. A 5xx carries no detail and is logged whole, except a full disk and a
 * clock that is behind, which `/readyz` reports: they are logged as one line a request. `where`: method and route pattern, never the
 * address itself, which can hold a secret.
 */
export const errorAnswer = (logger: Logger, error: unknown, where: string): Answer => {
  if (error instanceof Refused) return error.answer;
  const code = codeOf(error);
  if (code === 'disk-low' || code === 'clock-behind') logger({ level: 'warn', event: 'request refused', where, code });
  else logger({ level: 'error', event: 'request failed', where, error: errorFields(error) });
  return problemAnswer(code);
};

export const onError =
  (logger: Logger) =>
  (error: unknown, context: Context): Response =>
    toResponse(errorAnswer(logger, error, `${context.req.method} ${context.req.routePath}`));

export const notFound = (): Response => toResponse(problemAnswer('not-found', { detail: 'no route has this address' }));

/** Answers every other method of a path: 405 with `Allow`, or for OPTIONS `Allow` alone. */
export const methodRefused = (method: string | undefined, methods: readonly string[]): Answer => {
  const allow = [...methods, 'OPTIONS'].join(', ');
  return method === 'OPTIONS'
    ? { status: 204, headers: { allow }, body: '' }
    : problemAnswer('method-not-allowed', { detail: `allowed here: ${allow}`, headers: { allow } });
};

/** `methods` includes HEAD. */
export const onlyMethods =
  (methods: readonly string[]) =>
  (context: Context): Response =>
    toResponse(methodRefused(context.req.method, methods));
