import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Hono } from 'hono';
import { expect, test, vi } from 'vitest';
import { httpHandler } from '../../../functions/handlers/runtime/httpHandler.ts';
import { publishDelayLine } from '../../../functions/handlers/runtime/invocation.ts';
import { ORIGIN_SECRET_HEADER, originSecretOf, readSecret } from '../../../functions/handlers/runtime/secrets.ts';
import { answering } from '../../support/listening.ts';

const app = new Hono();
app.all('/echo', async (context) => {
  const body = Buffer.from(await context.req.arrayBuffer()).toString('base64');
  return context.json({ headers: context.req.header(), body, query: context.req.query() });
});

app.get('/long/:quotes', (context) => context.json('"'.repeat(Number(context.req.param('quotes')))));

app.get('/keys/:key{.+}', (context) => context.text(context.req.param('key')));

app.get('/readyz', (context) => context.json({}));

const asked = { count: 0 };
const refresh = async () => {
  asked.count += 1;
};
let standing: Awaited<ReturnType<Parameters<typeof httpHandler>[1]>>['standing'] = 'open';
const handler = httpHandler(
  async (given) => given === 'the key',
  async () => ({ standing, made: { app, refresh } }),
);

const event = (headers: Readonly<Record<string, string>>, body?: string, isBase64Encoded = false) =>
  ({
    version: '2.0',
    rawPath: '/echo',
    rawQueryString: 'q=a%2Bb',
    headers,
    requestContext: { http: { method: body === undefined ? 'GET' : 'POST', path: '/echo' }, domainName: 'api.example' },
    ...(body !== undefined && { body }),
    isBase64Encoded,
  }) as unknown as APIGatewayProxyEventV2;

const SECRET = { [ORIGIN_SECRET_HEADER]: 'the key' };
const handled = (given: APIGatewayProxyEventV2) => handler(given, { awsRequestId: 'r' });

const ask = async (...given: Parameters<typeof event>) => {
  const { statusCode, body } = await handled(event(...given));
  return { status: statusCode, body: JSON.parse(body ?? '') };
};

const at = (path: string) => handled({ ...event(SECRET), rawPath: path });

test('the app sees every header but the origin secret', async () => {
  const headers = {
    origin: 'https://gate.example',
    'sec-fetch-site': 'same-origin',
    authorization: 'Bearer x',
    'if-none-match': '"e"',
  };
  const { status, body } = await ask({ ...headers, ...SECRET });
  expect({ status, headers: body.headers, query: body.query }).toEqual({ status: 200, headers, query: { q: 'a+b' } });
});

test.each([
  ['text', Buffer.from('{"a" :\t1}\r\n ü\n'), false],
  ['bytes that are no text', Buffer.from([0, 255, 254, 13, 10, 128]), true],
])('the app gets the body byte for byte: %s', async (_, bytes, encoded) => {
  const { body } = await ask(SECRET, bytes.toString(encoded ? 'base64' : 'utf8'), encoded);
  expect(body.body).toBe(bytes.toString('base64'));
});

test.each([
  ['importing', '60'],
  ['unknown', '5'],
] as const)('while the stage is %s only the paths of its health are answered', async (now, retryAfter) => {
  standing = now;
  asked.count = 0;
  const { statusCode, headers, body } = await at('/echo');
  expect([statusCode, headers?.['retry-after'], asked.count]).toEqual([503, retryAfter, 0]);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  expect(JSON.parse(body ?? '')).toMatchObject({ type: 'urn:aldergate:problem:unavailable', status: 503 });
  expect(await at('/readyz')).toMatchObject({ statusCode: 200 });
  standing = 'open';
});

test.each([
  'acme.lpr',
  'acme#x',
  'acme?agency=police',
  'acme\t',
  ' acme ',
  'acme\\x',
  'acme/x',
  '/acme',
  'acme/',
  '100%',
  'a%2fb',
  'ñ',
  '\ud800acme',
  'acme/../other',
  './other',
  'acme/..',
])('what an address names is read as it was sent, though the path comes decoded, and does not climb: %j', async (key) => {
  const sent = key.toWellFormed().replaceAll(/(?<=^|\/)\.+/g, (dots) => '%2e'.repeat(dots.length));
  expect((await at(`/keys/${key}`)).body).toBe(sent);
});

test('a line break in an address is not left out of it', async () => {
  expect((await at('/keys/acme\r\n')).statusCode).toBe(404);
});

test('an answer that Lambda would not take is refused, and says so', async () => {
  expect((await at('/long/1499900')).statusCode).toBe(200);
  const { statusCode, body } = await at('/long/1500000');
  expect(statusCode).toBe(413);
  expect(JSON.parse(body ?? '')).toMatchObject({
    type: 'urn:aldergate:problem:too-large',
    detail: expect.stringContaining('limit'),
  });
});

test('a line is what CloudWatch’s embedded metric format asks for', () => {
  expect(JSON.parse(publishDelayLine(1.5, 'town-sequencer', 1_700_000_000_000))).toStrictEqual({
    _aws: {
      Timestamp: 1_700_000_000_000,
      CloudWatchMetrics: [
        { Namespace: 'Aldergate', Dimensions: [['FunctionName']], Metrics: [{ Name: 'PublishDelay', Unit: 'Seconds' }] },
      ],
    },
    FunctionName: 'town-sequencer',
    PublishDelay: 1.5,
  });
});

