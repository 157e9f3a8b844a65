import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { failClosedGate, type GateAnswer } from '../../../infra/client/gate.ts';
import type { GateOptions } from '../../../infra/client/request.ts';
import { answering as serving } from '../../support/listening.ts';

const KEY = 'acme.lpr';
const YES = { key: KEY, value: true, variant: 'enabled', reason: 'STATIC', metadata: { validUntil: '2027-01-01T00:00:00.000Z' } };

const gateThat = async (listener: RequestListener) => {
  const asked: Record<'url' | 'method' | 'authorization' | 'body', string | undefined>[] = [];
  const url = await serving((request, response) => {
    const { url, method, headers } = request;
    void text(request).then((body) => {
      asked.push({ url, method, authorization: headers.authorization, body });
      listener(request, response);
    });
  });
  const client = (options: Partial<GateOptions> = {}) => failClosedGate({ url, token: 'ald_x', timeoutMs: 1_000, ...options });
  return { url, asked, client };
};

const answering =
  (status: number, body: string | Uint8Array, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);
const saying = (answer: unknown): RequestListener =>
  answering(200, JSON.stringify(answer), { 'content-type': 'application/json' });

test('a yes is a yes, and the question names the agency and the version', async () => {
  const { asked, client } = await gateThat(saying(YES));
  expect(await client().ask(KEY, { agency: 'police', version: '2.0' })).toStrictEqual({
    enabled: true,
    because: 'enabled',
    validUntil: '2027-01-01T00:00:00.000Z',
  } satisfies GateAnswer);
  expect(await client().isEnabled(KEY)).toBe(true);
  const question = { url: `/ofrep/v1/evaluate/flags/${KEY}`, method: 'POST', authorization: 'Bearer ald_x' };
  expect(asked).toStrictEqual([
    { ...question, body: '{"context":{"agency":"police","version":"2.0"}}' },
    { ...question, body: '{"context":{}}' },
  ]);
});

test('a no gives its reason, and says if the gate is ill', async () => {
  const { client } = await gateThat(saying({ ...YES, value: false, variant: 'revoked', metadata: {} }));
  expect(await client().ask(KEY)).toStrictEqual({ enabled: false, because: 'revoked' });
  const ill = await gateThat(saying({ ...YES, value: false, variant: 'unknown', metadata: { fault: true } }));
  expect(await ill.client().ask(KEY)).toStrictEqual({ enabled: false, because: 'unknown', fault: true });
});

const yes = JSON.stringify(YES);

test('a yes is read where a stream cannot be iterated, as in some browsers', async () => {
  const { body } = new Response(yes);
  if (body !== null) Object.defineProperty(body, Symbol.asyncIterator, { value: undefined });
  const fetch = () => Promise.resolve(new Response(body));
  expect(await failClosedGate({ url: 'https://gate.example', token: 'ald_x', fetch }).isEnabled(KEY)).toBe(true);
});

const FAULTS: readonly (readonly [name: string, listener: RequestListener, because: string, status?: number])[] = [
  ['401', answering(401, yes), 'refused', 401],
  ['500', answering(500, yes), 'refused', 500],
  ['503', answering(503, yes), 'refused', 503],
  ['201', answering(201, yes), 'refused', 201],
  ['204', answering(204, ''), 'refused', 204],
  ['a redirect', answering(307, '', { location: '/' }), 'unreachable'],
  ['nothing', answering(200, ''), 'unreadable'],
  ['no JSON', answering(200, '<html>yes</html>'), 'unreadable'],
  ['bytes that are no UTF-8', answering(200, Buffer.from([0xff, 0xfe])), 'unreadable'],
  ['half an answer', answering(200, yes.slice(0, -3)), 'unreadable'],
  ['null', saying(null), 'unreadable'],
  ['true', saying(true), 'unreadable'],
  ['a list', saying([YES]), 'unreadable'],
  ['another key', saying({ ...YES, key: 'acme' }), 'unreadable'],
  ['no key', saying({ ...YES, key: undefined }), 'unreadable'],
  ['a value that is a text', saying({ ...YES, value: 'true' }), 'unreadable'],
  ['a value that is 1', saying({ ...YES, value: 1 }), 'unreadable'],
  ['a yes for a reason that is none', saying({ ...YES, variant: 'pending' }), 'unreadable'],
  ['a yes without a reason', saying({ ...YES, variant: undefined }), 'unreadable'],
  ['a no that is called enabled', saying({ ...YES, value: false }), 'unreadable'],
  ['more than any answer', answering(200, yes + ' '.repeat(70_000)), 'unreachable'],
  ['a connection that is cut at once', (request) => void request.socket.destroy(), 'unreachable'],
  [
    'a connection that is cut in the middle',
    (_request, response) => {
      response.writeHead(200, { 'content-length': String(yes.length) });
      response.write(yes.slice(0, 20), () => response.destroy());
    },
    'unreachable',
  ],
];

