import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

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

/** Only PutEvents can succeed as a whole and refuse single entries. */
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
  readonly seen: (lane?: string) => number;
  /**
   * Whether a client left before it took an answer that no fault held up, since {@link plan}: this machine was too busy for its limits, and
   * nobody can say what the client knows.
   */
  readonly gaveUp: (lane?: string) => boolean;
  readonly plan: (choose: Choose, lane?: string) => void;
  readonly close: () => Promise<void>;
}

/**
 * Longer than the clients wait: SILENT_MS_MAX in functions/platform/store/dynamo/calls.ts, ANSWER_MS_MAX in
 * functions/handlers/runtime/environment.ts, LATE_MS_MAX in mailer.ts beside it.
 */
const slowMs = (service: Service) => (({ DynamoDB: 2_000, SES: 10_400 }) as Partial<Record<Service, number>>)[service] ?? 3_400;

interface Lane {
  calls: Call[];
  readonly seen: Map<string, number>;
  /** Calls since the last plan. */
  nth: number;
  total: number;
  gaveUp: boolean;
  choose: Choose;
}

/** What is asked minutes apart. */
const CLOSED_AFTER_EACH: ReadonlySet<Service> = new Set(['SecretsManager', 'SES']);

/**
 * The last call of a connection. `lane`: unless it met a fault, or the connection is closed anyway. A client that took its answer keeps
 * any other for a while.
 */
interface LastCall {
  readonly lane: Lane | undefined;
  answeredAt?: number;
}

/** Shorter than a client keeps an idle connection, which Node's server lets it for five seconds. */
const IDLE_MS = 3_500;

/** The tests hold the clocks of this process. */
const clock = () => Number(process.hrtime.bigint() / 1_000_000n);

const newLane = (choose: Choose = () => undefined): Lane => ({
  calls: [],
  seen: new Map(),
  nth: 0,
  total: 0,
  gaveUp: false,
  choose,
});

