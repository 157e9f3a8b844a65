import { describe, expect, test } from 'vitest';
import { SCOPES } from '../../../../domain/access/events.ts';
import { StoreUnavailable } from '../../../../functions/platform/store/errors.ts';
import { apiApp } from '../../../../functions/web/api/app.ts';
import { API_OPERATIONS } from '../../../../functions/web/routes/api.ts';
import { type ApiOperation, allowedMethods } from '../../../../functions/web/routes/route.ts';
import { shared } from '../../../support/shared.ts';
import { bearer, ed25519Signer, get, openWorld, post, vendor } from './world.ts';

// What holds for every route of the table, whatever it does.

const gate = shared(async (atEnd) => {
  const world = await openWorld({ atEnd });
  const acme = await vendor(world, 'acme');
  const app = apiApp({ ...world.deps, checkpoint: () => '43' });
  const tokens = new Map<string, string>();
  for (const scope of SCOPES) tokens.set(scope, await world.token(scope));
  return { app, acme, tokens, now: world.now, streams: world.streams, before: await world.streams() };
});

/** The answer of a request, which names the checkpoint, leaves nothing, and is data that no browser may keep, sniff or frame. */
const answered = async (path: string, method: string, scope?: string, { body = '{}', signed = {} } = {}) => {
  const { app, tokens, streams, before } = gate();
  const headers = { 'content-type': 'application/json', ...(scope && bearer(tokens.get(scope) ?? '')), ...signed };
  const answer = await app.request(path, { method, headers, ...(method.startsWith('P') && { body }) });
  expect(answer.headers.get('aldergate-checkpoint')).toBe('43');
  expect(await streams()).toStrictEqual(before);
  if (method === 'OPTIONS') return { status: answer.status, allow: answer.headers.get('allow'), body: '' };
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  return { status: answer.status, allow: answer.headers.get('allow'), body: await answer.text() };
};

const ROUTES = Object.entries<Partial<Record<string, ApiOperation>>>(API_OPERATIONS).map(([pattern, methods]) => ({
  path: pattern.replace(/\{key\+?\}/, 'acme').replaceAll(/\{\w+\}/g, '1'),
  methods,
}));

describe.each(ROUTES)('$path', ({ path, methods }) => {
  const isForAll = Object.values(methods).some((operation) => operation?.anyMethod === true);

  test.runIf(isForAll)('answers every method as it answers a GET', async () => {
    const { status } = await answered(path, 'GET', 'admin');
    for (const method of ['HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      expect((await answered(path, method, 'admin')).status, method).toBe(method === 'OPTIONS' ? 403 : status);
  });

  test.skipIf(isForAll)(
    'refuses every other method and says which are allowed; HEAD goes wherever GET does, without a body',
    async () => {
      const allow = [...allowedMethods(methods), 'OPTIONS'].join(', ');
      expect(await answered(path, 'PATCH')).toMatchObject({
        status: 405,
        allow,
        body: expect.stringContaining('method-not-allowed'),
      });
      const options = await answered(path, 'OPTIONS');
      expect(options.status).toBe(204);
      if (!path.startsWith('/ofrep')) expect(options.allow).toBe(allow);
      if (methods['GET'] === undefined) return;
      const { status } = await answered(path, 'GET', 'admin');
      expect(await answered(path, 'HEAD', 'admin')).toMatchObject({ status, body: '' });
    },
  );

  test.each(Object.entries(methods))('%s needs the credentials of its operation', async (method, operation) => {
    if (operation === undefined || operation.auth === 'none') return;
    expect((await answered(path, method)).status).toBeGreaterThanOrEqual(400);
    if (operation.auth === 'signature') {
      const body = JSON.stringify({ feature: 'acme', vendor: 'acme', change: 'acme/1' });
      const { acme, now } = gate();
      const late = new Date(Date.parse(now()) - 301_000).toISOString();
      // Who has not signed is not told what else is wrong.
      for (const signed of [{}, ed25519Signer(now).headers(body), acme.headers(`${body} `), acme.headers(body, 'msg_1', late)])
        expect(await answered(path, method, 'admin', { body, signed })).toMatchObject({
          status: 401,
          body: expect.stringContaining('signature-refused'),
        });
      expect(await answered(path, method, undefined, { body, signed: acme.headers(body) })).toMatchObject({ status: 400 });
      return;
    }
    expect(await answered(path, method)).toMatchObject({ status: 401, body: expect.stringContaining('token-missing') });
    for (const scope of SCOPES) {
      if (scope === operation.auth || scope === operation.orScope || scope === 'admin') continue;
      expect(await answered(path, method, scope), scope).toMatchObject({ status: 403 });
    }
  });
});

/** What answers by a protocol of its own, and the health of a process. */
const OWN = /^\/(?:ofrep|v1\/gate|healthz|readyz)/;

test.each(ROUTES.filter(({ path }) => !OWN.test(path)))(
  '$path refuses a parameter that it does not know',
  async ({ path, methods }) => {
    for (const method of Object.keys(methods)) {
      const { status, body } = await answered(`${path}?foo=1`, method, 'admin');
      expect([status, JSON.parse(body).errors], method).toEqual([
        400,
        expect.arrayContaining([{ pointer: '/foo', detail: 'is not a field of this' }]),
      ]);
    }
  },
);

test('an address without a route names the checkpoint, too', async () => {
  expect((await answered('/v1/nothing', 'GET')).status).toBe(404);
});

test('without a policy the gate is ready; without its store it is not, and the answer carries no detail', async () => {
  const world = await openWorld({ rules: null });
  expect((await get(world, '/readyz')).body).toStrictEqual({ status: 'ready' });
  // Answers for a second without looking again.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const token = await world.token('state:read');
  world.deps.ports.store.head = () => Promise.reject(new StoreUnavailable('disk on fire'));
  const { status, body } = await get(world, '/readyz');
  const problem = { code: 'store-unreadable', since: world.now(), detail: 'The store cannot be read.' };
  expect([status, body]).toStrictEqual([503, { status: 'not-ready', problems: [problem] }]);
  for (const answer of [
    await get(world, '/v1/features/acme', token),
    await post(world, '/ofrep/v1/evaluate/flags/acme', '{}', bearer(token)),
  ]) {
    expect(answer).toMatchObject({ status: 503, body: { type: 'urn:aldergate:problem:unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(JSON.stringify(answer.body)).not.toContain('fire');
  }
  expect(world.logged.map(({ event }) => event)).toStrictEqual(['not well', expect.any(String), expect.any(String)]);
  expect((await get(world, '/healthz')).status).toBe(200);
});
