import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Load, serve } from '../processes.ts';

// The load generator, in a process of its own. It writes finished bytes to sockets and looks at no more of the answers than it
// must, so that on few cores it takes little from the server: one connection a client, one request at a time on each.

const HEAD_END = '\r\n\r\n';

const isWhole = (received: string) => {
  const head = received.indexOf(HEAD_END);
  if (head < 0) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, head + 2))?.[1];
  if (length === undefined) throw new Error(`an answer without a length: ${received.slice(0, 500)}`);
  return received.length >= head + HEAD_END.length + Number(length);
};

/** Returns how long each answer took. */
serve({}, async ({ port, clients, requests, status, pauseMs = 0 }: Load): Promise<readonly number[]> => {
  const left = requests.values();
  const tookMs: number[] = [];
  const client = async () => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1');
    const chunks = socket[Symbol.asyncIterator]();
    for (const request of left) {
      if (pauseMs > 0) await sleep(pauseMs);
      const asked = performance.now();
      socket.write(request);
      let received = '';
      while (!isWhole(received)) {
        const { done, value } = await chunks.next();
        if (done === true) throw new Error('the server closed the connection');
        received += value;
      }
      tookMs.push(performance.now() - asked);
      if (Number(received.slice(9, 12)) !== status) throw new Error(`answered ${received.slice(0, 1_000)}`);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return tookMs;
});
