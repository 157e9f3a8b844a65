import { afterEach, beforeEach, expect, test } from 'vitest';
import { addPasskey, enrolmentOf } from '../../../../functions/gate/passkeys.ts';
import { setRoster } from '../../../../functions/gate/rosters.ts';
import { softwareKey } from '../../../support/authenticator.ts';
import { ORIGIN, ROSTER } from '../site/support/city.ts';
import { passkeyFormIn } from './forms.ts';
import { type PasskeyCity, passkeyCity } from './world.ts';

let city: PasskeyCity;
let mayor: string;

beforeEach(async () => {
  city = await passkeyCity('when-enrolled');
  mayor = await city.link('mayor', 'mayor', await city.notify());
});
afterEach(() => city.close());

const owned = () => enrolmentOf(city.ports, { holder: 'hm', generation: 0 }).then(({ owned: keys }) => keys);
const page = async (): Promise<string> => (await city.see(`${mayor}/passkey`)).text();

test('no passkey is set up while who receives the links is about to change, also if the page was opened before', async () => {
  const key = softwareKey(ORIGIN);
  const first = await city.formOf(city.see(`${mayor}/passkey`));
  const prove = await city.formOf(city.send(first.action, city.answer(first, key)));
  const holders = ROSTER.holders.map((holder) => (holder.id === 'hm' ? { ...holder, email: 'else@city.example' } : holder));
  await setRoster(city.ports, { ...ROSTER, holders }, new Uint8Array(32).fill(3));
  expect(await page()).toContain('Who receives your links is about to change.');
  expect(passkeyFormIn(await page())).toBe(undefined);
  expect((await city.send(first.action, city.answer(first, key))).status).toBe(409);
  expect((await city.send(prove.action, city.answer(prove, key))).status).toBe(409);
  const { id: credential, publicKey } = key;
  const enrolled = { at: city.now(), by: 'link' } as const;
  const made = { credential, publicKey, cose: publicKey, algorithm: 'ES256', transports: [] as string[], enrolled } as const;
  expect(await addPasskey(city.ports, { holder: 'hm', generation: 0 }, made)).toBe(false);
  expect(await owned()).toEqual([]);
  await setRoster(city.ports, { ...ROSTER }, new Uint8Array(32).fill(3));
  expect((await city.send(prove.action, city.answer(prove, key))).status).toBe(303);
});
