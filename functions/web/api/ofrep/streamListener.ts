import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Answer, problemAnswer } from '../../http/problems.ts';
import { JSON_HEADERS } from '../../http/respond.ts';
import { FLAG_CORS } from './context.ts';
import { type EventStreams, STREAM_PATH } from './eventStreams.ts';

/** A client that does not read what it is sent is let go, and connects again. */
const UNREAD_BYTES_MAX = 65_536;

const STREAM_HEADERS = {
  ...JSON_HEADERS,
  ...FLAG_CORS,
  'content-type': 'text/event-stream',
  // A proxy that collects an answer before it passes it on would hold events back.
  'x-accel-buffering': 'no',
};

const refuse = (response: ServerResponse, { status, headers, body }: Answer): void =>
  void response.writeHead(status, { ...JSON_HEADERS, ...FLAG_CORS, ...headers }).end(body);

const open = async (streams: EventStreams, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const [capability = ''] = (request.url ?? '').slice(STREAM_PATH.length).split('?');
  const admitted = await streams.admit(capability);
  if (admitted === 'unknown') return refuse(response, problemAnswer('not-found', { detail: 'this stream is over', status: 403 }));
  if (admitted === 'too-many') return refuse(response, problemAnswer('too-many-tries', { detail: 'too many streams are open' }));
  if (response.destroyed) return;
  response.writeHead(200, STREAM_HEADERS);
  const close = admitted({
    write: (text) => {
      // What was ended with something unread is open until it is read; a write would then fail.
      if (response.writableEnded || response.writableLength > UNREAD_BYTES_MAX) response.destroy();
      else response.write(text);
    },
    end: () => void (response.writableLength > 0 ? response.destroy() : response.end()),
  });
  response.once('close', close);
};

/** Returns a listener for node:http that serves event streams and passes on all other requests. */
export const withStreams =
  (streams: EventStreams, otherwise: RequestListener): RequestListener =>
  (request, response) => {
    if (request.method === 'GET' && request.url?.startsWith(STREAM_PATH) === true)
      void open(streams, request, response).catch(() => response.destroy());
    else otherwise(request, response);
  };
