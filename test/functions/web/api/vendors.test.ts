import { expect, test } from 'vitest';
import { vendorContact } from '../../../../functions/gate/vendors.ts';
import { openWorld, post } from './world.ts';

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
