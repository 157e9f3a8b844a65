import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeVendorForm } from '../../../../functions/gate/vendors.ts';
import { PASSKEY_PAGES, SITE_PAGES } from '../../../../functions/web/routes/pages.ts';
import { type PasskeyCity, passkeyCity } from '../passkeys/world.ts';
import { ORIGIN, PEOPLE } from './support/city.ts';

let city: PasskeyCity;
/** A link of each kind, by the beginning of its address. */
let tokens: Readonly<Record<string, string>>;
beforeAll(async () => {
  city = await passkeyCity('when-enrolled');
  const clerk = await city.link('clerk', 'council', await city.notify());
  const form = await makeVendorForm(city.ports, 'acme', 'P30D');
  const weekly = await city.linkTo({ purpose: 'weekly', ...PEOPLE.mayor });
  tokens = { '/d/': clerk.slice('/d/'.length), '/n/': form?.token ?? '', '/m/': weekly.slice('/m/'.length) };
});
afterAll(() => city.close());

const posts = (pages: Readonly<Record<string, object>>) =>
  Object.entries(pages).flatMap(([path, methods]) => ('POST' in methods ? [path] : []));

test.each([...posts(SITE_PAGES), ...posts(PASSKEY_PAGES)])('POST %s is for the gate’s own pages alone', async (route) => {
  const path = route.replace('{token}', tokens[route.slice(0, 3)] ?? '');
  const app = route in SITE_PAGES ? city.app : city.pages;
  const before = { ...city.writes };
  const send = (headers: Record<string, string>) => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return app.request(`${ORIGIN}${path}`, { method: 'POST', headers: { ...type, ...headers }, body: 'reason=x' });
  };
  for (const origin of ['https://evil.example', 'null', `${ORIGIN}.evil.example`]) {
    const refused = await send({ origin, 'sec-fetch-site': 'same-origin' });
    expect(refused.status, origin).toBe(403);
    expect(await refused.text()).toContain(ORIGIN);
  }
  for (const site of ['cross-site', 'same-site', 'none']) expect((await send({ 'sec-fetch-site': site })).status, site).toBe(403);
  expect((await send({})).status).toBe(403);
  expect((await send({ origin: ORIGIN, 'content-type': 'application/json' })).status).toBe(415);
  expect((await app.request(`${ORIGIN}${path}`, { method: 'PUT' })).status).toBe(405);
  expect(city.writes).toEqual(before);
});
