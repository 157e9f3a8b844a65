import { createServer, type RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { onTestFinished } from 'vitest';
import { listened } from './listened.ts';

type Handle = (request: Request) => Response | Promise<Response>;

/** A server that listens before its application exists, because the application has to know its own address. */
interface Listening {
  readonly url: string;
  /** Sets what answers requests; before that every answer is 503. */
  readonly serve: (handle: Handle) => void;
  readonly close: () => Promise<void>;
}

/** Listens on a free port of this machine. */
export const listening = async (host: '127.0.0.1' | 'localhost' = '127.0.0.1'): Promise<Listening> => {
  let handle: Handle = () => new Response(null, { status: 503 });
  const listen = getRequestListener((request) => handle(request));
  const server = createServer((incoming, outgoing) => void listen(incoming, outgoing));
  const serve: Listening['serve'] = (given) => {
    handle = given;
  };
  return { ...(await listened(server, host)), serve };
};

/** Until the test is over; gives its address. */
export const answering = async (listener: RequestListener): Promise<string> => {
  const { url, close } = await listened(createServer(listener));
  onTestFinished(close);
  return url;
};
