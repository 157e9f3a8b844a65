import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Answer } from '../../http/problems.ts';
import { JSON_HEADERS } from '../../http/respond.ts';
import { CONTEXT_BYTES_MAX } from '../../routes/api/it.ts';
import { type ApiDeps, CHECKPOINT_HEADER } from '../bind.ts';
import { FLAG_CORS } from './flag.ts';
import { FLAG_PATH, flagEvaluator, keptFlags } from './keptFlags.ts';
import { GATE_PATH, gateAnswerer } from './status.ts';

/** Passes the body on at once if all of it has arrived. Passes nothing on if the request breaks off. */
const readBody = (request: IncomingMessage, to: (body: Buffer) => void): void => {
  // The whole body is one buffer, so no stream events are needed.
  if (request.complete) to((request.read() as Buffer | null) ?? Buffer.alloc(0));
  else {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk)).on('end', () => to(Buffer.concat(chunks)));
  }
};

const STATUS_HEADERS: readonly string[] = Object.entries(JSON_HEADERS).flat();
const ANSWER_HEADERS: readonly string[] = Object.entries({ ...JSON_HEADERS, ...FLAG_CORS }).flat();

/** `common`: headers in the flat form that node:http does not check one by one; `checkpoint`: see `CHECKPOINT_HEADER`. */
const send = (response: ServerResponse, answer: Answer, common: readonly string[], checkpoint: string | undefined): void => {
  if (response.headersSent || response.destroyed) return;
  const { status, headers, body } = answer;
  const flat = [...common, 'content-length', String(Buffer.byteLength(body))];
  if (checkpoint !== undefined) flat.push(CHECKPOINT_HEADER, checkpoint);
  for (const [name, value] of Object.entries(headers)) flat.push(name, value);
  response.writeHead(status, flat);
  response.end(body);
};

/** Undefined for a request that the router must handle. */
const keyOf = ({ method, url = '', headers }: IncomingMessage): string | undefined => {
  if (method !== 'POST' || !url.startsWith(FLAG_PATH) || headers['content-encoding'] !== undefined) return undefined;
  // So that a body ends at its declared length, which is refused unread if it is too large.
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > CONTEXT_BYTES_MAX) return undefined;
  const key = url.slice(FLAG_PATH.length);
  // Anything but plain characters is decoded by the router, in one place.
  return /^[a-z0-9.-]+$/.test(key) ? key : undefined;
};

const single = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'object' ? value.join(', ') : value;

/** Maximum answers cached here, to single questions; the router caches its own, to bulk questions. */
const FLAGS_MAX = 10_000;

/** `key` undefined: a request that is answered by the status alone. */
interface Exchange {
  readonly key: string | undefined;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Returns a node:http listener that answers single-flag evaluations itself and passes on all other requests: routing and the fetch
 * standard's Request and Response take longer than the evaluation. Requests that arrive in one turn of the event loop are answered at its
 * end, after the last socket was read, so that the store is asked for changes once for all of them, and after each was sent.
 */
export const withShortPath = (deps: ApiDeps, otherwise: RequestListener): RequestListener => {
  const kept = keptFlags({ ports: deps.ports }, FLAGS_MAX);
  const [evaluate, ask] = [flagEvaluator(deps, kept), gateAnswerer(deps, kept)];
  let arrived: Exchange[] = [];
  let last: IncomingMessage['socket'] | undefined;
  const sendTo = (response: ServerResponse, answered: Answer | Promise<Answer>, isStatus = false): void => {
    const common = isStatus ? STATUS_HEADERS : ANSWER_HEADERS;
    const sendNow = (answer: Answer): void => send(response, answer, common, deps.checkpoint());
    if (answered instanceof Promise) void answered.then(sendNow);
    else sendNow(answered);
  };
  const answer = ({ key, request, response }: Exchange): void => {
    const header = (name: string) => single(request.headers[name]);
    if (key === undefined) sendTo(response, ask({ target: request.url, header }), true);
    else readBody(request, (body) => sendTo(response, evaluate({ key, header, body: () => body })));
  };
  const answerArrived = (): void => {
    const exchanges = arrived;
    arrived = [];
    for (const exchange of exchanges) answer(exchange);
  };
  return (request, response) => {
    const key = keyOf(request);
    if (key === undefined && request.url?.startsWith(GATE_PATH) !== true) {
      otherwise(request, response);
      return;
    }
    const isFirst = arrived.push({ key, request, response }) === 1;
    const isAlone = request.socket === last;
    last = request.socket;
    if (!isFirst) return;
    // A single client has no others to wait for.
    if (isAlone) process.nextTick(answerArrived);
    else setImmediate(answerArrived);
  };
};
