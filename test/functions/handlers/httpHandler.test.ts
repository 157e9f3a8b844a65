import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { httpHandler } from '../../../functions/handlers/runtime/httpHandler.ts';
import { ORIGIN_SECRET_HEADER } from '../../../functions/handlers/runtime/secrets.ts';

const app = new Hono();
app.all('/echo', async (context) => {
  const body = Buffer.from(await context.req.arrayBuffer()).toString('base64');
  return context.json({ headers: context.req.header(), body, query: context.req.query() });
});

app.get('/readyz', (context) => context.json({}));

const asked = { count: 0 };
const refresh = async (): Promise<void> => {
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

const ask = async (...given: Parameters<typeof event>) => {
  const { statusCode, headers, body } = await handler(event(...given), { awsRequestId: 'r' });
  return { status: statusCode, type: headers?.['content-type'], body: JSON.parse(body ?? '') };
};

test.each([{}, { [ORIGIN_SECRET_HEADER]: 'guessed' }])(
  'a request without the origin secret is refused and reaches no route: %j',
  async (headers) => {
    asked.count = 0;
    const { status, type, body } = await ask(headers);
    expect({ status, type, asked: asked.count }).toEqual({ status: 403, type: 'application/problem+json', asked: 0 });
    expect(body).toEqual({ title: 'Not the public address', status: 403, detail: expect.any(String) });
  },
);

test('the app sees every header but the origin secret', async () => {
  const headers = {
    origin: 'https://gate.example',
    'sec-fetch-site': 'same-origin',
    authorization: 'Bearer x',
    'if-none-match': '"e"',
  };
  const { status, body } = await ask({ ...headers, [ORIGIN_SECRET_HEADER]: 'the key' });
  expect({ status, headers: body.headers, query: body.query }).toEqual({ status: 200, headers, query: { q: 'a+b' } });
});

test.each([
  ['text', Buffer.from('{"a" :\t1}\r\n ü\n'), false],
  ['bytes that are no text', Buffer.from([0, 255, 254, 13, 10, 128]), true],
])('the app gets the body byte for byte: %s', async (_, bytes, encoded) => {
  const { body } = await ask({ [ORIGIN_SECRET_HEADER]: 'the key' }, bytes.toString(encoded ? 'base64' : 'utf8'), encoded);
  expect(body.body).toBe(bytes.toString('base64'));
});

test.each([
  ['importing', '60'],
  ['unknown', '5'],
] as const)('while the stage is %s only the paths of its health are answered', async (now, retryAfter) => {
  standing = now;
  asked.count = 0;
  const secret = { [ORIGIN_SECRET_HEADER]: 'the key' };
  const { statusCode, headers, body } = await handler(event(secret), { awsRequestId: 'r' });
  expect({ statusCode, retryAfter: headers?.['retry-after'], asked: asked.count }).toEqual({
    statusCode: 503,
    retryAfter,
    asked: 0,
  });
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  expect(JSON.parse(body ?? '')).toMatchObject({ type: 'urn:aldergate:problem:unavailable', status: 503 });
  expect(await handler({ ...event(secret), rawPath: '/readyz' }, { awsRequestId: 'r' })).toMatchObject({ statusCode: 200 });
  standing = 'open';
});
