import { expect, test } from 'vitest';
import { get, openWorld, vendor } from './world.ts';

test('vendors are listed by id, page by page', async () => {
  const world = await openWorld();
  for (const id of ['beta', 'acme', 'gamma']) await vendor(world, id);
  const token = await world.token('admin');
  const idsOf = ({ items }: { items: readonly { id: string }[] }) => items.map(({ id }) => id);
  const first = (await get(world, '/v1/vendors?limit=2', token)).body;
  expect(idsOf(first)).toEqual(['acme', 'beta']);
  const last = (await get(world, `/v1/vendors?limit=2&cursor=${first.next}`, token)).body;
  expect([idsOf(last), last.next]).toEqual([['gamma'], null]);
  expect((await get(world, '/v1/vendors?limit=3', token)).body.next).toBeNull();
  expect(await get(world, '/v1/vendors?cursor=%2B', token)).toMatchObject({ status: 400 });
});
