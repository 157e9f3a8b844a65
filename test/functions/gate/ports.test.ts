import { expect, test } from 'vitest';
import { CityName, GateUrl } from '../../../functions/gate/ports.ts';

test.each([
  ['https://Gate.City.Example:443/', 'https://gate.city.example'],
  ['http://[::1]:8787//', 'http://[::1]:8787'],
])('the address %s is %s, as browsers send it with a form', (address, url) => expect(GateUrl.parse(address)).toBe(url));

test.each(['gate', 'ftp://gate', 'https://gate/x', 'https://gate/?a', 'https://gate/#a', 'https://me:word@gate'])(
  '%s is not the address of a gate, whose forms could not be sent',
  (address) => expect(GateUrl.safeParse(address).success).toBe(false),
);

test('the name of a city is one line', () => {
  for (const name of ['Y', 'y'.repeat(100)]) expect(CityName.parse(` ${name} `)).toBe(name);
  for (const name of ['', ' ', 'y'.repeat(101), 'Two\nlines', 'Turned \u202e round', 'Two\u2028lines'])
    expect(CityName.safeParse(name).success, JSON.stringify(name)).toBe(false);
});