/** A check whose time and accepted values the test sets; `looks` counts how often they were read. */
const setUp = (...first: readonly string[]) => {
  const world = { now: 0, keys: first as readonly string[] | Error, looks: 0 };
  const read = async () => {
    world.looks += 1;
    if (world.keys instanceof Error) throw world.keys;
    return world.keys;
  };
  return { world, check: originSecretOf(first, read, () => world.now) };
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

test('both values are accepted while CloudFront changes to the new one, and no other', async () => {
  const { check } = setUp('new', 'old');
  for (const given of [undefined, '', 'other', 'new ', 'New', 'ne', 'older']) expect(await check(given), given).toBe(false);
  expect([await check('new'), await check('old')]).toEqual([true, true]);
});

test('a value that was made since is accepted at its first request', async () => {
  const { world, check } = setUp('old');
  world.now = 11 * SECOND;
  world.keys = ['new', 'old'];
  expect([await check('new'), await check('old'), world.looks]).toEqual([true, true, 1]);
});

test('guesses cause one read and one line of the log in ten seconds, not one each', async () => {
  const { world, check } = setUp('key');
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  for (world.now = 0; world.now < 30 * SECOND; world.now += SECOND) expect(await check(`guess ${world.now}`)).toBe(false);
  expect(world.looks).toBe(2);
  expect(written.mock.calls.map(([line]) => JSON.parse(String(line)).event)).toEqual(Array(2).fill('origin secret refused'));
});

test('a revoked value is refused five minutes later', async () => {
  const { world, check } = setUp('new', 'old');
  world.keys = ['new'];
  world.now = 5 * MINUTE - 1;
  expect(await check('old')).toBe(true);
  world.now = 5 * MINUTE;
  expect([await check('old'), await check('new')]).toEqual([false, true]);
});

test('while the secret cannot be read, the known values stay accepted', async () => {
  const { world, check } = setUp('key');
  world.now = 10 * MINUTE;
  world.keys = new Error('away');
  expect([await check('key'), await check('other')]).toEqual([true, false]);
});

interface Answer {
  readonly status: number;
  readonly body: string;
}
const json = (status: number, body: unknown): Answer => ({ status, body: JSON.stringify(body) });
const fault = (status: number, type: string): Answer => json(status, { __type: type, message: 'hunter2' });

/** A secrets manager that gives these answers, in this order; `null`: the connection breaks. Returns what it is asked. */
const answeringWith = async (...answers: (Answer | null)[]): Promise<readonly unknown[]> => {
  const readings: unknown[] = [];
  const url = await answering((request, response) => {
    void request.toArray().then((chunks) => {
      readings.push(JSON.parse(Buffer.concat(chunks).toString()));
      const answer = answers.shift();
      if (!answer) return void request.socket.destroy();
      response.writeHead(answer.status).end(answer.body);
    });
  });
  const env = { ENDPOINT_URL: url, REGION: 'us-west-2', ACCESS_KEY_ID: 'AKID', SECRET_ACCESS_KEY: 'secret' };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(`AWS_${name}`, value);
  return readings;
};

test('a secret is read by its name and stage, and is undefined if it does not exist', async () => {
  const missing = fault(400, 'com.amazonaws.secretsmanager#ResourceNotFoundException');
  const readings = await answeringWith(json(200, { SecretString: 'value' }), missing);
  expect(await readSecret('origin', 'AWSPREVIOUS')).toBe('value');
  expect(await readSecret('gone')).toBeUndefined();
  expect(readings[0]).toStrictEqual({ SecretId: 'origin', VersionStage: 'AWSPREVIOUS' });
});

test('a broken connection and a failed answer are not the last word', async () => {
  await answeringWith(null, fault(500, 'InternalServiceError'), json(200, { SecretString: 'value' }));
  expect(await readSecret('key')).toBe('value');
});

test('a secret that may not be read is refused at once, with the kind of the error and nothing of the answer', async () => {
  const readings = await answeringWith(fault(400, 'AccessDeniedException'), { status: 200, body: 'hunter2' });
  await expect(readSecret('key')).rejects.toThrow(/^the secret key cannot be read: AccessDeniedException$/);
  await expect(readSecret('key')).rejects.toThrow(/^the secret key cannot be read: SyntaxError$/);
  expect(readings).toHaveLength(2);
});

test('what answers cannot be made, as while its files cannot be reached: 503, and nothing of the cause', async () => {
  const unopened = httpHandler(
    async () => true,
    async () => Promise.reject(new Error('the bucket is away')),
  );
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const { statusCode, headers, body } = await unopened(event({}), { awsRequestId: 'r' });
  expect([statusCode, headers?.['retry-after'], JSON.parse(body ?? '').type]).toEqual([
    503,
    '5',
    'urn:aldergate:problem:unavailable',
  ]);
  expect(body).not.toContain('bucket');
});
