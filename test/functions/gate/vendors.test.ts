import { expect, test } from 'vitest';
import { readVendor, vendorName } from '../../../functions/gate/vendors.ts';
import { openGate } from '../openGate.ts';

test('a key is its vendor’s by name: the city’s own by the name of the city, an unknown one by its id', async () => {
  const { ports } = await openGate();
  expect(await vendorName(ports, 'acme.lpr')).toBe('Vendor acme');
  expect(await vendorName(ports, 'aldergate.policy')).toBe('City');
  expect(await vendorName(ports, 'west.lpr')).toBe('west');
  expect(await readVendor(ports, 'acme')).toMatchObject({ id: 'acme', name: 'Vendor acme', readable: true });
  expect(await readVendor(ports, 'west')).toBeUndefined();
});
