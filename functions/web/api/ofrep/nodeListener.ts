import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Answer, problemAnswer } from '../../http/problems.ts';
import { JSON_HEADERS } from '../../http/respond.ts';
import { CONTEXT_BYTES_MAX } from './context.ts';
import { FLAG_CORS } from './cors.ts';
import { FLAG_HEADERS, FLAG_PATH, type FlagEvaluator } from './evaluateFlag.ts';

/** Reads the body of a plain request and passes it on; undefined if it is larger than a context may be. Of one that breaks off, nothing. */
const readBody = (request: IncomingMessage, to: (body: Buffer | undefined) => void): void => {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= CONTEXT_BYTES_MAX) chunks.push(chunk);
  });
  request.on('end', () => to(length > CONTEXT_BYTES_MAX ? undefined : chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
};

/** The headers of every success, in the flat form that node:http does not check one by one. */
const GOOD_HEADERS: readonly string[] = Object.entries({ ...JSON_HEADERS, ...FLAG_CORS, ...FLAG_HEADERS }).flat();

const send = (response: ServerResponse, { status, headers, body }: Answer): void => {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.byteLength(body);
  const length = String(bytes);
  if (headers === FLAG_HEADERS) response.writeHead(status, [...GOOD_HEADERS, 'content-length', length]);
  else response.writeHead(status, { ...JSON_HEADERS, ...FLAG_CORS, ...headers, 'content-length': length });
  // A text of as many bytes as characters is the same in both encodings, and this one is copied as it is.
  response.end(body, bytes === body.length ? 'latin1' : 'utf8');
};

/** Returns the key in the address of a plain evaluation; undefined for a request that the router must handle. */
const keyOf = ({ method, url = '', headers }: IncomingMessage): string | undefined => {
  if (method !== 'POST' || !url.startsWith(FLAG_PATH) || headers['content-encoding'] !== undefined) return undefined;
  const key = url.slice(FLAG_PATH.length);
  // Anything but plain characters is decoded by the router, in one place.
  return /^[a-z0-9.-]+$/.test(key) ? key : undefined;
};

const single = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'object' ? value.join(', ') : value;

/**
 * Returns a listener for node:http that answers evaluations of one flag itself and passes on all other requests: the router and the
 * Request and Response of the fetch standard take longer than the evaluation.
 */
export const withShortPath =
  (evaluate: FlagEvaluator, otherwise: RequestListener): RequestListener =>
  (request, response) => {
    const key = keyOf(request);
    if (key === undefined) {
      otherwise(request, response);
      return;
    }
    const header = (name: string) => single(request.headers[name]);
    const answerTo = (body: Buffer | undefined): Answer | Promise<Answer> =>
      body === undefined
        ? problemAnswer('body-too-large', { detail: `at most ${CONTEXT_BYTES_MAX} bytes are taken here` })
        : evaluate({ key, header, connection: request.socket, body: () => body });
    readBody(request, (body) => {
      const answer = answerTo(body);
      if (answer instanceof Promise) void answer.then((answered) => send(response, answered));
      else send(response, answer);
    });
  };