const enter = (lane: Lane, call: Call) => {
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
  const lastOn = new Map<Socket, LastCall>();
  const watch = (socket: Socket, last: LastCall) => {
    if (!lastOn.has(socket))
      socket.once('close', () => {
        const { lane, answeredAt } = lastOn.get(socket) ?? {};
        if (lane !== undefined && (answeredAt === undefined || clock() - answeredAt < IDLE_MS)) lane.gaveUp = true;
        lastOn.delete(socket);
      });
    lastOn.set(socket, last);
  };
  const server = createServer((incoming, outgoing) => {
    const work = async () => {
      const body = await bytesOf(incoming);
      const call = callOf(incoming, body);
      const lane = laneAt(laneOf(`${incoming.url} ${body.toString('latin1')}`));
      const fault = enter(lane, call);
      const last: LastCall = { lane: fault === undefined && !CLOSED_AFTER_EACH.has(call.service) ? lane : undefined };
      watch(incoming.socket, last);
      outgoing.once('finish', () => {
        last.answeredAt = clock();
      });
      await relay(typeof target === 'string' ? target : target(call), { incoming, outgoing, body }, call, fault);
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
    gaveUp: (lane = '') => laneAt(lane).gaveUp,
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

const relay = async (target: string, { incoming, outgoing, body }: Exchange, { service }: Call, fault: Fault | undefined) => {
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

const refuse = (outgoing: ServerResponse, { status, headers, body }: Refusal) => {
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

export type Service = 'DynamoDB' | 'EventBridge' | 'KMS' | 'S3' | 'SecretsManager' | 'SES';

/** One call of the SDK as seen on the wire. */
export interface Call {
  readonly service: Service;
  readonly operation: string;
  /** The table or index that a DynamoDB call names. */
  readonly table?: string;
  /** The first key in the call, such as the stream; the key of an object of S3. */
  readonly key?: string;
}

/** Services with a JSON protocol name themselves and the operation in a header. */
const TARGETS: Readonly<Record<string, Service>> = {
  AWSEvents: 'EventBridge',
  DynamoDB_20120810: 'DynamoDB',
  TrentService: 'KMS',
  secretsmanager: 'SecretsManager',
};

const MAILS = '/v2/email/outbound-emails';

/** Recognises the other services by method and address; the key of S3 is the path after the bucket. */
const restCall = (method: string, url: string): Call => {
  const { pathname, searchParams } = new URL(url, 'http://aws.invalid');
  if (pathname.endsWith(MAILS)) return { service: 'SES', operation: 'SendEmail' };
  if (searchParams.has('list-type')) return { service: 'S3', operation: 'ListObjectsV2' };
  const [, , ...key] = pathname.split('/');
  return { service: 'S3', operation: `${method.charAt(0)}${method.slice(1).toLowerCase()}Object`, key: key.join('/') };
};

interface TableCall {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly Key?: { readonly pk?: { readonly S?: string } };
  readonly Item?: { readonly pk?: { readonly S?: string } };
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly S?: string }>>;
}

const touched = (body: Buffer): Pick<Call, 'table' | 'key'> => {
  const {
    TableName,
    IndexName,
    RequestItems,
    Key,
    Item,
    ExpressionAttributeValues: values,
  } = JSON.parse(body.toString()) as TableCall;
  const table = TableName ?? Object.keys(RequestItems ?? {}).at(0) ?? '';
  const key = Key?.pk?.S ?? Item?.pk?.S ?? values?.[':stream']?.S ?? values?.[':kind']?.S;
  return { table: IndexName === undefined ? table : `${table}/${IndexName}`, ...(key !== undefined && { key }) };
};

interface Request {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Returns the call in a request to AWS. Throws on a service that the gate does not use. */
export const callOf = ({ method = 'GET', url = '/', headers }: Request, body?: Buffer): Call => {
  const [target = '', operation = ''] = String(headers['x-amz-target'] ?? '').split('.');
  if (target === '') return restCall(method, url);
  const service = TARGETS[target];
  if (service === undefined) throw new Error(`a call to ${target}, which is not known here`);
  return { service, operation, ...(service === 'DynamoDB' && body !== undefined && touched(body)) };
};

/** An answer by which a service refuses a call, as a whole or in parts. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const MESSAGE = 'as the test planned';

const json = (status: number, type: string, version: '1.0' | '1.1'): Refusal => ({
  status,
  headers: { 'content-type': `application/x-amz-json-${version}` },
  body: JSON.stringify({ __type: type, message: MESSAGE }),
});

const rest = (status: number, type: string): Refusal => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': type },
  body: JSON.stringify({ message: MESSAGE }),
});

const xml = (status: number, code: string): Refusal => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${MESSAGE}</Message></Error>`,
});

interface Refusals {
  /** Too many requests, for now. */
  readonly throttled: Refusal;
  readonly failed: Refusal;
}

/** From its API reference. */
export const REFUSALS: Readonly<Record<Service, Refusals>> = {
  DynamoDB: {
    throttled: json(400, 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException', '1.0'),
    failed: json(500, 'com.amazonaws.dynamodb.v20120810#InternalServerError', '1.0'),
  },
  EventBridge: { throttled: json(400, 'ThrottlingException', '1.1'), failed: json(500, 'InternalException', '1.1') },
  KMS: { throttled: json(400, 'ThrottlingException', '1.1'), failed: json(500, 'KMSInternalException', '1.1') },
  S3: { throttled: xml(503, 'SlowDown'), failed: xml(500, 'InternalError') },
  SecretsManager: { throttled: json(400, 'ThrottlingException', '1.1'), failed: json(500, 'InternalServiceError', '1.1') },
  SES: { throttled: rest(429, 'TooManyRequestsException'), failed: rest(500, 'InternalServiceErrorException') },
};

/** Returns EventBridge's answer when it accepts no entry of a request: 200, and a code for each. */
const entriesRefused = (request: Buffer): Refusal => {
  const { Entries: entries } = JSON.parse(request.toString()) as { readonly Entries: readonly unknown[] };
  const results = entries.map(() => ({ ErrorCode: 'InternalFailure', ErrorMessage: MESSAGE }));
  const body = JSON.stringify({ FailedEntryCount: results.length, Entries: results });
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body };
};

interface Asked {
  readonly Keys: readonly Item[];
}
type Item = Readonly<Record<string, unknown>>;

const placeOf = ({ pk, sk }: Item) => JSON.stringify([pk, sk]);

/**
 * Returns DynamoDB's answer to a BatchGetItem of which it processed none of the keys, or the first half: 200, and the others as
 * UnprocessedKeys. One key has no half: it is left. `answer`: what DynamoDB answered in fact.
 */
const keysUnprocessed = (request: Buffer, answer: Buffer, left: 'half' | 'all'): Refusal => {
  const { RequestItems: asked } = JSON.parse(request.toString()) as { readonly RequestItems: Readonly<Record<string, Asked>> };
  const { Responses: found = {} } = JSON.parse(answer.toString()) as {
    readonly Responses?: Readonly<Record<string, readonly Item[]>>;
  };
  const tables = Object.entries(asked).map(([table, { Keys, ...how }]) => {
    const processed = left === 'all' ? 0 : Math.floor(Keys.length / 2);
    const places = new Set(Keys.slice(0, processed).map(placeOf));
    const items = (found[table] ?? []).filter((item) => places.has(placeOf(item)));
    return { table, items, unprocessed: { ...how, Keys: Keys.slice(processed) } };
  });
  const body = JSON.stringify({
    Responses: Object.fromEntries(tables.map(({ table, items }) => [table, items])),
    UnprocessedKeys: Object.fromEntries(tables.map(({ table, unprocessed }) => [table, unprocessed])),
  });
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body };
};
