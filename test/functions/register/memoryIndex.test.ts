import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { runConsumers } from '../../../functions/platform/feed/consumers.ts';
import { CorruptStore, StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import type { SideStore } from '../../../functions/platform/store/sideStore.ts';
import { putRegister } from '../../../functions/register/documents.ts';
import { allFeatures, dueFeatures, listChanges, listFeatures } from '../../../functions/register/lists.ts';
import { COMPUTED_PER_TURN, MemoryIndex, READ_PER_TURN, storedIndex } from '../../../functions/register/memoryIndex.ts';
import { catchUp, emptyRegister, project, projector } from '../../../functions/register/project.ts';
import { rebuild } from '../../../functions/register/rebuild.ts';
import type { RegisterIndex } from '../../../functions/register/rows.ts';
import { runs } from '../../support/proof.ts';
import { failing, type Gate, NOON, openGate } from '../openGate.ts';
import { carryOut, step, TIMES } from '../randomSteps.ts';
import { turnsDuring } from '../turnsDuring.ts';
import { saidBy } from './saidBy.ts';

const LATER = '2026-06-01T00:00:00.000Z';

const inMemory = ({ ports }: Gate) => new MemoryIndex(ports, ports.logger);
const listing = (gate: Gate) => ({ ...gate.ports, register: inMemory(gate) });

test('after whatever happened, and at whatever instant, memory says what the stored documents say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const gate = await openGate({ honest: false });
      const [memory, stored] = [inMemory(gate), storedIndex(gate.ports)];
      let latest = 0;
      for (const each of steps) {
        await carryOut(gate, each);
        await project(gate.ports, `feature/${each.key}`);
        for (const now of [TIMES[each.now] ?? NOON, TIMES[latest] ?? NOON])
          expect(await saidBy(memory, now)).toEqual(await saidBy(stored, now));
        latest = each.now;
      }
    }),
    { numRuns: runs(3) },
  );
});

test('what cannot be read is looked at side by side', async () => {
  const { ports } = await openGate();
  const begun: string[] = [];
  const endedBehind: number[] = [];
  const memory = new MemoryIndex(ports, ports.logger, {
    load: async () => ({ entries: ['acme.a', 'acme.b', 'acme.c'].map((key) => ({ key, doc: undefined })), cursor: undefined }),
    changes: async () => ({ keys: [], next: '', done: true }),
    refresh: async (key) => {
      begun.push(key);
      await setImmediate();
      endedBehind.push(begun.length);
      return undefined;
    },
    retryMs: 0,
  });
  await memory.bulk();
  expect(endedBehind).toEqual([3, 3, 3]);
});

test('a list of changes shows every commit, though no document is stored yet', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 10 }), async (steps) => {
      const gate = await openGate({ honest: false });
      const [memory, stored] = [inMemory(gate), storedIndex(gate.ports)];
      const listed = async (register: RegisterIndex, now: string) =>
        Promise.all(
          ([undefined, 'pending', 'approved', 'lapsed'] as const).map((status) =>
            listChanges({ ...gate.ports, register }, { status, limit: 100, now }),
          ),
        );
      for (const [at, each] of steps.entries()) {
        await carryOut(gate, each);
        const now = TIMES[each.now] ?? NOON;
        const early = await listed(memory, now);
        // Every second time the documents stay behind.
        if (at % 2 === 0) continue;
        for (const key of (await memory.bulk()).keys) await project(gate.ports, `feature/${key}`);
        expect(early).toEqual(await listed(stored, now));
      }
    }),
    { numRuns: runs(3) },
  );
});

test('begins with what is stored, and finds what another process has committed since', async () => {
  const gate = await openGate();
  await gate.notice({ feature: 'acme' });
  await project(gate.ports, 'feature/acme');
  await gate.notice({ feature: 'other' });
  const ports = listing(gate);
  expect((await allFeatures(ports, { now: NOON })).map(({ key }) => key)).toEqual(['acme', 'other']);
  await gate.notice({ feature: 'acme.lpr' });
  await gate.notice({ feature: 'acme' });
  expect((await allFeatures(ports, { now: NOON })).map(({ key, newest }) => [key, newest])).toEqual([
    ['acme', 2],
    ['acme.lpr', 1],
    ['other', 1],
  ]);
});

