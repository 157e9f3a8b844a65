import * as crypto from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { addVendor } from '../../../../functions/gate/vendors.ts';
import { ed25519Signer, notice, openWorld, post } from './world.ts';

// Counts the checks of signatures; everything else is as it is.
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof crypto>();
  return { ...real, verify: vi.fn(real.verify), createHmac: vi.fn(real.createHmac) };
});

const VENDORS = 62;
const SIGNATURES = Array.from({ length: 8 }, () => `v1a,${Buffer.alloc(64, 7).toString('base64')}`).join(' ');

const checked = () => vi.mocked(crypto.verify).mock.calls.length;

test('only the keys of the vendor whose feature it is are tried, however many vendors there are', async () => {
  const world = await openWorld({ rules: null });
  for (let n = 0; n < VENDORS; n += 1)
    await addVendor(world.deps.ports, `vendor-${n}`, `Vendor ${n}`, ed25519Signer(world.now).publicKey);
  const stranger = ed25519Signer(world.now);
  const ask = (body: string) => post(world, '/v1/notices', body, { ...stranger.headers(body), 'webhook-signature': SIGNATURES });
  const noticeOf = (feature: string) => JSON.stringify(notice({ feature }));

  expect(await ask(noticeOf('nobody'))).toMatchObject({ status: 401 });
  expect(await ask(noticeOf('__proto__'))).toMatchObject({ status: 400 });
  expect(await ask('{"feature":')).toMatchObject({ status: 400 });
  expect(checked()).toBe(0);
  expect(await ask(noticeOf('vendor-3'))).toMatchObject({ status: 401 });
  expect(checked()).toBe(8);
});
