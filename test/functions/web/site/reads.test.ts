import { beforeAll, expect, test } from 'vitest';
import type { Task } from '../../../../domain/derived/record.ts';
import type { SideStore } from '../../../../functions/platform/store/sideStore.ts';
import { storedIndex } from '../../../../functions/register/memoryIndex.ts';
import { apiApp } from '../../../../functions/web/api/app.ts';
import { createToken, credentials } from '../../../../functions/web/http/tokens.ts';
import { siteApp } from '../../../../functions/web/site/app.ts';
import { failing } from '../../openGate.ts';
import { putTask, task } from '../../register/derived/derivedCity.ts';
import { noon, putKnown } from './support/cases.ts';
import { type City, cityForAll, ORIGIN } from './support/city.ts';

// What pages read must depend on what they show, not on how much there is. Those of the whole register: test/functions/callCounts.test.ts.

const PATHS = [
  ...['', '?open=false', '?format=json', '?key=acme.f00007'].map((query) => `/on-without-permission${query}`),
  '/',
  '/vendors/acme',
  '/features/acme.f00007',
  '/numbers',
  '/calendar?limit=30',
  // Of what is urgent and of what is to come a page each.
  '/calendar?format=json&limit=30',
  ...['', '?vendor=acme&format=json&limit=50'].map((query) => `/worklist${query}`),
  ...['', 'vendor=acme&'].map((query) => `/v1/tasks?${query}limit=50`),
  ...['', 'open=false&'].map((query) => `/v1/drift?${query}limit=50`),
];
const ENTRIES = 60;
const keyOf = (n: number) => `acme.f${String(n).padStart(5, '0')}`;

/** A side store whose reads of what is derived are counted: calls, and entries of lists. */
const counting = (sideStore: SideStore) => {
  const read = { calls: 0, entries: 0 };
  const count = (kind: string, entries: number) => {
    if (!kind.startsWith('derived')) return;
    read.calls += 1;
    read.entries += entries;
  };
  const counted: SideStore = {
    ...sideStore,
    get: async (kind, id) => {
      count(kind, 1);
      return sideStore.get(kind, id);
    },
    list: async (kind, ...range) => {
      const entries = await sideStore.list(kind, ...range);
      count(kind, entries.length);
      return entries;
    },
  };
  return { read, counted };
};

/** A task of each feature: some urgent, some with a day to come. */
const taskOf = (key: string, n: number): Task =>
  n % 3 === 0
    ? task({ key, vendor: 'acme', kind: 'switch-off', because: 'seen-on', urgent: true, by: noon('2026-02-01') })
    : task({ key, vendor: 'acme', change: `${key}/1`, by: noon(`2026-04-${String(1 + (n % 28)).padStart(2, '0')}`) });

/** Puts as many features into a city, which were on without permission twice, are again, and have a task. */
const putFeatures = async (city: City, features: number) => {
  const over = (day: string) => ({ since: noon(day), until: noon(day), closedAt: noon(day), closedBy: { source: 'portal' } });
  const known = Array.from({ length: features }, (_, n) => ({
    key: keyOf(n),
    cases: [over('2026-01-05'), over('2026-01-07'), { since: noon('2026-02-01') }],
    reports: [{}],
  }));
  await putKnown(city, known, [{}]);
  for (const [n, { key }] of known.entries()) await putTask(city.ports.sideStore, taskOf(key, n));
};

const readsOf = async (city: City) => {
  const { token } = await createToken(city.ports, { name: 'it', scopes: ['state:read', 'observe'], person: 'h1' });
  const { read, counted } = counting(city.ports.sideStore);
  const ports = { ...city.ports, sideStore: counted };
  const deps = { ...city.deps, ports: { ...ports, register: storedIndex(ports) } };
  const site = siteApp(deps);
  const api = apiApp({
    ...deps,
    leaseSeconds: 30,
    rosterSalt: new Uint8Array(32),
    health: async () => [],
    authenticate: credentials(deps.ports),
  });
  const reads: [string, number, number][] = [];
  for (const path of PATHS) {
    Object.assign(read, { calls: 0, entries: 0 });
    const app = path.startsWith('/v1/') ? api : site;
    const answer = await app.request(`${ORIGIN}${path}`, { headers: { accept: 'text/html', authorization: `Bearer ${token}` } });
    expect(answer.status, path).toBe(200);
    await answer.text();
    reads.push([path, read.calls, read.entries]);
  }
  return reads;
};

const city = cityForAll();
beforeAll(async () => {
  for (let n = 0; n < ENTRIES; n += 1) await city.notify({ feature: keyOf(n) });
});

test.each(['/features/acme.f00007', '/changes/acme.f00007/1'])('%s reads no register', async (path) => {
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

test('two hundred features with cases and tasks cost each page what a hundred do', async () => {
  await putFeatures(city, 100);
  const few = await readsOf(city);
  await putFeatures(city, 200);
  const many = await readsOf(city);
  expect(many).toStrictEqual(few);
  const most = new Map(many.map(([path, calls]) => [path, calls]));
  expect(most.get('/on-without-permission')).toBeLessThanOrEqual(25);
  expect(most.get('/')).toBeLessThanOrEqual(55);
  expect(most.get('/numbers')).toBeLessThanOrEqual(3);
  expect(most.get('/calendar?limit=30')).toBeLessThanOrEqual(3);
  // One of them is of what the list rests on.
  expect(most.get('/v1/tasks?limit=50')).toBeLessThanOrEqual(2);
});