test('begins with what the projector could not write either, though its place in the feed lies behind it', async () => {
  let isFull = true;
  const gate = await openGate({
    sideStoreOf: (sideStore) =>
      failing(sideStore, (method, [kind]) => isFull && method === 'put' && kind === 'register' && new StoreUnavailable('full')),
  });
  await gate.notice({ feature: 'acme' });
  await runConsumers(gate.ports, [projector(gate.ports)]).sweep();
  isFull = false;
  expect((await allFeatures(listing(gate), { now: NOON })).map(({ key }) => key)).toEqual(['acme']);
});

test('gives the same list again while nothing has changed, and rows that stay the same objects', async () => {
  const gate = await openGate();
  for (const feature of ['acme', 'other']) await gate.notice({ feature });
  const index = inMemory(gate);
  const first = await allFeatures({ register: index }, { now: NOON });
  expect(await allFeatures({ register: index }, { now: TIMES[1] ?? '' })).toBe(first);
  await gate.notice({ feature: 'acme' });
  const second = await allFeatures({ register: index }, { now: NOON });
  expect(second[0]).not.toBe(first[0]);
  expect(second[1]).toBe(first[1]);
  expect((await allFeatures({ register: index }, { now: LATER }))[1]?.evaluation.variant).toBe('lapsed');
});

test('a feature that cannot be read is off, and shown again once it can be', async () => {
  let broken = false;
  const gate = await openGate({
    storeOf: (store) =>
      failing(
        store,
        (method, [stream]) => broken && method === 'head' && stream === 'feature/acme' && new CorruptStore('altered'),
      ),
  });
  await gate.approve({ feature: 'acme' });
  const ports = listing(gate);
  const status = async () => (await listFeatures(ports, { now: NOON, limit: 1 }))?.items[0]?.evaluation.variant;
  expect(await status()).toBe('enabled');
  await gate.revoke('acme/1');
  broken = true;
  expect(await status()).toBe('unknown');
});

test('a list that cannot be brought up to date is the one before, with an error in the log, and none before the first', async () => {
  let down = false;
  const gate = await openGate({
    storeOf: (store) => failing(store, (method) => down && method === 'feed' && new StoreUnavailable('down')),
  });
  await gate.notice({ feature: 'acme' });
  const ports = listing(gate);
  expect((await allFeatures(ports, { now: NOON })).length).toBe(1);
  await gate.notice({ feature: 'other' });
  down = true;
  expect((await allFeatures(ports, { now: NOON })).length).toBe(1);
  expect(gate.logged).toMatchObject([{ level: 'error', event: 'register lags' }]);
  const sideStore = failing(gate.sideStore, () => new StoreUnavailable('down'));
  const unread = inMemory({ ...gate, ports: { ...gate.ports, sideStore } });
  await expect(allFeatures({ register: unread }, { now: NOON })).rejects.toThrow('the register cannot be read');
  down = false;
  expect((await allFeatures(ports, { now: NOON })).length).toBe(2);
});

test('a register that another process rebuilds is read again', async () => {
  const gate = await openGate();
  await gate.notice({ feature: 'acme' });
  await project(gate.ports, 'feature/acme');
  const stored = (await gate.sideStore.get('register', 'acme')) as object;
  await gate.sideStore.put('register', 'acme', { ...stored, title: 'Forged' });
  const ports = listing(gate);
  expect((await allFeatures(ports, { now: NOON }))[0]?.title).toBe('Forged');
  expect((await rebuild(gate.ports)).differed).toBe(true);
  expect((await allFeatures(ports, { now: NOON }))[0]?.title).toBe('A new way to search');
});