test.each(FAULTS.map(([name, listener, because, status]) => ({ name, listener, because, status })))(
  '$name is a no',
  async ({ listener, because, status }) => {
    const { client } = await gateThat(listener);
    const answer = { enabled: false, because, ...(status !== undefined && { status }) };
    expect(await client().ask(KEY)).toMatchObject(answer);
    expect(await client().isEnabled(KEY)).toBe(false);
  },
);

const UNREACHABLE = { enabled: false, because: 'unreachable' };

test('a gate that never answers, or never ends its answer, is a no when the time is up', async () => {
  const endless: RequestListener = (_request, response) => {
    response.writeHead(200);
    response.write(yes.slice(0, 20));
  };
  for (const listener of [() => {}, endless]) {
    const { client } = await gateThat(listener);
    expect(await client({ timeoutMs: 50 }).ask(KEY)).toStrictEqual(UNREACHABLE);
  }
});

test('a fetch that heeds no signal, one that throws at once, and no server that listens, is a no', async () => {
  const broken = () => {
    throw new Error('no network');
  };
  const { client } = await gateThat(saying(YES));
  const alive = setInterval(() => {}, 1_000);
  onTestFinished(() => clearInterval(alive));
  for (const options of [
    { timeoutMs: 50, fetch: () => new Promise<never>(() => {}) },
    { fetch: broken },
    { url: 'http://127.0.0.1:1' },
  ])
    expect(await client(options).ask(KEY)).toStrictEqual(UNREACHABLE);
});

test('a redirect is a no, and its target is not asked', async () => {
  const elsewhere = await gateThat(saying(YES));
  const moved = await gateThat((request, response) =>
    answering(307, '', { location: `${elsewhere.url}${request.url}` })(request, response),
  );
  expect(await moved.client().ask(KEY)).toStrictEqual(UNREACHABLE);
  expect(elsewhere.asked).toStrictEqual([]);
});

test.each(['', '..', '../..', 'a/b', 'a?b#c', '\ud800', 'acme.lpr\n', '%2e%2e'])(
  'the key %j is asked for as it is, or is a no',
  async (key) => {
    const { asked, client } = await gateThat(saying(YES));
    expect(await client().isEnabled(key)).toBe(false);
    for (const { url } of asked) expect(url).toMatch(/^\/ofrep\/v1\/evaluate\//);
  },
);

test('what could never ask is refused when it is made', () => {
  expect(() => failClosedGate({ url: 'gate.example', token: 'x' })).toThrow(TypeError);
  expect(() => failClosedGate({ url: 'file:///etc/passwd', token: 'x' })).toThrow('is not how a gate is reached');
  expect(() => failClosedGate({ url: 'https://gate.example', token: 'x\ny' })).toThrow(TypeError);
  for (const timeoutMs of [0, -1, Number.NaN, 1e9])
    expect(() => failClosedGate({ url: 'https://gate.example', token: 'x', timeoutMs })).toThrow(RangeError);
});

test('a gate below a path is asked there', async () => {
  const { url, asked } = await gateThat(saying(YES));
  expect(await failClosedGate({ url: `${url}/gate`, token: 'x' }).isEnabled(KEY)).toBe(true);
  expect(asked.map((each) => each.url)).toStrictEqual([`/gate/ofrep/v1/evaluate/flags/${KEY}`]);
});
