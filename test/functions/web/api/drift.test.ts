import { expect, test } from 'vitest';
import { story } from './story.ts';
import { approve, notified, post } from './world.ts';

test('what is seen on and is not approved is drift', async () => {
  const { world, acme } = await story();
  const token = await world.token('observe');
  const { body } = await notified(world, acme);
  await approve(world, 'acme', 1, body.digest);
  await notified(world, acme, { feature: 'acme.a' });
  const observe = (features: object) =>
    post(
      world,
      '/v1/observations',
      JSON.stringify({ vendor: 'acme', source: 'export', observedAt: '2026-03-02T11:00:00Z', features }),
      { authorization: `Bearer ${token}` },
    );
  expect(await observe({ acme: true, 'acme.a': true, 'acme.b': true, 'acme.c': false })).toMatchObject({
    status: 200,
    body: {
      drift: [
        { key: 'acme.a', since: '2026-03-02T11:00:00.000Z', observed: true, enabled: false, status: 'pending' },
        { key: 'acme.b', observed: true, enabled: false, status: 'unknown' },
      ],
    },
  });
  expect(await observe({ 'zeta.a': true })).toMatchObject({ status: 400, body: { errors: [{ pointer: '/features/zeta.a' }] } });
});
