import { expect, test } from 'vitest';
import { makeVendorForm, vendorContact } from '../../../../functions/gate/vendors.ts';
import { walked } from '../../../support/walked.ts';
import { get, openWorld, post, vendor } from './world.ts';

test('a vendor is added with where it wants mail; a refused one changes nothing of another', async () => {
  const world = await openWorld();
  const headers = { 'x-api-key': await world.token('admin') };
  const add = async (body: object) => (await post(world, '/v1/vendors', JSON.stringify(body), headers)).status;
  const contact = () => vendorContact(world.deps.ports.sideStore, 'acme');
  const acme = { id: 'acme', name: 'Acme' };
  expect(await add({ ...acme, contact: 'no address' })).toBe(400);
  expect(await contact()).toBeUndefined();
  expect(await add({ ...acme, contact: 'sales@acme.example' })).toBe(201);
  expect(await add({ ...acme, contact: 'other@acme.example' })).toBe(409);
  expect(await contact()).toEqual({ email: 'sales@acme.example', language: 'en' });
});

test.each(['/v1/tokens', '/v1/vendors/acme/forms'])('%s is read in pages', async (path) => {
  const world = await openWorld();
  await vendor(world, 'acme');
  const [token] = [await world.token('admin'), await world.token('observe'), await world.token('observe')];
  for (const _ of [1, 2, 3]) await makeVendorForm(world.deps.ports, 'acme', 'P30D');
  const all = (await get(world, path, token)).body;
  expect([all.items.length, all.next]).toEqual([3, null]);
  const pages = await walked(async (cursor) => (await get(world, `${path}?limit=1${cursor && `&cursor=${cursor}`}`, token)).body);
  expect(pages).toEqual(all.items.map((item: unknown) => [item]));
});