test('a long register is read, computed and looked through in many turns; what is known takes one', async () => {
  const gate = await openGate();
  const keys = Array.from({ length: 2 * Math.max(READ_PER_TURN, COMPUTED_PER_TURN) }, (_, n) => `acme.f${n}`);
  for (const feature of keys) await gate.notice({ feature });
  const shown = vi.fn();
  await rebuild(gate.ports, shown);
  expect(shown).toHaveBeenCalledWith(64, keys.length);
  const index = new MemoryIndex(gate.ports, gate.ports.logger);
  const walk = async () => {
    for await (const _ of storedIndex(gate.ports).documents({ after: '' }));
  };
  expect(await turnsDuring(walk)).toBeGreaterThanOrEqual(1);
  expect(await turnsDuring(() => index.document('acme.f0'))).toBeGreaterThanOrEqual(1);
  const list = async () => allFeatures({ register: index }, { now: NOON });
  expect(await turnsDuring(list)).toBeGreaterThanOrEqual(1);
  expect(await turnsDuring(list)).toBe(0);
  const forPolice = async () => allFeatures({ register: index }, { now: NOON, context: { agencies: ['police'] } });
  expect(await turnsDuring(forPolice)).toBeGreaterThanOrEqual(1);
  expect(await turnsDuring(() => dueFeatures({ register: index }, LATER, true))).toBeGreaterThanOrEqual(1);

  // A commit that is shown while a list is computed is in the next one.
  const later = async () => allFeatures({ register: index }, { now: LATER });
  const before = later();
  await setImmediate();
  await gate.withdraw('acme.f0/1');
  await before;
  const found = (await later()).find(({ key }) => key === 'acme.f0');
  expect(found?.evaluation.variant).toBe('withdrawn');
  // Two looks at once find the same.
  const [one, other] = await Promise.all([
    dueFeatures({ register: index }, LATER, true),
    dueFeatures({ register: index }, LATER, true),
  ]);
  expect(one).toHaveLength(keys.length - 1);
  expect(other).toEqual(one);
});

test('a list made in many turns walks over the register as often as one made in two', async () => {
  const gate = await openGate();
  const looks = async (features: number) => {
    for (let n = 0; n < features; n += 1) await putRegister(gate.sideStore, emptyRegister(`acme.f${n}`));
    const index = inMemory(gate);
    await index.page({ now: NOON, after: '', limit: features });
    const has = vi.spyOn(WeakMap.prototype, 'has');
    expect(await allFeatures({ register: index }, { now: NOON })).toHaveLength(features);
    const rows = has.mock.calls.filter(([row]) => 'evaluation' in (row as object)).length;
    has.mockRestore();
    return rows / features;
  };
  expect([await looks(2 * COMPUTED_PER_TURN), await looks(8 * COMPUTED_PER_TURN)]).toEqual([2, 2]);
});

test('a later page of changes reads nothing of the features before its cursor', async () => {
  const gate = await openGate();
  const keys = Array.from({ length: 30 }, (_, index) => `acme.f${String(index).padStart(2, '0')}`);
  for (const feature of keys) {
    await gate.notice({ feature });
    await catchUp(gate.ports, feature);
  }
  let documents = 0;
  const { get, list } = gate.sideStore;
  const sideStore: SideStore = {
    ...gate.sideStore,
    get: async (...query) => {
      documents += 1;
      return get(...query);
    },
    list: async (...query) => {
      const entries = await list(...query);
      documents += entries.length;
      return entries;
    },
  };
  const page = async (cursor?: string) => {
    documents = 0;
    const ports = { ...gate.ports, sideStore };
    return listChanges({ ...ports, register: storedIndex(ports) }, { status: 'pending', limit: 10, now: NOON, cursor });
  };
  const second = await page((await page())?.next ?? '');
  const third = await page(second?.next ?? '');
  expect(third?.items.map(({ view }) => view.key)).toStrictEqual(keys.slice(20));
  expect(third?.next).toBeNull();
  // The feature at the cursor, those after it, and a document for each of their changes.
  expect(documents).toBeLessThanOrEqual(2 * (1 + 10));
});
