import { expect, test } from 'vitest';
import { CorruptStore, StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import type { Store } from '../../../functions/platform/store/port.ts';
import { catchUp, project, readChange, readFeature } from '../../../functions/register/project.ts';
import { rebuild } from '../../../functions/register/rebuild.ts';
import { failing, openGate } from '../openGate.ts';

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

test.each([
  ['no object', 7],
  ['another shape', { viewVersion: 1 }],
  ['nothing', null],
])('a change document that is %s is folded anew', async (_, value) => {
  const gate = await openGate();
  await gate.notice();
  await project(gate.ports, 'feature/acme');
  await gate.sideStore.put('change', 'acme/0000001', value);
  expect(await readChange(gate.ports, 'acme', 1)).toMatchObject({ view: { status: 'pending' } });
});

test('a well-formed document that differs from the state is not used', async () => {
  const gate = await openGate();
  await gate.notice();
  await project(gate.ports, 'feature/acme');
  const [doc] = await gate.sideStore.list('change');
  const forged = JSON.parse(JSON.stringify(doc?.value).replace('"status":"pending"', '"status":"refused"'));
  await gate.sideStore.put('change', 'acme/0000001', forged);
  expect(await readChange(gate.ports, 'acme', 1)).toMatchObject({ view: { status: 'pending' } });
});

test('a register that claims to be ahead of its stream is folded again', async () => {
  const gate = await openGate();
  await gate.notice();
  await project(gate.ports, 'feature/acme');
  const [doc] = await gate.sideStore.list('register');
  await gate.sideStore.put('register', 'acme', { ...(doc?.value as object), version: 9, title: 'forged' });
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
