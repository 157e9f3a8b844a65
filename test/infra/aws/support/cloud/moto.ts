import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { simpleParser } from 'mailparser';
import type { JsonValue } from '../../../../../domain/kernel/json.ts';
import { freePort } from '../../../../../infra/demo/city.ts';
import type { Pattern } from '../eventPattern.ts';
import type { Answer, Asked, ReadMail } from './answer.ts';

// moto is a program in Python by others that answers as AWS does. What Debian has of it, with the two packages that its server and its bus
// need besides.
const PACKAGES = { moto: 'python3-moto', flask_cors: 'python3-flask-cors', jsonpath_ng: 'python3-jsonpath-ng' };
const MODULES = '/usr/lib/python3/dist-packages';
const SERVER = '/usr/bin/moto_server';
const POLL_MS = 50;
const REGION = 'us-west-2';
const ACCOUNT = '123456789012';
const MESSAGES_MAX = 10;

/** Why there is no foreign AWS here, and how that is changed; undefined where there is one. */
export const motoMissing = (): string | undefined => {
  const missing = Object.entries(PACKAGES).flatMap(([module, name]) => (existsSync(`${MODULES}/${module}`) ? [] : [name]));
  return missing.length === 0 && existsSync(SERVER)
    ? undefined
    : `a foreign AWS is missing: apt-get install --no-install-recommends ${Object.values(PACKAGES).join(' ')}`;
};

/** A rule's events, each once. */
type Heard = () => Promise<readonly JsonValue[]>;

export type Moto = Awaited<ReturnType<typeof openMoto>>;

/** moto finds the service in the scope of the credential, and checks no signature. */
const headersFor = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=none`,
});

/**
 * moto takes several matchers of one field as all of them, where AWS takes any of them: returns patterns that mean together, with one
 * matcher a field, what the given one means.
 */
const apart = (pattern: Pattern): readonly Pattern[] =>
  Object.entries(pattern).reduce<readonly Pattern[]>(
    (all, [field, part]) => {
      const isOne = Array.isArray(part) && part.every((each) => typeof each === 'string');
      const choices = Array.isArray(part) ? (isOne ? [part] : part.map((each) => [each])) : apart(part as Pattern);
      return all.flatMap((each) => choices.map((choice) => ({ ...each, [field]: choice })));
    },
    [{}],
  );

const start = async (): Promise<{ readonly child: ChildProcess; readonly endpoint: string }> => {
  const port = await freePort();
  const child = spawn(SERVER, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const answers = () => fetch(`${endpoint}/moto-api/`).catch(() => undefined);
  while ((await answers()) === undefined) {
    if (child.exitCode !== null) throw new Error('moto ended at once');
    await sleep(POLL_MS);
  }
  return { child, endpoint };
};

const callsAt =
  (endpoint: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: what AWS answers.
  async (service: string, target: string, body: unknown): Promise<any> => {
    const headers = { ...headersFor(service), 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' };
    const response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${target}: ${response.status} ${text}`);
    return text === '' ? {} : JSON.parse(text);
  };
type Calls = ReturnType<typeof callsAt>;

/** With the instant in seconds, where moto has a text without a zone. */
// biome-ignore lint/suspicious/noExplicitAny: a record of a stream.
const asLambdaHas = ({ dynamodb, ...record }: any) => {
  const instant = Date.parse(`${dynamodb.ApproximateCreationDateTime}Z`);
  return { ...record, dynamodb: { ...dynamodb, ApproximateCreationDateTime: Math.floor(instant / 1_000) } };
};

