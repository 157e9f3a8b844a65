import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/** Requests that may wait on one connection. Browsers and proxies await the answer before the next one. */
const WAITING_MAX = 100;

/** How long waiting requests yield to arriving ones. Each turn accepts one new connection, whatever else it does. */
const PATIENCE_MS = 50;

/**
 * Returns a listener that begins one request in a turn of the event loop, and one of a connection only after its previous answer.
 * Other answers then wait for one page, not for all that arrived together, and a client that sends many at once delays only itself.
 */
export const listenOnePerTurn = (listener: RequestListener): RequestListener => {
  const waiting: (() => void)[] = [];
  let [isBusy, hasArrived, begunMs] = [false, false, 0];
  const begin = (work: () => void): void => {
    begunMs = performance.now();
    work();
  };
  const next = (): void => {
    const isEarly = hasArrived && performance.now() - begunMs < PATIENCE_MS;
    hasArrived = false;
    const work = isEarly ? undefined : waiting.shift();
    isBusy = isEarly || work !== undefined;
    if (isBusy) setImmediate(next);
    if (work !== undefined) begin(work);
  };
  // At once if none waits: a client that half-closes its connection after the request gets no answer in a later turn.
  const inTurn = (work: () => void): void => {
    if (isBusy) return void waiting.push(work);
    isBusy = true;
    setImmediate(next);
    begin(work);
  };
  const connections = new WeakMap<IncomingMessage['socket'], { last: ServerResponse; waiting: number }>();
  return (request, response) => {
    const { socket } = request;
    hasArrived = true;
    const run = (): void => inTurn(() => void (socket.destroyed || listener(request, response)));
    const connection = connections.get(socket);
    if (connection === undefined || connection.last.closed) {
      connections.set(socket, { last: response, waiting: 0 });
      run();
      return;
    }
    connection.last.once('close', () => {
      connection.waiting -= 1;
      run();
    });
    connection.last = response;
    connection.waiting += 1;
    if (connection.waiting > WAITING_MAX) socket.destroy();
  };
};
