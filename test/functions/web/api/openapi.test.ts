import { expect, test } from 'vitest';
import { catchUp } from '../../../../functions/register/project.ts';
import {
  Change,
  Drift,
  Feature,
  Flag,
  Flags,
  Health,
  HistoryEntry,
  Problem,
  pageOf,
  Received,
} from '../../../../functions/web/api/openapi/answers.ts';
import { problemType } from '../../../../functions/web/http/problems.ts';
import { approve, get, notice, notified, openWorld, post, vendor } from './world.ts';

const document = async () => {
  const world = await openWorld();
  return { world, ...(await get(world, '/openapi.json')) };
};

test('every route is described, and nothing else', async () => {
  const { world, body } = await document();
  const described = Object.entries<Record<string, unknown>>(body.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const routes = world.app.routes
    .filter(({ method, path }) => method !== 'ALL' && method !== 'OPTIONS' && path !== '/openapi.json')
    .map(({ method, path }) => `${method} ${path.replace(/:([a-z]+)(\{[^}]*\})?/g, '{$1}')}`);
  expect(described.sort()).toStrictEqual([...new Set(routes)].sort());
});

test('it is OpenAPI 3.1, its ids are unique, and it names every problem', async () => {
  const { status, headers, body } = await document();
  expect([status, headers.get('content-type'), body.openapi]).toStrictEqual([200, 'application/json', '3.1.0']);
  const ids = Object.values<Record<string, { operationId: string }>>(body.paths).flatMap((item) =>
    Object.values(item).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  expect(body['x-problems']).toContainEqual({
    type: problemType('too-many-open'),
    status: 429,
    title: 'Too many changes are open',
  });
  expect(body.paths['/v1/notices'].post.requestBody.content['application/json'].schema.properties.title).toMatchObject({
    maxLength: 200,
  });
});

test('what is answered is what is described', async () => {
  const world = await openWorld();
  const acme = await vendor(world, 'acme');
  const token = await world.token('admin');
  const auth = { authorization: `Bearer ${token}` };
  const { body } = await notified(world, acme);
  Received.parse(body);
  await approve(world, 'acme', 1, body.digest);
  await notified(world, acme, {
    feature: 'acme',
    description: 'More.',
    documents: [{ title: 'Note', kind: 'note', url: 'https://a.example/' }],
  });
  await catchUp(world.deps.ports, 'acme');
  Feature.parse((await get(world, '/v1/features/acme', token)).body);
  pageOf(Feature).parse((await get(world, '/v1/features', token)).body);
  for (const n of [1, 2]) Change.parse((await get(world, `/v1/changes/acme/${n}`, token)).body);
  pageOf(Change).parse((await get(world, '/v1/changes', token)).body);
  pageOf(HistoryEntry).parse((await get(world, '/v1/features/acme/history', token)).body);
  Flag.parse((await post(world, '/ofrep/v1/evaluate/flags/acme', '{}', auth)).body);
  Flags.parse((await post(world, '/ofrep/v1/evaluate/flags', '{}', auth)).body);
  const observed = { vendor: 'acme', source: 'x', observedAt: world.now(), features: { 'acme.b': true } };
  Drift.parse((await post(world, '/v1/observations', JSON.stringify(observed), auth)).body);
  const entered = { notice: notice({ feature: 'zeta' }), channel: 'letter', heardAt: world.now() };
  Received.parse((await post(world, '/v1/intake', JSON.stringify(entered), auth)).body);
  for (const path of ['/healthz', '/readyz']) Health.parse((await get(world, path)).body);
  Problem.parse((await get(world, '/v1/features/A', token)).body);
});
