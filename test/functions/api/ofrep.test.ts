import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { OpenFeature } from '@openfeature/server-sdk';
import { type Provider, OpenFeature as WebOpenFeature } from '@openfeature/web-sdk';
import { describe, expect, onTestFinished, test } from 'vitest';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { apiApp } from '../../../functions/api/app.ts';
import { flagEvaluator } from '../../../functions/api/ofrep/evaluateFlag.ts';
import { withShortPath } from '../../../functions/api/ofrep/nodeListener.ts';
import { revokeToken, tokenId } from '../../../functions/http/tokens.ts';
import { catchUp } from '../../../functions/projector/project.ts';
import { approve, NOON, notified, openWorld, post, vendor, type World } from './world.ts';

const FLAGS = '/ofrep/v1/evaluate/flags';

const listening = async ({ deps }: World): Promise<string> => {
  const routed = getRequestListener(apiApp(deps).fetch);
  const server = createServer(withShortPath(flagEvaluator(deps), (incoming, outgoing) => void routed(incoming, outgoing)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const story = async () => {
  const world = await openWorld();
  const acme = await vendor(world, 'acme');
  const token = await world.token('state:read');
  const ask = (key: string, body = '{}', headers = {}) =>
    post(world, `${FLAGS}/${key}`, body, { authorization: `Bearer ${token}`, ...headers });
  const bulk = (body = '{}', headers = {}) => post(world, FLAGS, body, { authorization: `Bearer ${token}`, ...headers });
  const on = async (feature: string, terms = NO_TERMS) => {
    const { body } = await notified(world, acme, { feature });
    await approve(world, feature, 1, body.digest, terms);
    await catchUp(world.deps.ports, feature);
  };
  return { world, acme, token, ask, bulk, on };
};

describe('one flag', () => {
  test('an unknown and a malformed key are an explicit no', async () => {
    const { ask } = await story();
    for (const key of ['nobody', 'UPPER', 'a..b', '%00', 'a/b/c', '%F0%9F%8E%89', 'constructor', '__proto__']) {
      const { status, body } = await ask(key);
      expect(status, key).toBe(200);
      expect(body).toMatchObject({ key: decodeURIComponent(key), value: false, reason: 'STATIC', variant: 'unknown' });
    }
  });

  test('what is approved is on, with what it rests on; metadata is flat', async () => {
    const { ask, on } = await story();
    await on('acme');
    expect((await ask('acme')).body).toStrictEqual({
      key: 'acme',
      value: true,
      reason: 'STATIC',
      variant: 'enabled',
      metadata: {
        change: 'acme/1',
        revision: 1,
        version: '2026.3',
        asOf: NOON,
        validUntil: '2027-03-02T12:00:00.000Z',
        because: 'every required approval is in force',
        pending: 0,
      },
    });
  });

  test('a checkpoint is told once there is one', async () => {
    const { world, token } = await story();
    const app = apiApp({ ...world.deps, checkpoint: () => '17' });
    const { body } = await post({ app }, `${FLAGS}/acme`, '{}', { authorization: `Bearer ${token}` });
    expect(body.metadata.checkpoint).toBe('17');
  });

  test('no body, an empty one and one without a context are an empty context', async () => {
    const { world, token, ask } = await story();
    expect((await ask('acme', '')).status).toBe(200);
    expect((await ask('acme', '{}')).status).toBe(200);
    const bare = await world.app.request(`${FLAGS}/acme`, { method: 'POST', headers: { 'x-api-key': token } });
    expect(bare.status).toBe(200);
  });

  test('agency and version of the context decide', async () => {
    const { world, ask, on } = await story();
    await on('acme', { ...NO_TERMS, audience: ['Denver PD'] });
    const asked = async (context: object) => (await ask('acme', JSON.stringify({ context }))).body;
    expect(await asked({ targetingKey: 'x' })).toMatchObject({ value: false, reason: 'TARGETING_MATCH', variant: 'audience' });
    expect(await asked({ agency: 'Denver PD' })).toMatchObject({ value: true, reason: 'TARGETING_MATCH', variant: 'enabled' });
    expect(await asked({ agency: 'Denver PD', version: '2026.3' })).toMatchObject({ value: true });
    expect(await asked({ agency: 'Denver PD', version: '2026.4' })).toMatchObject({ value: false, variant: 'version' });
    const own = { authorization: `Bearer ${await world.token('state:read', 'Denver PD')}` };
    expect((await ask('acme', '{}', own)).body).toMatchObject({ value: true });
  });

  test('what cannot be read is a problem that OFREP clients understand', async () => {
    const { ask, bulk } = await story();
    expect(await ask('acme', '{"context":')).toMatchObject({
      status: 400,
      body: {
        type: 'urn:aldergate:problem:invalid-json',
        status: 400,
        key: 'acme',
        errorCode: 'PARSE_ERROR',
        errorDetails: expect.any(String),
      },
    });
    expect(await ask('acme', '{"context":[]}')).toMatchObject({
      status: 400,
      body: { key: 'acme', errorCode: 'INVALID_CONTEXT' },
    });
    const whole = await bulk('{"context":{"agency":7}}');
    expect(whole).toMatchObject({
      status: 400,
      body: { errorCode: 'INVALID_CONTEXT', errors: [{ pointer: '/context/agency' }] },
    });
    expect(whole.body).not.toHaveProperty('key');
  });

  test('a token is needed, with its scope; a revoked one is not believed for more than a second', async () => {
    const { world, token, ask } = await story();
    expect((await post(world, `${FLAGS}/acme`, '{}')).status).toBe(401);
    expect((await ask('acme', '{}', { authorization: `Bearer ${await world.token('observe')}` })).status).toBe(403);
    await revokeToken(world.deps.ports.side, tokenId(token), NOON);
    const fresh = apiApp(world.deps);
    expect((await post({ app: fresh }, `${FLAGS}/acme`, '{}', { authorization: `Bearer ${token}` })).status).toBe(401);
  });
});

describe('all flags', () => {
  test('every key of the register, each on its own heads', async () => {
    const { bulk, on, world, acme } = await story();
    await on('acme');
    await notified(world, acme, { feature: 'acme.a' });
    await catchUp(world.deps.ports, 'acme.a');
    const { status, body } = await bulk();
    expect(status).toBe(200);
    expect(body.flags.map(({ key, value, variant }: Record<string, unknown>) => [key, value, variant])).toStrictEqual([
      ['acme', true, 'enabled'],
      ['acme.a', false, 'pending'],
    ]);
  });

  test('the ETag covers the context and the answers, and not the moment', async () => {
    const { bulk, on, world } = await story();
    await on('acme');
    const first = await bulk('{"context":{"b":1,"a":2}}');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
    world.at('2026-03-02T13:00:00.000Z');
    const same = await bulk('{"context":{"a":2,"b":1}}', { 'if-none-match': etag });
    expect([same.status, same.body, same.headers.get('etag')]).toStrictEqual([304, null, etag]);
    expect((await bulk('{"context":{"a":2,"b":2}}', { 'if-none-match': etag })).status).toBe(200);
    expect((await bulk('{"context":{"b":1,"a":2}}', { 'if-none-match': `"x", W/${etag}` })).status).toBe(304);
    world.at('2027-03-02T12:00:00.000Z');
    const expired = await bulk('{"context":{"a":2,"b":1}}', { 'if-none-match': etag });
    expect(expired).toMatchObject({ status: 200, body: { flags: [{ key: 'acme', value: false, variant: 'expired' }] } });
  });
});

describe('the official clients, with true as their default', () => {
  test('the server SDK gets an explicit false', async () => {
    const { world, token, on } = await story();
    await on('acme');
    const baseUrl = await listening(world);
    await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers: [['Authorization', `Bearer ${token}`]] }));
    onTestFinished(() => OpenFeature.close());
    const client = OpenFeature.getClient();
    expect(await client.getBooleanDetails('nobody.knows', true)).toMatchObject({
      value: false,
      reason: 'STATIC',
      variant: 'unknown',
    });
    expect(await client.getBooleanDetails('NO KEY', true)).toMatchObject({ value: false, variant: 'unknown' });
    expect(await client.getBooleanDetails('acme.a', true)).toMatchObject({ value: false, variant: 'unknown' });
    expect(await client.getBooleanDetails('acme', false)).toMatchObject({
      value: true,
      variant: 'enabled',
      flagMetadata: { change: 'acme/1' },
    });
  });

  test('the web SDK gets an explicit false for what is not approved', async () => {
    const { world, token, on, acme } = await story();
    await on('acme');
    await notified(world, acme, { feature: 'acme.a' });
    await catchUp(world.deps.ports, 'acme.a');
    const baseUrl = await listening(world);
    const provider = new OFREPWebProvider({ baseUrl, headers: [['Authorization', `Bearer ${token}`]], pollInterval: 0 });
    // Its types are not written for exact optional properties.
    await WebOpenFeature.setProviderAndWait(provider as unknown as Provider, {
      targetingKey: 'somebody',
      keys: ['nobody.knows', 'NO KEY'],
    });
    onTestFinished(() => WebOpenFeature.close());
    const client = WebOpenFeature.getClient();
    expect(client.getBooleanDetails('acme', false)).toMatchObject({ value: true, variant: 'enabled' });
    expect(client.getBooleanDetails('acme.a', true)).toMatchObject({ value: false, variant: 'pending' });
    // A web client knows only what the bulk answer holds, so it names the keys it asks for.
    expect(client.getBooleanDetails('nobody.knows', true)).toMatchObject({ value: false, variant: 'unknown' });
    expect(client.getBooleanDetails('NO KEY', true)).toMatchObject({ value: false, variant: 'unknown' });
  });
});

