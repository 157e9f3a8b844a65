import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Deployment } from './deployment.ts';
import { allows, asksOf } from './iam.ts';

export interface BusEntry {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
}

export interface SentMail {
  readonly raw: Buffer;
  readonly to: readonly string[];
  readonly configuration: string;
}

/** AWS as far as the functions use it. DynamoDB is an engine behind it; the rest is kept for the test to look at. */
export interface Cloud {
  /** The endpoint of one caller: by its name its permissions are found. `operator` may do everything. */
  readonly endpointOf: (caller: string) => string;
  readonly secrets: Map<string, string>;
  /** What lies in the bucket, by key. */
  readonly objects: Map<string, Buffer>;
  /** Every commit that was written, in the order of the writes. */
  readonly written: { readonly stream: string; readonly version: number }[];
  readonly published: BusEntry[];
  readonly mails: SentMail[];
  /** Calls that the caller's policy does not allow. */
  readonly denied: string[];
  /** How many of the next entries the bus does not take. */
  failing: { entries: number };
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  /** JSON, unless the service speaks XML or bytes. */
  readonly body?: unknown;
  readonly xml?: string;
  readonly bytes?: Buffer;
  readonly etag?: string | undefined;
}

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => Buffer.concat(await request.toArray());

const DENIED: Answer = {
  status: 400,
  body: { __type: 'com.amazon.coral.service#AccessDeniedException', message: 'not authorized to perform this' },
};

const NO_SUCH_KEY: Answer = { status: 404, xml: '<Error><Code>NoSuchKey</Code></Error>' };

type State = Omit<Cloud, 'endpointOf' | 'close'>;
type Judge = (caller: string, action: string, resource: string, keys?: readonly string[]) => boolean;

/** The engine looks at the form of a signature, not whether it fits: the caller's own headers will do. */
const toDynamo = async (engine: string, { headers }: IncomingMessage, body: Buffer): Promise<Answer> => {
  const passed = ['authorization', 'content-type', 'x-amz-date', 'x-amz-target'].map((name) => [name, String(headers[name])]);
  const response = await fetch(engine, { method: 'POST', headers: Object.fromEntries(passed), body: new Uint8Array(body) });
  return { status: response.status, body: await response.json() };
};

const putEvents = (
  state: State,
  { Entries: entries }: { readonly Entries: readonly (BusEntry & { EventBusName: string })[] },
): Answer => {
  const results = entries.map((entry) => {
    if (state.failing.entries > 0) {
      state.failing.entries -= 1;
      return { ErrorCode: 'InternalFailure', ErrorMessage: 'not now' };
    }
    state.published.push(entry);
    return { EventId: `event-${state.published.length}` };
  });
  return { status: 200, body: { FailedEntryCount: results.filter((each) => 'ErrorCode' in each).length, Entries: results } };
};

const sendMail = (state: State, judge: Judge, caller: string, body: Buffer): Answer => {
  const { Content: content, Destination: to, ConfigurationSetName: configuration } = JSON.parse(body.toString());
  const arn = `arn:AWS::Partition:ses:us-west-2:AWS::AccountId:configuration-set/${configuration}`;
  if (!judge(caller, 'ses:SendRawEmail', arn)) return DENIED;
  state.mails.push({ raw: Buffer.from(content.Raw.Data, 'base64'), to: to.ToAddresses, configuration });
  return { status: 200, body: { MessageId: `mail-${state.mails.length}` } };
};

/** A bucket of its own for each caller's path: objects by key, with the conditions that S3 knows. */
const onObject = (state: State, judge: Judge, caller: string, request: IncomingMessage, body: Buffer): Answer => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3.invalid');
  const [, , bucket = '', ...segments] = pathname.split('/');
  const key = segments.join('/');
  const { method = '', headers } = request;
  if (key === '') {
    if (!judge(caller, 's3:ListBucket', bucket)) return DENIED;
    const found = [...state.objects.keys()].filter((each) => each.startsWith(searchParams.get('prefix') ?? ''));
    const contents = found.map((each) => `<Contents><Key>${each}</Key></Contents>`).join('');
    return { status: 200, xml: `<ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>` };
  }
  const action = { GET: 's3:GetObject', PUT: 's3:PutObject', DELETE: 's3:DeleteObject' }[method] ?? method;
  if (!judge(caller, action, `${bucket}/${key}`)) return DENIED;
  const known = state.objects.get(key);
  const etag = known && `"${createHash('md5').update(known).digest('hex')}"`;
  if (method === 'GET') return known === undefined ? NO_SUCH_KEY : { status: 200, bytes: known, etag };
  if (method === 'DELETE') state.objects.delete(key);
  else {
    const refused = headers['if-none-match'] === '*' ? known !== undefined : headers['if-match'] !== etag;
    if (refused) return { status: 412, xml: '<Error><Code>PreconditionFailed</Code></Error>' };
    state.objects.set(key, body);
  }
  return { status: method === 'DELETE' ? 204 : 200, xml: '' };
};

const answer = async (state: State, judge: Judge, engine: string, request: IncomingMessage): Promise<Answer> => {
  const [, caller = '', ...rest] = (request.url ?? '').split('/');
  const [service = '', operation = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
  const body = await bodyOf(request);
  if (rest.join('/') === 'v2/email/outbound-emails') return sendMail(state, judge, caller, body);
  if (service === '') return onObject(state, judge, caller, request, body);
  const call = JSON.parse(body.toString());
  if (service === 'secretsmanager') {
    if (!judge(caller, 'secretsmanager:GetSecretValue', call.SecretId)) return DENIED;
    return { status: 200, body: { SecretString: state.secrets.get(call.SecretId) } };
  }
  if (service === 'AWSEvents')
    return judge(caller, 'events:PutEvents', call.Entries[0].EventBusName) ? putEvents(state, call) : DENIED;
  const asks = asksOf(operation, call);
  if (!asks.every(({ action, resource, keys }) => judge(caller, action, resource, keys))) return DENIED;
  const got = await toDynamo(engine, request, body);
  if (operation === 'PutItem' && call.TableName === 'CommitsTable' && got.status === 200)
    state.written.push({ stream: call.Item.pk.S, version: Number(call.Item.sk.N) });
  return got;
};

/** Opens the cloud. Whatever a function is not allowed by its deployed policy is refused and noted. */
export const openCloud = async (engine: string, { functions }: Deployment): Promise<Cloud> => {
  const state: State = {
    secrets: new Map(),
    objects: new Map(),
    written: [],
    published: [],
    mails: [],
    denied: [],
    failing: { entries: 0 },
  };
  const judge: Judge = (caller, action, resource, keys = []) => {
    const statements = functions[caller as keyof typeof functions]?.statements ?? [];
    const allowed = caller === 'operator' || allows(statements, { action, resource, keys });
    if (!allowed) state.denied.push(`${caller}: ${action} on ${resource} ${keys.join(' ')}`);
    return allowed;
  };
  const server = createServer((request, response) => {
    void answer(state, judge, engine, request).then(
      ({ status, body, xml, bytes, etag }) => {
        const type = xml === undefined ? 'application/x-amz-json-1.0' : 'application/xml';
        response.writeHead(status, { 'content-type': type, ...(etag !== undefined && { etag }) });
        response.end(bytes ?? xml ?? JSON.stringify(body));
      },
      (error: unknown) => response.destroy(error as Error),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ...state,
    endpointOf: (caller) => `http://127.0.0.1:${port}/${caller}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
