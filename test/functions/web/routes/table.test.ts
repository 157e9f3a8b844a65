import { Hono } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { apiApp } from '../../../../functions/web/api/app.ts';
import { bind } from '../../../../functions/web/api/bind.ts';
import { openApiDocument } from '../../../../functions/web/api/openapi/document.ts';
import { docsApp } from '../../../../functions/web/docs/app.ts';
import { logApp } from '../../../../functions/web/log/app.ts';
import { passkeyApp } from '../../../../functions/web/passkeys/app.ts';
import { API_OPERATIONS } from '../../../../functions/web/routes/api.ts';
import { type ApiTable, honoPath } from '../../../../functions/web/routes/route.ts';
import { APPS, type App, appOf, leadsOf, ROUTES } from '../../../../functions/web/routes/table.ts';
import { siteApp } from '../../../../functions/web/site/app.ts';
import { logKey } from '../../../domain/log/support/testLog.ts';
import { openWorld } from '../api/world.ts';
import { openCity } from '../site/support/city.ts';

const PLANTED = {
  '/planted/{key}': {
    GET: {
      id: 'getPlanted',
      tag: 'it',
      summary: 'Answers what a test planted',
      auth: 'none',
      status: 200,
      answer: z.strictObject({ planted: z.string().describe('The key.') }),
      problems: [400],
    },
  },
} as const satisfies ApiTable;
const table = { ...API_OPERATIONS, ...PLANTED };
const url = 'https://gate.example';

test('a route added to the table is served, with 405 for other methods', async () => {
  const app = new Hono();
  const authenticate = async () => {
    throw new Error('nobody is asked for a token');
  };
  const handlers = {
    '/planted/{key}': { GET: async ({ params }: { params: { key: string } }) => ({ body: { planted: params.key } }) },
  };
  const { ports } = (await openWorld({ rules: null })).deps;
  bind(app, PLANTED, handlers, { ports, authenticate, checkpoint: () => undefined });
  const answer = await app.request('/planted/acme.a');
  expect([answer.status, await answer.json()]).toStrictEqual([200, { planted: 'acme.a' }]);
  const wrong = await app.request('/planted/acme.a', { method: 'POST' });
  expect([wrong.status, wrong.headers.get('allow')]).toStrictEqual([405, 'GET, HEAD, OPTIONS']);
});

test('the same route is described, for programs and for people', async () => {
  const document = openApiDocument(url, table);
  expect(document.paths).toHaveProperty(['/planted/{key}', 'get', 'operationId'], 'getPlanted');
  const docs = docsApp({
    ports: { url, zone: 'UTC', clock: () => '2026-03-02T12:00:00.000Z', city: { name: 'Springfield', contact: undefined } },
    logger: () => {},
    document: () => document,
  });
  expect(await (await docs.request('/docs/it')).text()).toContain('<h2 id="getPlanted">');
});

test('the same route is led to its app', () => {
  expect(leadsOf({ ...ROUTES, api: table })).toContainEqual({ app: 'api', path: '/planted/{key}', isStrict: false });
});

test('what the apps serve is what the table lists', async () => {
  const city = await openCity();
  onTestFinished(city.close);
  const [{ deps: api }, { deps: site }] = [await openWorld({ rules: null }), city];
  const apps: Readonly<Record<App, Hono>> = {
    api: apiApp(api),
    log: logApp({ ports: { signer: logKey } as never, logger: site.logger, answerBytesMax: 1 }),
    passkeys: passkeyApp({
      ...site,
      mailer: { send: async () => undefined, close: async () => undefined },
    }),
    site: siteApp(site).route('/', docsApp({ ...site, document: () => ({}) })),
  };
  for (const app of APPS) {
    const served = apps[app].routes.filter(({ method }) => method !== 'ALL' && method !== 'OPTIONS');
    const listed = Object.entries<object>(ROUTES[app]).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${honoPath(path)}`),
    );
    expect(served.map(({ method, path }) => `${method} ${path}`).sort(), app).toStrictEqual(listed.sort());
  }
});

test.each([
  ['/v1/x', 'api'],
  ['/v1/', 'api'],
  ['/ofrep/v1/evaluate/flags/a', 'api'],
  ['/healthz', 'api'],
  ['/openapi.json', 'site'],
  ['/docs/it', 'site'],
  ['/log/tile/0/x001/234', 'log'],
  ['/d/abc/desk', 'site'],
  ['/d/abc/passkey', 'passkeys'],
  ['/d/abc/passkey/decide', 'passkeys'],
  ['/', 'site'],
  ['/v1x', 'site'],
  ['/openapi.json/x', 'site'],
  ['/healthz/x', 'site'],
])('%s is answered by %s', (path, app) => {
  expect(appOf(path)).toBe(app);
});
