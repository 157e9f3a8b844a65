import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runConsumers } from '../../../functions/platform/feed/consumers.ts';
import { CorruptStore, StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import type { Store } from '../../../functions/platform/store/port.ts';
import { runClock } from '../../../functions/reactions/clock/runClock.ts';
import { catchUp, project, projector, readChange, readFeature } from '../../../functions/register/project.ts';
import { rebuild } from '../../../functions/register/rebuild.ts';
import { permitted } from '../../support/permitted.ts';
import { runs } from '../../support/proof.ts';
import { failing, type Gate, NOON, openGate } from '../openGate.ts';
import { carryOut, KEYS, step } from '../randomSteps.ts';

const fold = ({ ports }: Gate) => project(permitted('projector', ports), 'feature/acme');
const everyDoc = async ({ sideStore }: Gate) => [...(await sideStore.list('register')), ...(await sideStore.list('change'))];

test('a change is read at its head before anything was projected, and reading writes nothing', async () => {
  const gate = await openGate();
  const { digest } = await gate.notice();
  await gate.certify('acme/1', digest);
  const reading = await readChange(gate.ports, 'acme', 1);
  expect(reading).toMatchObject({
    view: { status: 'pending', requirements: [{ status: 'met' }, { status: 'open' }] },
  });
  expect(await readFeature(gate.ports, 'acme')).toMatchObject({ title: 'A new way to search', kind: 'new-feature', newest: 1 });
  expect(await everyDoc(gate)).toEqual([]);
});

test('a crash between the changes and the register heals', async () => {
  let crash = false;
  const gate = await openGate({
    sideStoreOf: (sideStore) =>
      failing(sideStore, (method, [kind]) => crash && method === 'put' && kind === 'register' && new StoreUnavailable('crash')),
  });
  const { digest } = await gate.notice();
  await fold(gate);
  await gate.certify('acme/1', digest);
  crash = true;
  await expect(fold(gate)).rejects.toThrow('crash');
  crash = false;
  expect(await gate.sideStore.list('register')).toMatchObject([{ value: { version: 1 } }]);
  expect(await gate.sideStore.list('change')).toMatchObject([{ value: { version: 2 } }]);
  expect(await readChange(gate.ports, 'acme', 1)).toMatchObject({ view: { requirements: [{ status: 'met' }, {}] } });
  await fold(gate);
  expect((await rebuild(gate.ports)).differed).toBe(false);
});

test('the late write of a slower run is seen, not believed', async () => {
  const gate = await openGate();
  const { digest } = await gate.notice();
  await fold(gate);
  const [old] = await gate.sideStore.list('change');
  await gate.certify('acme/1', digest);
  await fold(gate);
  await gate.sideStore.put('change', 'acme/0000001', old?.value ?? null);
  expect(await readChange(gate.ports, 'acme', 1)).toMatchObject({ view: { requirements: [{ status: 'met' }, {}] } });
  await gate.sign('acme/1', digest);
  await fold(gate);
  expect(await gate.sideStore.list('change')).toMatchObject([{ value: { version: 3, view: { status: 'approved' } } }]);
  expect((await rebuild(gate.ports)).differences).toEqual([]);
});

test('a slower run that replaces the feature of a faster one brings it up to date', async () => {
  const gate = await openGate();
  const { digest } = await gate.notice();
  let overtaken = false;
  const { sideStore } = gate;
  const overtaking = {
    ...sideStore,
    put: async (...[kind, id, value]: Parameters<typeof sideStore.put>) => {
      if (kind === 'register' && !overtaken) {
        overtaken = true;
        await gate.certify('acme/1', digest);
        await fold(gate);
      }
      await sideStore.put(kind, id, value);
    },
  };
  await project({ ...gate.ports, sideStore: overtaking }, 'feature/acme');
  expect(await gate.sideStore.list('register')).toMatchObject([{ value: { version: 2, touched: { 1: 2 } } }]);
  expect((await rebuild(gate.ports)).differences).toEqual([]);
});

test('a document that cannot be read, differs from the state or claims to be ahead is folded anew', async () => {
  const gate = await openGate();
  await gate.notice();
  await fold(gate);
  const [[change], [register]] = [await gate.sideStore.list('change'), await gate.sideStore.list('register')];
  const forged = JSON.parse(JSON.stringify(change?.value).replace('"status":"pending"', '"status":"refused"'));
  for (const value of [7, { viewVersion: 1 }, null, forged]) {
    await gate.sideStore.put('change', 'acme/0000001', value);
    expect(await readChange(gate.ports, 'acme', 1)).toMatchObject({ view: { status: 'pending' } });
  }
  await gate.sideStore.put('register', 'acme', { ...(register?.value as object), version: 9, title: 'forged' });
  expect(await readFeature(gate.ports, 'acme')).toMatchObject({ version: 1, title: 'A new way to search' });
});

test('a stream that cannot be read is said to be, and hides no other; an outage is thrown', async () => {
  let [broken, down] = [false, false];
  const storeOf = (store: Store) =>
    failing(store, (method, [stream]) => {
      if (down) return new StoreUnavailable('down');
      return broken && stream === 'feature/acme' && method !== 'append' ? new CorruptStore('altered') : undefined;
    });
  const gate = await openGate({ storeOf, honest: false });
  await gate.notice();
  await gate.notice({ feature: 'acme.lpr' });
  await fold(gate);
  broken = true;
  await expect(readFeature(gate.ports, 'acme')).rejects.toThrow(CorruptStore);
  await expect(readChange(gate.ports, 'acme', 1)).rejects.toThrow(CorruptStore);
  await fold(gate);
  await project(gate.ports, 'feature/acme.lpr');
  expect(await gate.sideStore.list('register')).toMatchObject([
    { id: 'acme', value: { unreadable: true } },
    { id: 'acme.lpr', value: { unreadable: false } },
  ]);
  expect(await rebuild(gate.ports)).toMatchObject({ features: 2, differed: false, unreadable: ['acme'] });
  broken = false;
  await fold(gate);
  expect((await gate.sideStore.list('register'))[0]).toMatchObject({ value: { unreadable: false } });
  down = true;
  await expect(readFeature(gate.ports, 'acme')).rejects.toThrow(StoreUnavailable);
  await expect(catchUp(gate.ports, 'acme')).rejects.toThrow(StoreUnavailable);
});

test('a feature is named by what was approved last; a removal renames nothing', async () => {
  const gate = await openGate();
  const first = await gate.notice({ title: 'First' });
  await gate.notice({ title: 'Second', kind: 'update' });
  expect(await readFeature(gate.ports, 'acme')).toMatchObject({ title: 'Second', kind: 'update', newest: 2 });
  await fold(gate);
  await gate.decide(first);
  await fold(gate);
  expect(await readFeature(gate.ports, 'acme')).toMatchObject({ title: 'First', kind: 'new-feature' });
  await gate.notice({ title: 'Third' });
  await gate.notice({ title: 'Taken away', kind: 'removal' });
  expect(await readFeature(gate.ports, 'acme')).toMatchObject({ title: 'First', newest: 4 });
});

test('what was thrown away comes back byte for byte, and what no commit speaks of goes away', async () => {
  const gate = await openGate();
  for (const feature of ['acme', 'acme.lpr']) await gate.notice({ feature });
  const whole = { differed: false, differences: [], unreadable: [], rows: [] };
  expect(await rebuild(gate.ports)).toEqual({ features: 2, changes: 2, ...whole });
  const built = await everyDoc(gate);
  expect(built.length).toBe(4);
  for (const { id } of await gate.sideStore.list('change')) await gate.sideStore.remove('change', id);
  for (const id of ['ghost/0000001', 'acme/0000009']) await gate.sideStore.put('change', id, {});
  await gate.sideStore.put('register', 'ghost', { any: 'thing' });
  const { differed, differences } = await rebuild(gate.ports);
  expect([differed, differences]).toEqual([
    true,
    expect.arrayContaining(['ghost', 'ghost/0000001', 'acme/0000009', 'acme/0000001']),
  ]);
  expect(await everyDoc(gate)).toEqual(built);
});

test('the projector continues behind what was rebuilt, but tries what could not be read', async () => {
  let broken = true;
  const gate = await openGate({
    storeOf: (store) =>
      failing(
        store,
        (method, [stream]) => broken && method === 'history' && stream === 'feature/acme.lpr' && new CorruptStore('altered'),
      ),
  });
  for (const feature of ['acme', 'acme.lpr']) await gate.notice({ feature });
  const seen: string[] = [];
  const consumer = {
    ...projector(gate.ports),
    handle: async ({ stream }: { readonly stream: string }) => void seen.push(stream),
  };
  const sweep = () => runConsumers(gate.ports, [consumer]).sweep();
  expect(await rebuild(gate.ports)).toMatchObject({ unreadable: ['acme.lpr'] });
  broken = false;
  await rebuild(gate.ports);
  await sweep();
  expect(seen).toEqual([]);
  await gate.notice({ feature: 'acme.lpr', title: 'A second' });
  broken = true;
  await rebuild(gate.ports);
  broken = false;
  await sweep();
  expect(seen).toEqual(['feature/acme.lpr']);
});

test('lagging is not a difference; other content is', async () => {
  const gate = await openGate();
  await gate.notice({ title: 'The true title' });
  await fold(gate);
  const [old] = await gate.sideStore.list('change');
  const { digest } = await gate.notice();
  expect((await rebuild(gate.ports)).differed).toBe(false);
  await gate.certify('acme/2', digest);
  const forged = JSON.parse(JSON.stringify(old?.value).replaceAll('The true title', 'Another title'));
  await gate.sideStore.put('change', 'acme/0000001', forged);
  expect(await rebuild(gate.ports)).toMatchObject({ differed: true, differences: ['acme/0000001'] });
  expect((await gate.sideStore.list('change'))[0]).toEqual(old);
  expect((await rebuild(gate.ports)).differed).toBe(false);
});

test('what is committed while it is made anew is no difference, and stays in the register', async () => {
  const gate = await openGate();
  const { digest } = await gate.notice();
  await fold(gate);
  const { sideStore } = gate;
  const meanwhile = new Map<string, () => Promise<unknown>>([
    ['list register', () => gate.notice({ feature: 'acme.lpr' }).then(() => project(gate.ports, 'feature/acme.lpr'))],
    ['get register', () => gate.certify('acme/1', digest).then(() => fold(gate))],
    ['put register', () => gate.sign('acme/1', digest).then(() => fold(gate))],
  ]);
  const passed = async (what: string) => {
    const act = meanwhile.get(what);
    meanwhile.delete(what);
    await act?.();
  };
  const overtaken = {
    ...sideStore,
    list: (...args: Parameters<typeof sideStore.list>) => passed(`list ${args[0]}`).then(() => sideStore.list(...args)),
    get: (...args: Parameters<typeof sideStore.get>) => passed(`get ${args[0]}`).then(() => sideStore.get(...args)),
    put: (...args: Parameters<typeof sideStore.put>) => passed(`put ${args[0]}`).then(() => sideStore.put(...args)),
  };
  expect((await rebuild({ ...gate.ports, sideStore: overtaken })).differences).toEqual([]);
  expect(meanwhile.size).toBe(0);
  expect(await sideStore.list('register')).toMatchObject([
    { id: 'acme', value: { version: 3 } },
    { id: 'acme.lpr', value: { version: 1 } },
  ]);
});

test('a change whose revisions are too long for one record is folded when it is read, and holds up nothing', async () => {
  const gate = await openGate();
  const url = `https://vendor.example/${'x'.repeat(1_900)}`;
  const documents = Array.from({ length: 20 }, () => ({ title: 'Release note', kind: 'release-note', url }));
  const said = { feature: 'acme', documents };
  await gate.notice(said);
  for (let revision = 2; revision <= 12; revision += 1) {
    await gate.notice({ ...said, title: `Wording ${revision}`, revises: 1 });
    await fold(gate);
  }
  expect((await readChange(gate.ports, 'acme', 1))?.view.revisions).toHaveLength(12);
  expect(await readFeature(gate.ports, 'acme')).toMatchObject({ title: 'Wording 12', version: 12 });
  expect((await gate.sideStore.list('register')).map(({ value }) => value)).toMatchObject([{ version: 12 }]);
  expect(await gate.sideStore.list('change')).toEqual([]);
  expect(await rebuild(gate.ports)).toMatchObject({ changes: 1, differed: false });
});

const ONE_STEP = fc.record({ step, isProjected: fc.boolean(), days: fc.nat(60), isClockRun: fc.boolean() });

test('kept step by step or made at once, the register is the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(ONE_STEP, { minLength: 5, maxLength: 40 }), async (steps) => {
      const gate = await openGate();
      let ms = Date.parse(NOON);
      for (const { step: each, isProjected, days, isClockRun } of steps) {
        ms += days * 86_400_000;
        const now = new Date(ms).toISOString();
        gate.at(now);
        await carryOut(gate, each);
        if (isClockRun) await runClock(gate.ports, now);
        if (isProjected) await project(gate.ports, `feature/${each.key}`);
      }
      for (const key of KEYS) await project(gate.ports, `feature/${key}`);
      const kept = await everyDoc(gate);
      expect((await rebuild(gate.ports)).differences).toEqual([]);
      expect(await everyDoc(gate)).toEqual(kept);
    }),
    { numRuns: runs(12) },
  );
});
