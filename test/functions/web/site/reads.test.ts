import { afterAll, beforeAll, expect, test } from 'vitest';
import { storedIndex } from '../../../../functions/register/storedIndex.ts';
import { siteApp } from '../../../../functions/web/site/app.ts';
import { failing } from '../../openGate.ts';
import { type City, ORIGIN, openCity } from './support/city.ts';

let city: City;
let get: (path: string) => Promise<Response>;
const listed: unknown[] = [];

beforeAll(async () => {
  city = await openCity();
  for (let n = 1; n <= 120; n += 1) await city.notify({ feature: `acme.f${String(n).padStart(3, '0')}` });
  const sideStore = failing(city.ports.sideStore, (method, [kind]) => {
    if (method === 'list') listed.push(kind);
    return undefined;
  });
  const ports = { ...city.ports, sideStore };
  const app = siteApp({ ...city.deps, ports: { ...ports, register: storedIndex(ports) } });
  get = async (path) => app.request(`${ORIGIN}${path}`, { headers: { accept: 'text/html' } });
});
afterAll(() => city.close());

test.each([
  '/',
  '/?q=vehicles&show=waiting&body=council',
  '/?format=json&limit=1000',
  '/numbers',
  '/vendors/acme',
  '/calendar',
  '/calendar.ics',
  '/feed.atom',
])('%s reads the register once, however many entries there are', async (path) => {
  listed.length = 0;
  expect((await get(path)).status).toBe(200);
  expect(listed.filter((kind) => kind === 'register')).toEqual(['register']);
});

test.each(['/features/acme.f007', '/features/acme.f007/proof', '/changes/acme.f007/1'])(
  '%s reads it not at all',
  async (path) => {
    listed.length = 0;
    expect((await get(path)).status).toBe(200);
    expect(listed).not.toContain('register');
  },
);

test('of very many entries a page shows some, and leads on; it stays small', async () => {
  const page = await (await get('/')).text();
  expect(page).toContain('Shown: 1 to 50 of 120');
  expect(Buffer.byteLength(page)).toBeLessThan(60_000);
  for (const path of ['/vendors/acme', '/calendar', '/numbers'])
    expect(Buffer.byteLength(await (await get(path)).text()), path).toBeLessThan(60_000);
});
