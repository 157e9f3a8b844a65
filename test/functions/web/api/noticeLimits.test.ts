import { expect, test } from 'vitest';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { notice, notified, openWorld, post, vendor, type World } from './world.ts';

const THREE_AN_HOUR = { perHour: 3, bytesPerDay: 0 };
const LIMITED = 'urn:aldergate:problem:too-many-notices';

const enter = (world: World, token: string, feature: string, channel = 'telephone') =>
  post(world, '/v1/intake', JSON.stringify({ notice: notice({ feature }), channel, heardAt: '2026-03-01' }), {
    authorization: `Bearer ${token}`,
  });

test('a vendor over its limit gets 429 with when to send it again and leaves nothing; what it sent is answered as before', async () => {
  const world = await openWorld({ limits: THREE_AN_HOUR });
  const [acme, other] = [await vendor(world, 'acme'), await vendor(world, 'other')];
  const first = await notified(world, acme, { feature: 'acme.a' }, 'msg_a');
  for (const feature of ['acme.b', 'acme.c']) expect((await notified(world, acme, { feature })).status).toBe(202);
  const before = await world.commits();
  world.at('2026-03-02T12:20:00.000Z');
  const refused = await notified(world, acme, { feature: 'acme.d' });
  expect(refused).toMatchObject({ status: 429, body: { type: LIMITED, status: 429 } });
  const { headers } = refused;
  expect(headers.get('retry-after')).toBe('2400');
  expect(headers.get('ratelimit-policy')).toBe('"notices";q=3;w=3600');
  expect(headers.get('ratelimit')).toBe('"notices";r=0;t=2400');
  expect(await world.commits()).toBe(before);
  expect(await notified(world, acme, { feature: 'acme.a' }, 'msg_a')).toMatchObject({ status: 202, body: first.body });
  expect((await notified(world, other, { feature: 'other.a' })).status).toBe(202);
  world.at('2026-03-02T13:00:00.000Z');
  expect((await notified(world, acme, { feature: 'acme.d' })).status).toBe(202);
});

test('what is refused does not count: a wrong signature, a notice that cannot be read, one that the feature rejects', async () => {
  const world = await openWorld({ limits: THREE_AN_HOUR });
  const [acme, stranger] = [await vendor(world, 'acme'), await vendor(world, 'stranger')];
  for (let n = 0; n < 4; n += 1) {
    expect((await notified(world, stranger)).status).toBe(401);
    expect((await notified(world, acme, { kind: 'gift' })).status).toBe(400);
    expect((await notified(world, acme, { revises: 9 })).status).toBe(409);
  }
  for (const feature of ['acme.a', 'acme.b', 'acme.c']) expect((await notified(world, acme, { feature })).status).toBe(202);
});

test('each token has its own limit, also two of one name; an inventory by admin has none', async () => {
  const world = await openWorld({ limits: THREE_AN_HOUR });
  const [one, two, admin] = [await world.token('notice'), await world.token('notice'), await world.token('admin')];
  const statuses = async (token: string, prefix: string, channel?: string) => {
    const got = [];
    for (let n = 0; n < 4; n += 1) got.push((await enter(world, token, `acme.${prefix}-${n}`, channel)).status);
    return got;
  };
  expect(await statuses(one, 'one')).toEqual([202, 202, 202, 429]);
  expect(await statuses(two, 'two', 'inventory')).toEqual([202, 202, 202, 429]);
  expect(await statuses(admin, 'inventory', 'inventory')).toEqual([202, 202, 202, 202]);
  expect(await statuses(admin, 'heard')).toEqual([202, 202, 202, 429]);
  const both = await createToken(world.deps.ports, { name: 'both', scopes: ['notice', 'admin'], agencies: [], person: null });
  expect(await statuses(both.token, 'both', 'inventory')).toEqual([202, 202, 202, 202]);
});
