import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type Call, callOf, type Service } from './wire/call.ts';
import { entriesRefused, keysUnprocessed, REFUSALS, type Refusal } from './wire/refusals.ts';

/**
 * A fault between a client and a service: the request never arrives; it is executed, but the answer is lost, cut off, or arrives after the
 * client has stopped waiting; it is refused for now; the service fails before or after executing it; it succeeds without any of its
 * entries, or returns half or all of its keys unprocessed.
 */
export type Fault =
  | 'request-lost'
  | 'response-lost'
  | 'half-response'
  | 'slow'
  | 'throttled'
  | 'failed'
  | 'failed-but-persisted'
  | 'entries-refused'
  | 'half-unprocessed'
  | 'all-unprocessed';
export const FAULTS: readonly Fault[] = [
  'request-lost',
  'response-lost',
  'half-response',
  'slow',
  'throttled',
  'failed',
  'failed-but-persisted',
];

/** Faults after which the client cannot know that the request was executed. */
export const DONE_UNTOLD: ReadonlySet<Fault> = new Set(['response-lost', 'half-response', 'slow', 'failed-but-persisted']);

/** Calls that change nothing: for these a lost answer equals a lost request, and a failure before execution equals one after it. */
const READS = new Set(['BatchGetItem', 'GetItem', 'GetObject', 'GetPublicKey', 'GetSecretValue', 'ListObjectsV2', 'Query']);

export const isRead = ({ operation }: Call): boolean => READS.has(operation);

/** The faults that only BatchGetItem has: it succeeds as a whole and returns keys unprocessed. */
export const UNPROCESSED: readonly Fault[] = ['half-unprocessed', 'all-unprocessed'];

/** Returns the faults that differ for a call. Only PutEvents can succeed as a whole and refuse single entries. */
export const faultsOf = (call: Call): readonly Fault[] => {
  if (call.operation === 'PutEvents') return [...FAULTS, 'entries-refused'];
  return isRead(call) ? FAULTS.filter((fault) => fault !== 'response-lost' && fault !== 'failed-but-persisted') : FAULTS;
};

/** A call as seen. `index`: how many calls of the same name came before it in the lane; `nth`: its number among all calls. */
export interface Seen extends Call {
  readonly index: number;
  readonly nth: number;
}

type Choose = (seen: Seen) => Fault | undefined;

export interface FaultProxy {
  readonly endpoint: string;
  /** Calls seen since the last {@link takeCalls}, in order, faulty ones included. */
  readonly takeCalls: (lane?: string) => Call[];
  /** The number of all calls seen so far. */
  readonly seen: (lane?: string) => number;
  /** Sets the faults of the calls from now on. */
  readonly plan: (choose: Choose, lane?: string) => void;
  readonly close: () => Promise<void>;
}

/** Longer than the clients wait: TRY_MS_MAX in functions/platform/store/dynamo/retrying.ts, ANSWER_MS_MAX in functions/handlers/runtime/environment.ts. */
const slowMs = (service: Service): number => (service === 'DynamoDB' ? 2_000 : 3_400);

interface Lane {
  calls: Call[];
  readonly seen: Map<string, number>;
  /** Calls since the last plan. */
  nth: number;
  total: number;
  choose: Choose;
}

const newLane = (choose: Choose = () => undefined): Lane => ({ calls: [], seen: new Map(), nth: 0, total: 0, choose });

/** Counts a call and returns its fault, if any. */
const enter = (lane: Lane, call: Call): Fault | undefined => {
  const index = lane.seen.get(call.operation) ?? 0;
  const nth = lane.nth;
  lane.seen.set(call.operation, index + 1);
  lane.nth += 1;
  lane.total += 1;
  lane.calls.push(call);
  return lane.choose({ ...call, index, nth });
};

/**
 * Starts an HTTP proxy in front of AWS, or of one of its services, that applies the planned fault to each call. `laneOf` returns the lane
 * of a request, so that several callers can work side by side.
 */
export const startFaultProxy = async (
  target: string | ((call: Call) => string),
  laneOf: (text: string) => string = () => '',
): Promise<FaultProxy> => {
  const lanes = new Map<string, Lane>();
  const laneAt = (name: string): Lane => {
    const lane = lanes.get(name) ?? newLane();
    lanes.set(name, lane);
    return lane;
  };
  const server = createServer((incoming, outgoing) => {
    const work = async (): Promise<void> => {
      const body = await bytesOf(incoming);
      const call = callOf(incoming, body);
      const lane = laneAt(laneOf(`${incoming.url} ${body.toString('latin1')}`));
      await relay(typeof target === 'string' ? target : target(call), { incoming, outgoing, body }, call, enter(lane, call));
    };
    work().catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    takeCalls: (lane = '') => laneAt(lane).calls.splice(0),
    seen: (lane = '') => laneAt(lane).total,
    plan: (choose, lane = '') => {
      const { calls, total } = laneAt(lane);
      lanes.set(lane, { ...newLane(choose), calls, total });
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly body: Buffer;
}

const relay = async (
  target: string,
  { incoming, outgoing, body }: Exchange,
  { service }: Call,
  fault: Fault | undefined,
): Promise<void> => {
  if (fault === 'request-lost') return void outgoing.destroy();
  if (fault === 'throttled') return refuse(outgoing, REFUSALS[service].throttled);
  if (fault === 'failed') return refuse(outgoing, REFUSALS[service].failed);
  if (fault === 'entries-refused') return refuse(outgoing, entriesRefused(body));
  const answer = await forward(target, incoming, body);
  if (fault === 'response-lost') return void outgoing.destroy();
  if (fault === 'failed-but-persisted') return refuse(outgoing, REFUSALS[service].failed);
  if (fault === 'half-unprocessed') return refuse(outgoing, keysUnprocessed(body, answer.body, 'half'));
  if (fault === 'all-unprocessed') return refuse(outgoing, keysUnprocessed(body, answer.body, 'all'));
  if (fault === 'slow') await new Promise((resolve) => setTimeout(resolve, slowMs(service)));
  outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
  if (fault === 'half-response') {
    // A cut within an answer without a body is one within its head.
    if (answer.body.length === 0) return void outgoing.destroy();
    outgoing.write(answer.body.subarray(0, answer.body.length >> 1), () => outgoing.destroy());
    return;
  }
  outgoing.end(answer.body);
};

const refuse = (outgoing: ServerResponse, { status, headers, body }: Refusal): void => {
  outgoing.writeHead(status, headers);
  outgoing.end(body);
};

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

const forward = async (target: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> => {
  const upstream = request(`${target}${url ?? '/'}`, { method, headers });
  upstream.end(body);
  const [response] = (await once(upstream, 'response')) as [IncomingMessage];
  const { 'transfer-encoding': _, ...rest } = response.headers;
  return { status: response.statusCode ?? 502, headers: rest, body: await bytesOf(response) };
};

const bytesOf = async (stream: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};
