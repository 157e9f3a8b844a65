import { beforeAll, expect, test } from 'vitest';
import { storedIndex } from '../../../../functions/register/memoryIndex.ts';
import { siteApp } from '../../../../functions/web/site/app.ts';
import { failing } from '../../openGate.ts';
import { cityForAll, ORIGIN } from './support/city.ts';

// What pages of the whole register read is counted in test/functions/callCounts.test.ts.

const city = cityForAll();
beforeAll(async () => {
  await city.notify();
});

test.each(['/features/acme', '/features/acme/proof', '/changes/acme/1'])('%s reads no register', async (path) => {
  const listed: unknown[] = [];
  const sideStore = failing(city.ports.sideStore, (method, [kind]) => {
    if (method === 'list') listed.push(kind);
    return undefined;
  });
  const ports = { ...city.ports, sideStore };
  const app = siteApp({ ...city.deps, ports: { ...ports, register: storedIndex(ports) } });
  const answer = await app.request(`${ORIGIN}${path}`, { headers: { accept: 'text/html' } });
  expect([answer.status, listed.includes('register')]).toEqual([200, false]);
});
