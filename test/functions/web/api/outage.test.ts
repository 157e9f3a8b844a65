import { expect, test } from 'vitest';
import { StoreUnavailable } from '../../../../functions/platform/store/errors.ts';
import { get, openWorld, post } from './world.ts';

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
