import { expect, test } from 'vitest';
import { GateUrl } from '../../../functions/gate/ports.ts';

test.each([
  ['https://Gate.City.Example:443/', 'https://gate.city.example'],
  ['http://[::1]:8787//', 'http://[::1]:8787'],
])('the address %s is %s, as browsers send it with a form', (address, url) => expect(GateUrl.parse(address)).toBe(url));

test.each(['gate', 'ftp://gate', 'https://gate/x', 'https://gate/?a', 'https://gate/#a', 'https://me:word@gate'])(
  '%s is not the address of a gate, whose forms could not be sent',
  (address) => expect(GateUrl.safeParse(address).success).toBe(false),
);
