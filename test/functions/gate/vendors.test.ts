import { hash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import {
  addVendor,
  formsAfter,
  listVendors,
  makeVendorForm,
  readVendor,
  resolveVendorForm,
  revokeVendorForms,
  revokeVendorKey,
  vendorName,
} from '../../../functions/gate/vendors.ts';
import { StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import { type Gate, NOON, openGate } from '../openGate.ts';

const formOf = async (gate: Gate, vendor = 'acme', valid = 'P30D') =>
  (await makeVendorForm(gate.ports, vendor, valid)) ?? expect.fail('no form was made');

test('a form leads to its vendor until it expires, and its token is kept nowhere', async () => {
  const gate = await openGate();
  const { token, ...form } = await formOf(gate);
  expect(form).toEqual({
    id: hash('sha256', token).slice(0, 16),
    vendor: 'acme',
    createdAt: NOON,
    expiresAt: '2026-04-01T12:00:00.000Z',
    revokedAt: null,
  });
  expect(await resolveVendorForm(gate.ports, token)).toEqual(form);
  gate.at('2026-04-01T11:59:59.999Z');
  expect(await resolveVendorForm(gate.ports, token)).toBeDefined();
  gate.at('2026-04-01T12:00:00.000Z');
  expect(await resolveVendorForm(gate.ports, token)).toBeUndefined();
  expect(await revokeVendorForms(gate.ports, 'acme')).toBe(0);
  expect(JSON.stringify(await gate.sideStore.list('vendor-form'))).not.toContain(token);
});

test('a form that was over by a clock that ran ahead stays so once the clock is put right: the judge would refuse what comes through it', async () => {
  const gate = await openGate();
  const { token } = await formOf(gate, 'acme', 'PT1H');
  gate.at('2026-03-02T17:00:00.000Z');
  await gate.notice();
  gate.at('2026-03-02T12:30:00.000Z');
  expect(await resolveVendorForm(gate.ports, token)).toBeUndefined();
});

test('the secret of a key that ended is kept no longer', async () => {
  const gate = await openGate();
  const added = await addVendor(gate.ports, 'beta', 'Beta');
  const keys = added.ok ? added.keys.map(({ id }) => id) : [];
  const secrets = async () => (await gate.sideStore.list('vendor-secret')).map(({ id }) => id);
  expect(await secrets()).toEqual(keys);
  await revokeVendorKey(gate.ports, 'beta', keys[0] ?? '');
  expect(await secrets()).toEqual([]);
});

test.each(['PT0S', 'P1Y1D', 'a month'])('no form is made that is valid for “%s”', async (valid) => {
  const gate = await openGate();
  expect(await makeVendorForm(gate.ports, 'acme', valid)).toBeUndefined();
  expect(await gate.sideStore.list('vendor-form')).toEqual([]);
});

test('what is revoked leads nowhere, is still listed, and another vendor’s forms stay', async () => {
  const gate = await openGate();
  await addVendor(gate.ports, 'beta', 'Beta');
  const [first, second, other] = [await formOf(gate), await formOf(gate), await formOf(gate, 'beta')];
  expect(first.token).not.toBe(second.token);
  gate.at('2026-03-03T12:00:00.000Z');
  // Listed, and its making then failed: there is nothing to revoke.
  await gate.sideStore.put('vendor-form', 'f'.repeat(64), { vendor: 'acme' });
  vi.spyOn(gate.ports.queue, 'run').mockReturnValueOnce(undefined);
  await expect(revokeVendorForms(gate.ports, 'acme')).rejects.toThrow(StoreUnavailable);
  expect(await revokeVendorForms(gate.ports, 'acme')).toBe(2);
  expect(await resolveVendorForm(gate.ports, first.token)).toBeUndefined();
  expect(await resolveVendorForm(gate.ports, second.token)).toBeUndefined();
  expect(await resolveVendorForm(gate.ports, other.token)).toMatchObject({ vendor: 'beta', revokedAt: null });
  const revoked = (await formsAfter(gate.ports, 'acme', '', 100)).items;
  expect(new Set(revoked.map(({ id }) => id))).toEqual(new Set([first.id, second.id]));
  expect(new Set(revoked.map(({ revokedAt }) => revokedAt))).toEqual(new Set(['2026-03-03T12:00:00.000Z']));
  expect((await formsAfter(gate.ports, 'beta', '', 100)).items).toHaveLength(1);
});

test.each(['', 'A'.repeat(43), '../roster'])('the token “%s” leads nowhere', async (token) => {
  const gate = await openGate();
  await formOf(gate);
  expect(await resolveVendorForm(gate.ports, token)).toBeUndefined();
});

test('a form that is not listed could not be revoked, so it leads nowhere', async () => {
  const gate = await openGate();
  const { token } = await formOf(gate);
  await gate.sideStore.remove('vendor-form', hash('sha256', token));
  expect(await resolveVendorForm(gate.ports, token)).toBeUndefined();
  expect((await formsAfter(gate.ports, 'acme', '', 100)).items).toEqual([]);
});

test('a key is its vendor’s by name: the city’s own by the name of the city, an unknown one by its id, and listed it is not', async () => {
  const { ports } = await openGate();
  expect(await vendorName(ports, 'acme.lpr')).toBe('Vendor acme');
  expect(await vendorName(ports, 'aldergate.policy')).toBe('City');
  expect(await vendorName(ports, 'west.lpr')).toBe('west');
  expect(await readVendor(ports, 'acme')).toMatchObject({ id: 'acme', name: 'Vendor acme', readable: true });
  expect(await readVendor(ports, 'west')).toBeUndefined();
  expect(await addVendor(ports, 'acme', 'Vendor acme')).toMatchObject({ rejection: { code: 'vendor-exists' } });
  expect(await ports.sideStore.list('vendor-secret')).toEqual([]);
  await ports.sideStore.put('vendor', 'west', { name: 'West' });
  expect((await listVendors(ports)).map(({ id }) => id)).toEqual(['acme']);
});
