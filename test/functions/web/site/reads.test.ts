import { beforeAll, expect, test } from 'vitest';
import { MemoryIndex, READ_PER_TURN, storedIndex } from '../../../../functions/register/memoryIndex.ts';
import type { ProjectorPorts } from '../../../../functions/register/project.ts';
import type { RegisterIndex } from '../../../../functions/register/rows.ts';
import { siteApp } from '../../../../functions/web/site/app.ts';
import { failing } from '../../openGate.ts';
import { cityForAll, ORIGIN } from './support/city.ts';

const ENTRIES = 120;
const listed: unknown[] = [];

const city = cityForAll();
beforeAll(async () => {
  for (let n = 1; n <= ENTRIES; n += 1) await city.notify({ feature: `acme.f${String(n).padStart(3, '0')}` });
});

/** A process that has just started, with its index of the register. */
const started = (indexOf: (ports: ProjectorPorts) => RegisterIndex = (ports) => new MemoryIndex(ports, () => undefined)) => {
  const sideStore = failing(city.ports.sideStore, (method, [kind]) => {
    if (method === 'list') listed.push(kind);
    return undefined;
  });
  const ports = { ...city.ports, sideStore };
  const app = siteApp({ ...city.deps, ports: { ...ports, register: indexOf(ports) } });
  return async (path: string) => app.request(`${ORIGIN}${path}`, { headers: { accept: 'text/html' } });
};

test.each([
  '/',
  '/?q=vehicles&show=waiting&body=council',
  '/?format=json&limit=1000',
  '/numbers',
  '/vendors/acme',
  '/calendar',
  '/calendar.ics',
  '/feed.atom',
])('%s reads the register once in a process, however many entries there are', async (path) => {
  const get = started();
  listed.length = 0;
  for (const _ of [1, 2]) expect((await get(path)).status).toBe(200);
  const parts = Math.floor(ENTRIES / READ_PER_TURN) + 1;
  expect(listed.filter((kind) => kind === 'register')).toHaveLength(parts);
});

test.each(['/features/acme.f007', '/features/acme.f007/proof', '/changes/acme.f007/1'])(
  '%s reads it not at all',
  async (path) => {
    const get = started(storedIndex);
    listed.length = 0;
    expect((await get(path)).status).toBe(200);
    expect(listed).not.toContain('register');
  },
);

test('of very many entries a page shows some, and leads on; it stays small', async () => {
  const get = started();
  const page = await (await get('/')).text();
  expect(page).toContain('Shown: 1 to 50 of 120');
  expect(Buffer.byteLength(page)).toBeLessThan(60_000);
  for (const path of ['/vendors/acme', '/calendar', '/numbers'])
    expect(Buffer.byteLength(await (await get(path)).text()), path).toBeLessThan(60_000);
});
