import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCOPES } from '../../../../domain/access/events.ts';
import { apiApp } from '../../../../functions/web/api/app.ts';
import { API_OPERATIONS } from '../../../../functions/web/routes/api.ts';
import { type ApiOperation, allowedMethods } from '../../../../functions/web/routes/route.ts';
import { openWorld, type World } from './world.ts';

// What holds for every route of the table, whatever it does.

let world: World;
let before: readonly string[];
let tokens: ReadonlyMap<string, string>;
const closes: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const bare = await openWorld({ keep: (close) => void closes.push(close) });
  world = { ...bare, app: apiApp({ ...bare.deps, checkpoint: () => '43' }) };
  tokens = new Map(await Promise.all(SCOPES.map(async (scope) => [scope, await world.token(scope)] as const)));
  before = await world.streams();
});
afterAll(async () => {
  for (const close of closes) await close();
});

/** The answer of a request, which names the checkpoint, leaves nothing, and is data that no browser may keep, sniff or frame. */
const answered = async (path: string, method: string, scope?: string) => {
  const headers = { 'content-type': 'application/json', ...(scope && { authorization: `Bearer ${tokens.get(scope)}` }) };
  const answer = await world.app.request(path, { method, headers, ...(method.startsWith('P') && { body: '{}' }) });
  expect(answer.headers.get('aldergate-checkpoint')).toBe('43');
  expect(await world.streams()).toStrictEqual(before);
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
    if (operation.auth === 'signature') return;
    expect(await answered(path, method)).toMatchObject({ status: 401, body: expect.stringContaining('token-missing') });
    for (const scope of SCOPES) {
      if (scope === operation.auth || scope === operation.orScope || scope === 'admin') continue;
      expect(await answered(path, method, scope), scope).toMatchObject({ status: 403 });
    }
  });
});

test('an address without a route names the checkpoint, too', async () => {
  expect((await answered('/v1/nothing', 'GET')).status).toBe(404);
});
