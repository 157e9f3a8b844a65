import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/** Requests that may wait on one connection. Browsers and proxies send the next one after the answer. */
const WAITING_MAX = 100;

/**
 * Returns a listener that begins one request in a turn of the event loop, and of one connection none before the last is answered. What
 * is answered past it then waits for one page, not for all that arrived together, and who sends many at once waits alone.
 */
export const oneATurn = (listener: RequestListener): RequestListener => {
  const ready: (() => void)[] = [];
  const connections = new WeakMap<IncomingMessage['socket'], { last: ServerResponse; waiting: number }>();
  let isBusy = false;
  const begin = (): void => {
    const next = ready.shift();
    isBusy = next !== undefined;
    if (next === undefined) return;
    setImmediate(begin);
    next();
  };
  return (request, response) => {
    const { socket } = request;
    const run = (): void => {
      ready.push(() => void (socket.destroyed || listener(request, response)));
      if (!isBusy) begin();
    };
    const before = connections.get(socket);
    if (before === undefined || before.last.closed) {
      connections.set(socket, { last: response, waiting: 0 });
      run();
      return;
    }
    before.last.once('close', run);
    connections.set(socket, { last: response, waiting: before.waiting + 1 });
    if (before.waiting >= WAITING_MAX) socket.destroy();
  };
};