describe('the short path', () => {
  const plain = (url: string, headers: Record<string, string>, chunks: readonly string[]) =>
    new Promise<{ status: number; body: string; headers: Record<string, unknown> }>((resolve, reject) => {
      const sent = request(url, { method: 'POST', headers }, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
      });
      sent.on('error', reject);
      for (const chunk of chunks) sent.write(chunk);
      sent.end();
    });

  test('answers as the router does', async () => {
    const { world, token, ask, on } = await story();
    await on('acme');
    const base = await listening(world);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    for (const [key, body] of [
      ['acme', '{}'],
      ['acme', '{"context":{"version":"2"}}'],
      ['nobody', ''],
      ['a..b', '{}'],
      ['acme', '{'],
      ['acme', '[]'],
    ] as const) {
      const routed = await ask(key, body);
      const short = await plain(`${base}${FLAGS}/${key}`, headers, [body]);
      expect([short.status, JSON.parse(short.body)]).toStrictEqual([routed.status, routed.body]);
      for (const name of ['content-type', 'cache-control', 'x-content-type-options', 'access-control-allow-origin'])
        expect(short.headers[name], name).toBe(routed.headers.get(name));
    }
    const bare = await plain(`${base}${FLAGS}/acme`, { 'content-type': 'application/json' }, ['{}']);
    expect([bare.status, bare.headers['www-authenticate']]).toStrictEqual([401, 'Bearer realm="aldergate"']);
  });

  test('a chunked body that is too large is refused, on both paths', async () => {
    const { world, token } = await story();
    const base = await listening(world);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const chunks = Array.from({ length: 20 }, () => 'x'.repeat(4_096));
    for (const path of [`${FLAGS}/acme`, FLAGS]) expect((await plain(`${base}${path}`, headers, chunks)).status, path).toBe(413);
  });

  test('a browser may ask from another address', async () => {
    const { world } = await story();
    const preflight = await world.app.request(`${FLAGS}/acme`, { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(
      (await world.app.request('/v1/features', { method: 'OPTIONS' })).headers.get('access-control-allow-origin'),
    ).toBeNull();
  });
});
