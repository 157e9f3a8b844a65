import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerWith, say } from '../processes.ts';

// The load generator, in a process of its own. It writes finished bytes to sockets and looks at no more of the answers than it
// must, so that on few cores it takes little from the server: one connection a client, one request at a time on each.

/** A number of clients that send these requests, each once and as soon as its last one was answered. */
export interface Load {
  readonly port: number;
  readonly clients: number;
  readonly requests: readonly Uint8Array[];
  readonly status: number;
  readonly probe?: { readonly request: Uint8Array; readonly everyMs: number; readonly atLeastMs: number };
}

/** `probedMs`: how long each answer to the probe took, ascending. */
export interface Loaded {
  readonly probedMs: readonly number[];
}

const HEAD_END = '\r\n\r\n';

const isWhole = (received: string): boolean => {
  const head = received.indexOf(HEAD_END);
  if (head < 0) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, head + 2))?.[1];
  if (length === undefined) throw new Error(`an answer without a length: ${received.slice(0, 500)}`);
  return received.length >= head + HEAD_END.length + Number(length);
};

const client = (
  port: number,
  status: number,
  next: () => Promise<Uint8Array | undefined> | Uint8Array | undefined,
): Promise<void> =>
  new Promise((resolve, reject) => {
    let received = '';
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const write = (request: Uint8Array | undefined): void => {
      if (request !== undefined) return void socket.write(request);
      socket.destroy();
      resolve();
    };
    const send = (): void => {
      const request = next();
      if (request instanceof Promise) request.then(write, reject);
      else write(request);
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the connection')));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (!isWhole(received)) return;
      const isExpected = Number(received.slice(9, 12)) === status;
      if (!isExpected) reject(new Error(`answered ${received.slice(0, 1_000)}`));
      received = '';
      if (isExpected) send();
    });
  });

const probing = async (
  port: number,
  { request, everyMs }: NonNullable<Load['probe']>,
  isOver: () => boolean,
): Promise<number[]> => {
  const took: number[] = [];
  let asked: number | undefined;
  await client(port, 200, async () => {
    if (asked !== undefined) took.push(performance.now() - asked);
    await sleep(everyMs);
    asked = performance.now();
    return isOver() ? undefined : request;
  });
  return took.sort((one, other) => one - other);
};

answerWith(async ({ port, clients, requests, status, probe }: Load): Promise<Loaded> => {
  const left = requests.values();
  const next = () => left.next().value;
  let isOver = false;
  const probed = probe === undefined ? [] : probing(port, probe, () => isOver);
  await Promise.all([sleep(probe?.atLeastMs ?? 0), ...Array.from({ length: clients }, () => client(port, status, next))]);
  isOver = true;
  return { probedMs: await probed };
});
say({});
process.once('disconnect', () => process.exit(0));
