import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './processes.ts';

// The load generator, in a process of its own. It writes finished bytes to sockets and looks at no more of the answers than it
// must, so that on few cores it takes little from the server: one connection a client, one request at a time on each.

/** A number of clients that send these requests, each as soon as its last one was answered. */
export interface Load {
  readonly port: number;
  readonly clients: number;
  readonly requests: readonly Uint8Array[];
  /** How often each of the requests is sent. */
  readonly times: number;
  /** Time after which no more is sent, so that a slow disk makes a round smaller, not longer. */
  readonly msMax: number;
  readonly status: number;
  /** A client beside them that asks at intervals and measures how long each answer takes. */
  readonly probe?: Probe;
}

/** One request, sent `everyMs` after its last answer. */
export interface Probe {
  readonly request: Uint8Array;
  readonly everyMs: number;
  readonly status: number;
}

export interface Loaded {
  readonly sent: number;
  readonly perSecond: number;
  /** The milliseconds that each answer to the probe took, ascending. */
  readonly probedMs: readonly number[];
}

const HEAD_END = '\r\n\r\n';

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Returns the answer at the start of the received bytes; undefined until it is complete. */
const wholeAnswer = (received: string): Answer | undefined => {
  const head = received.indexOf(HEAD_END);
  if (head < 0) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, head + 2))?.[1];
  if (length === undefined) throw new Error(`an answer without a length: ${received.slice(0, 500)}`);
  if (received.length < head + HEAD_END.length + Number(length)) return undefined;
  return { status: Number(received.slice(9, 12)), text: received };
};

type Next = () => Uint8Array | undefined | Promise<Uint8Array | undefined>;

const client = (port: number, next: Next, status: number): Promise<void> =>
  new Promise((resolve, reject) => {
    let received = '';
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const write = (request: Uint8Array | undefined): void => {
      if (request === undefined) {
        socket.destroy();
        resolve();
      } else socket.write(request);
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
      const answer = wholeAnswer(received);
      if (answer === undefined) return;
      received = '';
      if (answer.status === status) send();
      else reject(new Error(`answered ${answer.text.slice(0, 1_000)}`));
    });
  });

/** Sends the probe until `over`; returns the milliseconds of each answer, ascending. */
const probing = async (port: number, { request, everyMs, status }: Probe, over: () => boolean): Promise<readonly number[]> => {
  const took: number[] = [];
  let asked: number | undefined;
  const next = async (): Promise<Uint8Array | undefined> => {
    if (asked !== undefined) took.push(performance.now() - asked);
    await sleep(everyMs);
    asked = performance.now();
    return over() ? undefined : request;
  };
  await client(port, next, status);
  return took.sort((one, other) => one - other);
};

const run = async ({ port, clients, requests, times, msMax, status, probe }: Load): Promise<Loaded> => {
  const total = requests.length * times;
  let [sent, over] = [0, false];
  const started = performance.now();
  const next = () => {
    if (sent >= total || performance.now() - started > msMax) return undefined;
    sent += 1;
    return requests[sent % requests.length];
  };
  const probed = probe === undefined ? [] : probing(port, probe, () => over);
  // Without other clients the probe has the whole time.
  if (clients === 0) await sleep(msMax);
  await Promise.all(Array.from({ length: clients }, () => client(port, next, status)));
  const perSecond = (sent * 1_000) / (performance.now() - started);
  over = true;
  return { sent, perSecond, probedMs: await probed };
};

process.on('message', (load) => {
  run(load as Load).then(say, (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
});
say({ ready: true });
