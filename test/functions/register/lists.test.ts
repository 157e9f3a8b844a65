import { expect, test } from 'vitest';
import { listChanges, listFeatures, newestChanges } from '../../../functions/register/lists.ts';
import { storedIndex } from '../../../functions/register/memoryIndex.ts';
import { project } from '../../../functions/register/project.ts';
import { type Gate, NOON, openGate } from '../openGate.ts';

const KEYS = ['acme', 'acme-two', 'acme.lpr', 'acme.lpr.search', 'other'];

const city = async (): Promise<Gate> => {
  const gate = await openGate();
  for (const feature of KEYS) {
    const { change, digest } = await gate.notice({ feature });
    if (feature === 'acme' || feature === 'acme.lpr.search') {
      await gate.certify(change, digest);
      await gate.sign(change, digest);
    }
    await project(gate.ports, `feature/${feature}`);
  }
  return gate;
};

const keys = async ({ ports }: Gate, query: object) =>
  (await listFeatures(ports, { limit: 100, now: NOON, ...query }))?.items.map(({ key }) => key);

test('features come by key, beneath a prefix, with what holds', async () => {
  const gate = await city();
  expect(await keys(gate, {})).toEqual(KEYS);
  expect(await keys(gate, { prefix: 'acme' })).toEqual(['acme', 'acme.lpr', 'acme.lpr.search']);
  expect(await keys(gate, { prefix: 'acme.lpr' })).toEqual(['acme.lpr', 'acme.lpr.search']);
  expect(await keys(gate, { prefix: 'acme.' })).toEqual(['acme.lpr', 'acme.lpr.search']);
  expect(await keys(gate, { status: 'enabled' })).toEqual(['acme']);
  expect(await keys(gate, { status: 'blocked' })).toEqual(['acme.lpr.search']);
  expect(await keys(gate, { status: 'pending', prefix: 'acme' })).toEqual(['acme.lpr']);
  expect(await keys(gate, { status: 'expired', now: '2027-06-01T00:00:00.000Z' })).toEqual(['acme', 'acme.lpr.search']);
});

test('every page is as long as asked, and together they are the whole, each once', async () => {
  const gate = await city();
  for (const limit of [1, 2, 3, 5]) {
    const found: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await listFeatures(gate.ports, { limit, now: NOON, cursor });
      found.push(...(page?.items ?? []).map(({ key }) => key));
      if (page?.next == null) break;
      expect(page.items.length).toBe(limit);
      cursor = page.next;
    }
    expect(found).toEqual(KEYS);
  }
});

test.each(['', '!!', 'YWNtZQ==', '////'])('%j is no cursor', async (cursor) => {
  const gate = await city();
  expect(await listFeatures(gate.ports, { limit: 1, now: NOON, cursor })).toBeUndefined();
  expect(await listChanges(gate.ports, { limit: 1, now: NOON, cursor })).toBeUndefined();
});

const ids = async ({ ports }: Gate, query: object) =>
  (await listChanges(ports, { limit: 100, now: NOON, ...query }))?.items.map(({ view }) => `${view.key}/${view.number}`);

test('changes come by feature and number, filtered by what holds now', async () => {
  const gate = await city();
  for (let n = 2; n <= 12; n += 1) await gate.notice({ feature: 'acme.lpr', title: `Number ${n}` });
  await gate.withdraw('acme.lpr/2');
  await project(gate.ports, 'feature/acme.lpr');
  const ofLpr = Array.from({ length: 12 }, (_, index) => `acme.lpr/${index + 1}`);
  expect(await ids(gate, { key: 'acme.lpr' })).toEqual(ofLpr);
  expect(await ids(gate, { key: 'acme.lpr', status: 'pending' })).toEqual(ofLpr.filter((id) => id !== 'acme.lpr/2'));
  expect(await ids(gate, { status: 'withdrawn' })).toEqual(['acme.lpr/2']);
  expect(await ids(gate, { status: 'approved' })).toEqual(['acme/1', 'acme.lpr.search/1']);
  expect(await ids(gate, { status: 'pending', now: '2026-07-01T00:00:00.000Z' })).toEqual([]);
  expect((await ids(gate, { status: 'lapsed', now: '2026-07-01T00:00:00.000Z' }))?.length).toBe(13);
  expect(await ids(gate, { body: 'auditor' })).toEqual([]);
  expect(await ids(gate, { body: 'mayor', key: 'acme' })).toEqual(['acme/1']);
  const all = (await ids(gate, {})) ?? [];
  expect(all).toEqual(['acme/1', 'acme-two/1', ...ofLpr, 'acme.lpr.search/1', 'other/1'].sort((a, b) => order(a) - order(b)));
  const paged: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await listChanges(gate.ports, { limit: 4, now: NOON, cursor });
    paged.push(...(page?.items ?? []).map(({ view }) => `${view.key}/${view.number}`));
    if (page?.next == null) break;
    cursor = page.next;
  }
  expect(paged).toEqual(all);
});

const order = (id: string): number =>
  KEYS.indexOf(id.slice(0, id.lastIndexOf('/'))) * 100 + Number(id.slice(id.lastIndexOf('/') + 1));

test('a line of the register that cannot be read is folded again, one that has no commits is left out', async () => {
  const gate = await city();
  await gate.sideStore.put('register', 'other', { title: 'forged' });
  await gate.sideStore.put('register', 'acme.ghost', { title: 'forged' });
  expect(await keys(gate, {})).toEqual(KEYS);
  expect(await ids(gate, { key: 'other' })).toEqual(['other/1']);
});

test('of a long history a page, and the newest changes, read what they show; what is open is among the newest, however old', async () => {
  const gate = await openGate();
  await gate.notice();
  const { change } = await gate.notice();
  const changes = 150;
  for (let n = 3; n <= changes; n += 1) await gate.withdraw((await gate.notice()).change);
  await project(gate.ports, 'feature/acme');
  const read = new Set<string>();
  const counted: typeof gate.sideStore = {
    ...gate.sideStore,
    get: async (kind, id) => {
      if (kind === 'change') read.add(id);
      return gate.sideStore.get(kind, id);
    },
    list: async (kind, ...rest) => {
      const found = await gate.sideStore.list(kind, ...rest);
      if (kind === 'change') for (const { id } of found) read.add(id);
      return found;
    },
  };
  const ports = { ...gate.ports, sideStore: counted };
  const newest = await newestChanges(ports, 'acme', { limit: 5, now: NOON });
  expect(newest.map(({ view }) => view.number)).toEqual([150, 149, 148, 147, 146, 2, 1]);
  expect(change).toBe('acme/2');
  expect(read.size).toBe(7);
  const cursor = Buffer.from('acme/0000140').toString('base64url');
  const page = await listChanges(ports, { key: 'acme', limit: 100, now: NOON, cursor });
  expect(page?.items.map(({ view }) => view.number)).toEqual([141, 142, 143, 144, 145, 146, 147, 148, 149, 150]);
  expect(read.size).toBe(12);
});

test('a list waits for what is under way', async () => {
  const gate = await openGate();
  await gate.notice();
  const register = storedIndex(gate.ports, () => project(gate.ports, 'feature/acme'));
  const ports = { ...gate.ports, register };
  expect((await listFeatures(ports, { limit: 9, now: NOON }))?.items).toMatchObject([{ key: 'acme' }]);
  await gate.notice();
  expect((await listChanges(ports, { limit: 9, now: NOON }))?.items.length).toBe(2);
});