/** The stream of a table, as Lambda reads it: each record once. */
const streamOf = (call: Calls, table: string) => {
  const ask = (operation: string, body: unknown) => call('dynamodb', `DynamoDBStreams_20120810.${operation}`, body);
  let iterator: string | undefined;
  const first = async () => {
    const [{ StreamArn }] = (await ask('ListStreams', { TableName: table })).Streams;
    const [{ ShardId }] = (await ask('DescribeStream', { StreamArn })).StreamDescription.Shards;
    return (await ask('GetShardIterator', { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' })).ShardIterator;
  };
  return async () => {
    iterator ??= await first();
    const { Records: records, NextShardIterator: next } = await ask('GetRecords', { ShardIterator: iterator, Limit: 1_000 });
    iterator = next;
    return records.map(asLambdaHas);
  };
};

/** A rule whose events a queue keeps until they are read. */
const ruleWith =
  (call: Calls) =>
  async (bus: string, name: string, pattern: Pattern): Promise<Heard> => {
    const queues = await Promise.all(
      apart(pattern).map(async (part, index) => {
        const each = `${name}-${index}`;
        const { QueueUrl: url } = await call('sqs', 'AmazonSQS.CreateQueue', { QueueName: each });
        const rule = { Name: each, EventBusName: bus, EventPattern: JSON.stringify(part) };
        await call('events', 'AWSEvents.PutRule', rule);
        const targets = [{ Id: 'queue', Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${each}` }];
        await call('events', 'AWSEvents.PutTargets', { Rule: each, EventBusName: bus, Targets: targets });
        return String(url);
      }),
    );
    const read = async (QueueUrl: string): Promise<readonly JsonValue[]> => {
      const received = await call('sqs', 'AmazonSQS.ReceiveMessage', { QueueUrl, MaxNumberOfMessages: MESSAGES_MAX });
      const messages: readonly { readonly Body: string; readonly ReceiptHandle: string }[] = received.Messages ?? [];
      for (const { ReceiptHandle } of messages) await call('sqs', 'AmazonSQS.DeleteMessage', { QueueUrl, ReceiptHandle });
      const events = messages.map(({ Body: body }) => JSON.parse(body) as JsonValue);
      return messages.length === 0 ? events : [...events, ...(await read(QueueUrl))];
    };
    return async () => {
      const heard: JsonValue[] = [];
      for (const url of queues) heard.push(...(await read(url)));
      return heard;
    };
  };

const PASSED = /^(?:authorization|content-type|if-|x-amz-)/;

/** Hands a request on as it came. A put of S3 with `If-Match`, which this moto does not know, is compared here. */
const forwarder =
  (endpoint: string) =>
  async ({ method, url, headers, body }: Asked): Promise<Answer> => {
    const passed = Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (PASSED.test(name) ? [[name, String(value)]] : [])),
    );
    const match = headers['if-match'];
    if (method === 'PUT' && match !== undefined) {
      const there = await fetch(`${endpoint}${url}`, { method: 'HEAD', headers: headersFor('s3') });
      if (there.headers.get('etag') !== match) return { status: 412, xml: '<Error><Code>PreconditionFailed</Code></Error>' };
    }
    const hasBody = method !== 'GET' && method !== 'HEAD';
    const response = await fetch(`${endpoint}${url}`, {
      method,
      headers: passed,
      ...(hasBody && { body: new Uint8Array(body) }),
    });
    const etag = response.headers.get('etag');
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()), ...(etag !== null && { etag }) };
  };

const inboxAt = (endpoint: string) => async (): Promise<readonly ReadMail[]> => {
  // biome-ignore lint/suspicious/noExplicitAny: what moto shows of itself.
  const { ses } = (await (await fetch(`${endpoint}/moto-api/data.json`)).json()) as any;
  const mails: readonly { readonly id: string; readonly destinations: readonly string[]; readonly raw_data: string }[] =
    ses?.RawMessage ?? [];
  return Promise.all(
    mails.map(async ({ id, destinations: to, raw_data: raw }) => {
      const { subject = '', text = '' } = await simpleParser(raw);
      return { messageId: id, destination: { to }, subject, body: { text } };
    }),
  );
};

const makeBucket = async (endpoint: string, bucket: string) => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new S3Client({ endpoint, region: REGION, credentials, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }));
  client.destroy();
};

/** Starts an AWS of others, empty: for DynamoDB, S3, the bus, SES and the secrets. */
export const openMoto = async () => {
  const { child, endpoint } = await start();
  const call = callsAt(endpoint);
  return {
    endpoint,
    call,
    forward: forwarder(endpoint),
    inbox: inboxAt(endpoint),
    object: async (place: string): Promise<Buffer> => {
      const response = await fetch(`${endpoint}/${place}`, { headers: headersFor('s3') });
      return Buffer.from(await response.arrayBuffer());
    },
    makeBucket: (bucket: string) => makeBucket(endpoint, bucket),
    makeSecret: (Name: string, SecretString: string) =>
      call('secretsmanager', 'secretsmanager.CreateSecret', { Name, SecretString }),
    makeBus: (Name: string) => call('events', 'AWSEvents.CreateEventBus', { Name }),
    /** As the city proves its domain; this moto's second version of the API of SES does not know identities. */
    verifyDomain: async (domain: string) => {
      const body = new URLSearchParams({ Action: 'VerifyDomainIdentity', Domain: domain });
      const { status } = await fetch(endpoint, { method: 'POST', headers: headersFor('ses'), body });
      if (status !== 200) throw new Error(`${domain} is not verified: ${status}`);
    },
    rule: ruleWith(call),
    recordsOf: (table: string) => streamOf(call, table),
    stop: async () => {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
};
