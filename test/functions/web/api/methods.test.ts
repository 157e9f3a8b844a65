import { expect, test } from 'vitest';
import { StoreUnavailable } from '../../../../functions/platform/store/errors.ts';
import { get, openWorld, post } from './world.ts';

test('HEAD goes wherever GET does, without a body', async () => {
  const world = await openWorld({ rules: null });
  const headers = { authorization: `Bearer ${await world.token('state:read')}` };
  for (const path of ['/v1/features', '/v1/features/acme', '/healthz', '/readyz']) {
    const head = await world.app.request(path, { method: 'HEAD', headers });
    expect([head.status, await head.text()], path).toStrictEqual([200, '']);
  }
});

test('OPTIONS and a wrong method say what is allowed', async () => {
  const world = await openWorld({ rules: null });
  for (const [path, allow] of [
    ['/v1/features', 'GET, HEAD, OPTIONS'],
    ['/v1/notices', 'POST, OPTIONS'],
    ['/v1/vendors', 'GET, POST, HEAD, OPTIONS'],
  ] as const) {
    const options = await world.app.request(path, { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')], path).toStrictEqual([204, allow]);
    const wrong = await world.app.request(path, { method: 'PATCH' });
    expect([wrong.status, wrong.headers.get('allow')], path).toStrictEqual([405, allow]);
  }
});

test('every answer is data that no browser may keep, sniff or frame', async () => {
  const world = await openWorld({ rules: null });
  for (const path of ['/healthz', '/v1/features', '/v1/nothing']) {
    const { headers } = await get(world, path);
    expect(headers.get('cache-control'), path).toBe('no-store');
    expect(headers.get('x-content-type-options'), path).toBe('nosniff');
    expect(headers.get('content-security-policy'), path).toContain("default-src 'none'");
  }
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
    await post(world, '/ofrep/v1/evaluate/flags/acme', '{}', { authorization: `Bearer ${token}` }),
  ]) {
    expect(answer).toMatchObject({ status: 503, body: { type: 'urn:aldergate:problem:unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(JSON.stringify(answer.body)).not.toContain('fire');
  }
  expect(world.logged.map(({ event }) => event)).toStrictEqual(['not well', expect.any(String), expect.any(String)]);
  expect((await get(world, '/healthz')).status).toBe(200);
});
