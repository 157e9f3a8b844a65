import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runConsumers } from '../../../functions/platform/feed/consumers.ts';
import { CorruptStore, StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import type { Store } from '../../../functions/platform/store/port.ts';
import { runClock } from '../../../functions/reactions/clock/runClock.ts';
import { catchUp, project, projector, readChange, readFeature } from '../../../functions/register/project.ts';
import { rebuild } from '../../../functions/register/rebuild.ts';
import { runs } from '../../support/proof.ts';
import { failing, type Gate, NOON, openGate } from '../openGate.ts';

const dump = async ({ sideStore }: { sideStore: Awaited<ReturnType<typeof openGate>>['sideStore'] }) => ({
  register: await sideStore.list('register'),
  changes: await sideStore.list('change'),
});

test('a change is read at its head before anything was projected, and reading writes nothing', async () => {
  const gate = await openGate();
  const { digest } = await gate.notice();
  await gate.certify('acme/1', digest);
  const reading = await readChange(gate.ports, 'acme', 1);
  expect(reading).toMatchObject({
    version: 2,
    view: { status: 'pending', requirements: [{ status: 'met' }, { status: 'open' }] },
  });
  expect(await readFeature(gate.ports, 'acme')).toMatchObject({ title: 'A new way to search', kind: 'new-feature', newest: 1 });
  expect(await dump(gate)).toEqual({ register: [], changes: [] });
});

test('the documents carry the version they were folded to, and a second run writes the same', async () => {
  const gate = await openGate();
  const { digest } = await gate.notice();
  await project(gate.ports, 'feature/acme');
  await gate.certify('acme/1', digest);
  await project(gate.ports, 'feature/acme');
  const once = await dump(gate);
  expect(once.register).toMatchObject([{ id: 'acme', value: { version: 2, touched: { 1: 2 } } }]);
  expect(once.changes).toMatchObject([{ id: 'acme/0000001', value: { version: 2 } }]);
  await project(gate.ports, 'feature/acme');
  expect(await dump(gate)).toEqual(once);
});

test('a crash between the changes and the register heals', async () => {
  let crash = false;
  const gate = await openGate({
    sideStoreOf: (sideStore) =>
      failing(sideStore, (method, [kind]) =>
        crash && method === 'put' && kind === 'register' ? new StoreUnavailable('crash') : undefined,
      ),
  });
  const { digest } = await gate.notice();
  await project(gate.ports, 'feature/acme');
  await gate.certify('acme/1', digest);
  crash = true;
  await expect(project(gate.ports, 'feature/acme')).rejects.toThrow('crash');
  crash = false;
  expect(await gate.sideStore.list('register')).toMatchObject([{ value: { version: 1 } }]);
  expect(await gate.sideStore.list('change')).toMatchObject([{ value: { version: 2 } }]);
  expect(await readChange(gate.ports, 'acme', 1)).toMatchObject({ version: 2, view: { requirements: [{ status: 'met' }, {}] } });
  await project(gate.ports, 'feature/acme');
  expect((await rebuild(gate.ports)).differed).toBe(false);
});

test('the late write of a slower run is seen, not believed', async () => {
  const gate = await openGate();
  const { digest } = await gate.notice();
  await project(gate.ports, 'feature/acme');
  const [old] = await gate.sideStore.list('change');
  await gate.certify('acme/1', digest);
  await project(gate.ports, 'feature/acme');
  await gate.sideStore.put('change', 'acme/0000001', old?.value ?? null);
  expect(await readChange(gate.ports, 'acme', 1)).toMatchObject({ version: 2, view: { requirements: [{ status: 'met' }, {}] } });
  await gate.sign('acme/1', digest);
  await project(gate.ports, 'feature/acme');
  expect(await gate.sideStore.list('change')).toMatchObject([{ value: { version: 3, view: { status: 'approved' } } }]);
  expect((await rebuild(gate.ports)).differences).toEqual([]);
});

test('a document that cannot be read, differs from the state or claims to be ahead is folded anew', async () => {
  const gate = await openGate();
  await gate.notice();
  await project(gate.ports, 'feature/acme');
  const [[change], [register]] = [await gate.sideStore.list('change'), await gate.sideStore.list('register')];
  const forged = JSON.parse(JSON.stringify(change?.value).replace('"status":"pending"', '"status":"refused"'));
  for (const value of [7, { viewVersion: 1 }, null, forged]) {
    await gate.sideStore.put('change', 'acme/0000001', value);
    expect(await readChange(gate.ports, 'acme', 1)).toMatchObject({ view: { status: 'pending' } });
  }
  await gate.sideStore.put('register', 'acme', { ...(register?.value as object), version: 9, title: 'forged' });
  expect(await readFeature(gate.ports, 'acme')).toMatchObject({ version: 1, title: 'A new way to search' });
});

test('a stream that cannot be read is said to be, and hides no other', async () => {
  let broken = false;
  const unreadable = (store: Store): Store =>
    failing(store, (method, [stream]) =>
      broken && stream === 'feature/acme' && method !== 'append' ? new CorruptStore('altered') : undefined,
    );
  const gate = await openGate({ storeOf: unreadable });
  await gate.notice();
  await gate.notice({ feature: 'acme.lpr' });
  await project(gate.ports, 'feature/acme');
  broken = true;
  await expect(readFeature(gate.ports, 'acme')).rejects.toThrow(CorruptStore);
  await expect(readChange(gate.ports, 'acme', 1)).rejects.toThrow(CorruptStore);
  await project(gate.ports, 'feature/acme');
  await project(gate.ports, 'feature/acme.lpr');
  expect(await gate.sideStore.list('register')).toMatchObject([
    { id: 'acme', value: { unreadable: true } },
    { id: 'acme.lpr', value: { unreadable: false } },
  ]);
  expect(await rebuild(gate.ports)).toMatchObject({ features: 2, differed: false, unreadable: ['acme'] });
  broken = false;
  await project(gate.ports, 'feature/acme');
  expect((await gate.sideStore.list('register'))[0]).toMatchObject({ value: { unreadable: false } });
});

test('an outage is not corruption: it is thrown', async () => {
  let down = false;
  const gate = await openGate({
    storeOf: (store) => failing(store, () => (down ? new StoreUnavailable('down') : undefined)),
  });
  await gate.notice();
  down = true;
  await expect(readFeature(gate.ports, 'acme')).rejects.toThrow(StoreUnavailable);
  await expect(catchUp(gate.ports, 'acme')).rejects.toThrow(StoreUnavailable);
});

test('a feature is named by what was approved last; a removal renames nothing', async () => {
  const gate = await openGate();
  const { digest } = await gate.notice({ title: 'First' });
  await gate.notice({ title: 'Second', kind: 'update' });
  expect(await readFeature(gate.ports, 'acme')).toMatchObject({ title: 'Second', kind: 'update', newest: 2 });
  await project(gate.ports, 'feature/acme');
  await gate.certify('acme/1', digest);
  await gate.sign('acme/1', digest);
  await project(gate.ports, 'feature/acme');
  expect(await readFeature(gate.ports, 'acme')).toMatchObject({ title: 'First', kind: 'new-feature' });
  await gate.notice({ title: 'Third' });
  await gate.notice({ title: 'Taken away', kind: 'removal' });
  expect(await readFeature(gate.ports, 'acme')).toMatchObject({ title: 'First', newest: 4 });
});

const everyDoc = async ({ sideStore }: Gate) => [...(await sideStore.list('register')), ...(await sideStore.list('change'))];

test('what was thrown away comes back byte for byte', async () => {
  const gate = await openGate();
  for (const feature of ['acme', 'acme.lpr']) await gate.notice({ feature });
  expect(await rebuild(gate.ports)).toEqual({
    features: 2,
    changes: 2,
    differed: false,
    differences: [],
    unreadable: [],
    rows: [],
  });
  const built = await everyDoc(gate);
  expect(built.length).toBe(4);
  for (const { id } of await gate.sideStore.list('change')) await gate.sideStore.remove('change', id);
  expect(await rebuild(gate.ports)).toMatchObject({ differed: true, differences: ['acme/0000001', 'acme.lpr/0000001'] });
  expect(await everyDoc(gate)).toEqual(built);
});

test('the projector continues behind what was rebuilt, but tries what could not be read', async () => {
  let broken = true;
  const gate = await openGate({
    storeOf: (store) =>
      failing(store, (method, [stream]) =>
        broken && method === 'history' && stream === 'feature/acme.lpr' ? new CorruptStore('altered') : undefined,
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
  await project(gate.ports, 'feature/acme');
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

test('what no commit speaks of goes away', async () => {
  const gate = await openGate();
  await gate.notice();
  await rebuild(gate.ports);
  const before = await everyDoc(gate);
  await gate.sideStore.put('register', 'ghost', { any: 'thing' });
  await gate.sideStore.put('change', 'ghost/0000001', {});
  await gate.sideStore.put('change', 'acme/0000009', {});
  expect((await rebuild(gate.ports)).differences).toEqual(['ghost', 'ghost/0000001', 'acme/0000009']);
  expect(await everyDoc(gate)).toEqual(before);
});

type Step = { readonly does: number; readonly n: number; readonly project: boolean; readonly days: number };

const STEP = fc.record({ does: fc.nat(9), n: fc.integer({ min: 1, max: 6 }), project: fc.boolean(), days: fc.nat(20) });

const act = async (gate: Gate, { does, n }: Step, digests: Map<number, string>, now: string): Promise<void> => {
  const digest = digests.get(n) ?? '';
  const id = `acme/${n}`;
  if (does <= 2) {
    const { change, digest: sent } = await gate.notice({ kind: does === 0 ? 'update' : 'new-feature', optOut: 'yes' });
    digests.set(Number(change.split('/')[1]), sent);
  } else if (does <= 4) await gate.certify(id, digest);
  else if (does === 5) await gate.sign(id, digest);
  else if (does === 6) await gate.sign(id, digest, { decision: 'refuse' });
  else if (does === 7) await gate.revoke(id);
  else if (does === 8) await gate.withdraw(id);
  else await runClock(gate.ports, now);
};

test('kept step by step or made at once, the register is the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { minLength: 5, maxLength: 40 }), async (steps) => {
      const gate = await openGate();
      const digests = new Map<number, string>();
      let ms = Date.parse(NOON);
      for (const step of steps) {
        ms += step.days * 86_400_000;
        const now = new Date(ms).toISOString();
        gate.at(now);
        // Most random commands are refused; what counts is what the others left behind.
        await act(gate, step, digests, now).catch(() => undefined);
        if (step.project) await project(gate.ports, 'feature/acme');
      }
      await project(gate.ports, 'feature/acme');
      const kept = await everyDoc(gate);
      expect((await rebuild(gate.ports)).differences).toEqual([]);
      expect(await everyDoc(gate)).toEqual(kept);
    }),
    { numRuns: runs(12) },
  );
});
