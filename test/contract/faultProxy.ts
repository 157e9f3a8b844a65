import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/**
 * What may go wrong between a client and a service: the request never arrives; it is carried out, but the answer gets lost, comes
 * cut off, or comes after the client has stopped waiting; it is refused for now; the service fails before or after carrying it out.
 */
export type Fault = 'request-lost' | 'response-lost' | 'half-response' | 'slow' | 'throttled' | 'failed' | 'failed-but-persisted';
export const FAULTS: readonly Fault[] = [
  'request-lost',
  'response-lost',
  'half-response',
  'slow',
  'throttled',
  'failed',
  'failed-but-persisted',
];

export interface FaultProxy {
  readonly endpoint: string;
  /** Operations seen since the last {@link takeCalls}, in order, faulty ones included. */
  readonly takeCalls: () => string[];
  /** What to do to each call from now on: its name and how many of that name were seen before. */
  readonly plan: (choose: (operation: string, index: number) => Fault | undefined) => void;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

/** Longer than a client of DynamoDB waits here, see `TRY_MS_MAX` in functions/store/dynamo/retrying.ts. */
const SLOW_MS = 2_000;

/** An HTTP proxy in front of `target` (a service of AWS with JSON) that does to each call what the plan says. */
export const startFaultProxy = async (target: string): Promise<FaultProxy> => {
  let calls: string[] = [];
  let seen = new Map<string, number>();
  let choose: (operation: string, index: number) => Fault | undefined = () => undefined;
  const server = createServer((incoming, outgoing) => {
    const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
    const index = seen.get(operation) ?? 0;
    seen.set(operation, index + 1);
    calls.push(operation);
    relay(target, incoming, outgoing, choose(operation, index)).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    takeCalls: () => {
      const taken = calls;
      calls = [];
      return taken;
    },
    plan: (next) => {
      choose = next;
      seen = new Map();
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

const relay = async (
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: Fault | undefined,
): Promise<void> => {
  const body = await bytesOf(incoming);
  if (fault === 'request-lost') return void outgoing.destroy();
  if (fault === 'throttled') return refuse(outgoing, 400, 'ProvisionedThroughputExceededException');
  if (fault === 'failed') return refuse(outgoing, 500, 'InternalServerError');
  const answer = await forward(target, incoming, body);
  if (fault === 'response-lost') return void outgoing.destroy();
  if (fault === 'failed-but-persisted') return refuse(outgoing, 500, 'InternalServerError');
  if (fault === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
  outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
  if (fault === 'half-response') {
    outgoing.write(answer.body.subarray(0, answer.body.length >> 1), () => outgoing.destroy());
    return;
  }
  outgoing.end(answer.body);
};

const refuse = (outgoing: ServerResponse, status: number, name: string): void => {
  outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  outgoing.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'as the test planned' }));
};

const forward = async (target: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> => {
  const upstream = request(new URL(url ?? '/', target), { method, headers });
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
