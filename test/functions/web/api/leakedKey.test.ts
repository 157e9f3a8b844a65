import { expect, test } from 'vitest';
import { rotateVendor } from '../../../../functions/gate/vendors.ts';
import { ed25519Signer } from './signers.ts';
import { approve, get, notice, notified, openWorld, post, remove, vendor, type World } from './world.ts';

const admin = async (world: World) => ({ 'x-api-key': await world.token('admin') });

const keysOf = async (world: World, vendorId: string): Promise<readonly string[]> => {
  const { body } = await get(world, '/v1/vendors', (await admin(world))['x-api-key']);
  const found = body.items.find(({ id }: { id: string }) => id === vendorId);
  return found.keys.map(({ id }: { id: string }) => id);
};

test('a leaked key that outlived three rotations ends at once, and takes no contract off any more', async () => {
  const world = await openWorld();
  const leaked = await vendor(world, 'acme');
  const contract = { kind: 'contract', endsAt: '2026-12-31' };
  const { body } = await notified(world, leaked, contract);
  await approve(world, 'acme', 1, body.digest);
  const [first = ''] = await keysOf(world, 'acme');
  for (let rotation = 0; rotation < 3; rotation += 1)
    await rotateVendor(world.deps.ports, 'acme', ed25519Signer(world.now).publicKey);
  // Rotating alone leaves it valid for a week.
  expect(await notified(world, leaked, { feature: 'acme.search' })).toMatchObject({ status: 202 });

  const revoked = await remove(world, `/v1/vendors/acme/keys/${first}`, await admin(world));
  expect(revoked).toMatchObject({ status: 200, body: { id: 'acme', key: first, revoked: true } });
  const before = await world.commits();
  const removal = JSON.stringify(notice({ kind: 'removal' }));
  expect(await post(world, '/v1/notices', removal, leaked.headers(removal))).toMatchObject({
    status: 401,
    body: { type: 'urn:aldergate:problem:signature-refused' },
  });
  const withdrawal = JSON.stringify({ withdraw: 'acme.search/1' });
  expect(await post(world, '/v1/changes/acme.search/1/withdraw', withdrawal, leaked.headers(withdrawal))).toMatchObject({
    status: 401,
  });
  // A message that it signed before its end is not taken either.
  const early = leaked.headers(removal, 'msg_early', '2026-03-02T11:59:00.000Z');
  expect(await post(world, '/v1/notices', removal, early)).toMatchObject({ status: 401 });
  expect(await world.commits()).toBe(before);

  const reader = await world.token('state:read');
  expect((await get(world, '/v1/features/acme', reader)).body).toMatchObject({ enabled: true });
  expect((await get(world, '/v1/changes/acme/1', reader)).body).toMatchObject({ provenance: { key: first } });
});
