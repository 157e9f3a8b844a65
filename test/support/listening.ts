import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { onTestFinished } from 'vitest';

type Handle = (request: Request) => Response | Promise<Response>;

/** A server that listens before its application exists, because the application has to know its own address. */
export interface Listening {
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
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    serve: (given) => {
      handle = given;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Answers requests on a free port until the test is over; gives its address. */
export const answering = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
