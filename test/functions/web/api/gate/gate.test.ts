import { connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { apiApp } from '../../../../../functions/web/api/app.ts';
import { listening, story } from '../ofrep/story.ts';
import { bearer } from '../world.ts';

const AUDIENCE = { from: null, until: null, audience: ['town-pd'], conditions: null, maintenance: false };

/** The answer to a request whose first line is exactly this, sent through a socket: no client tidies it. */
const raw = async (gate: string, line: string, headers: Readonly<Record<string, string>> = {}, body = '') => {
  const { hostname, port } = new URL(gate);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  const sent = { host: 'gate', connection: 'close', ...(body !== '' && { 'content-length': String(body.length) }), ...headers };
  const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}`);
  socket.write(`${line} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [status = '', ...named] = head.split('\r\n');
  return {
    status: Number(status.split(' ')[1]),
    headers: Object.fromEntries(
      named.map((each) => [each.slice(0, each.indexOf(':')).toLowerCase(), each.slice(each.indexOf(':') + 2)]),
    ),
    body: rest.join('\r\n\r\n'),
  };
};

const played = async () => {
  const { world, on, token } = await story();
  await on('acme');
  await on('acme.lpr', AUDIENCE);
  const gate = await listening(world);
  const own = await world.token('state:read', ['town-pd']);
  const auth = (value = token) => bearer(value);
  return { world, gate, token, own, auth };
};

test('says yes by 200 and what it rests on in headers, whatever the method, and reads no body', async () => {
  const { gate, auth } = await played();
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
    const body = method === 'GET' || method === 'HEAD' ? '' : '{"context":{"agency":"other","version":"9"}';
    const answer = await raw(gate, `${method} /v1/gate/acme`, auth(), body);
    expect(answer, method).toMatchObject({
      status: 200,
      headers: {
        'aldergate-key': 'acme',
        'aldergate-variant': 'enabled',
        'aldergate-change': 'acme/1',
        'cache-control': 'no-store',
      },
      body: method === 'HEAD' ? '' : 'yes\n',
    });
  }
});

test('says no by 403, with the reason', async () => {
  const { gate, auth } = await played();
  for (const [target, variant] of [
    ['/v1/gate/acme.lpr', 'audience'],
    ['/v1/gate/acme.lpr?agency=other', 'audience'],
    ['/v1/gate/acme?version=9', 'version'],
    ['/v1/gate/acme.lpr.search', 'unknown'],
    ['/v1/gate/no-such-key', 'unknown'],
    ['/v1/gate/acme/../acme', 'unknown'],
  ] as const)
    expect(await raw(gate, `GET ${target}`, auth()), target).toMatchObject({
      status: 403,
      headers: { 'aldergate-variant': variant, 'cache-control': 'no-store' },
    });
});

test('asks for the agency of the query or of the token, never of a header or of what follows the key', async () => {
  const { gate, auth, own } = await played();
  const status = async (target: string, headers: Readonly<Record<string, string>>) =>
    (await raw(gate, `GET ${target}`, headers)).status;
  expect(await status('/v1/gate/acme.lpr?agency=town-pd', auth())).toBe(200);
  expect(await status('/v1/gate/acme.lpr', auth(own))).toBe(200);
  expect(await status('/v1/gate/acme.lpr/x?agency=other', auth(own))).toBe(200);
  expect(await status('/v1/gate/acme.lpr?agency=other', auth(own))).toBe(403);
  expect(await status('/v1/gate/acme.lpr/?agency=town-pd', auth())).toBe(403);
  const visitor = { agency: 'town-pd', 'x-agency': 'town-pd', 'aldergate-agency': 'town-pd', 'x-original-url': '/v1/gate/acme' };
  expect(await status('/v1/gate/acme.lpr', { ...auth(), ...visitor })).toBe(403);
});

test('no token is 401, one of another scope 403', async () => {
  const { gate, world, auth } = await played();
  const bare = await raw(gate, 'GET /v1/gate/acme');
  expect(bare).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="aldergate"' } });
  expect(JSON.parse(bare.body)).toMatchObject({ detail: 'send a token as Authorization: Bearer … or X-API-Key' });
  expect(Number(bare.headers['content-length'])).toBe(Buffer.byteLength(bare.body));
  expect((await raw(gate, 'GET /v1/gate/acme', auth('ald_wrong'))).status).toBe(401);
  expect((await raw(gate, 'GET /v1/gate/acme', auth(await world.token('observe')))).status).toBe(403);
});

test('an ill gate is a no that says so, and never a 5xx', async () => {
  const { world, gate, auth } = await played();
  vi.spyOn(world.deps.ports.store, 'changed').mockRejectedValue(new Error('the store is gone'));
  onTestFinished(() => void vi.restoreAllMocks());
  expect(await raw(gate, 'GET /v1/gate/acme', auth())).toMatchObject({ status: 403, headers: { 'aldergate-fault': 'true' } });
});

test('through the router it is the same, as far as the server says what was sent', async () => {
  const { world, auth } = await played();
  const app = apiApp(world.deps);
  const ask = async (path: string, env: object) => (await app.request(path, { headers: auth() }, env)).status;
  expect(await ask('/v1/gate/acme', { incoming: { url: '/v1/gate/acme' } })).toBe(200);
  expect(await ask('/v1/gate/acme', { event: { rawPath: '/v1/gate/acme', rawQueryString: '' } })).toBe(200);
  expect(await ask('/v1/gate/acme.lpr', { event: { rawPath: '/v1/gate/acme.lpr', rawQueryString: 'agency=town-pd' } })).toBe(200);
  expect(await ask('/v1/gate/acme', { event: { rawPath: '/v1/gate/acme.off/../acme', rawQueryString: '' } })).toBe(403);
  expect(await ask('/v1/gate/acme', {})).toBe(403);
});
