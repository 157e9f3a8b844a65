import { expect, test } from 'vitest';
import { newRecord } from '../../../../functions/platform/store/record.ts';
import { withNudges, withReserve, withRoom } from '../../../../functions/platform/store/wrappers.ts';
import { recordAfter } from '../../../contract/underTest.ts';
import { sideStoreOfTest, storeOfTest } from '../../../support/stores.ts';

test('an appended commit nudges once it is durable, a refused one does not', async () => {
  const inner = storeOfTest();
  const nudges: string[] = [];
  const store = withNudges(inner, (stream, version) => nudges.push(`${stream}@${version}`));
  const record = recordAfter(undefined);
  const appending = store.append([record]);
  expect(nudges).toEqual([]);
  await appending;
  expect(nudges).toEqual(['feature/flock@1']);
  expect(await store.append([recordAfter(undefined, { id: 'rival' })])).toMatchObject({ appended: 0 });
  expect(nudges).toEqual(['feature/flock@1']);
  expect((await store.head('feature/flock'))?.version).toBe(1);
});

test('a listener that throws does not turn an acknowledgement into an error', async () => {
  const store = withNudges(storeOfTest(), () => {
    throw new Error('a consumer’s own trouble');
  });
  expect(await store.append([recordAfter(undefined)])).toMatchObject({ appended: 1 });
});

const commit = (actor: string, stream = `feature/acme.by-${actor.replace(':', '-')}`) =>
  newRecord(
    {
      stream,
      version: 1,
      id: '00000000-0000-4000-8000-000000000001',
      commandId: 'c1',
      at: '2026-03-02T12:00:00.000Z',
      actor,
      prev: null,
      events: [{ type: 'Happened', v: 1 }],
    },
    { state: '{}', stateVersion: 1, attachments: [] },
  );

const opened = (below: boolean) => {
  const calls: string[] = [];
  const reserve = { isBelow: () => below, makeRoom: () => void calls.push('room') };
  return {
    calls,
    store: withReserve(storeOfTest(), reserve),
    sideStore: withRoom(sideStoreOfTest(), reserve, (kind) => kind === 'mark'),
  };
};

const OTHERS = ['vendor:acme', 'form:f1', 'token:it', 'operator', 'clock', 'sequencer', 'holders:acme', 'vendor:holder:acme'];

test.each(OTHERS)('with only the reserve left, nothing of %s is written', async (actor) => {
  const { store, calls } = opened(true);
  await expect(store.append([commit(actor)])).rejects.toMatchObject({ name: 'StoreUnavailable', code: 'disk-low' });
  expect(await store.head(commit(actor).stream)).toBeUndefined();
  expect(calls).toEqual([]);
});

test.each([commit('holder:mayor'), commit('operator', 'settings')])(
  'a decision, and the settings, may use it',
  async (record) => {
    const { store, calls } = opened(true);
    expect(await store.append([record])).toMatchObject({ appended: 1 });
    expect(calls).toEqual(['room']);
  },
);

test('with more left, everything is written', async () => {
  const { store } = opened(false);
  for (const actor of OTHERS) expect(await store.append([commit(actor)])).toMatchObject({ appended: 1 });
});

test('what stands beside a decision gets room too', async () => {
  const { sideStore, calls } = opened(true);
  await sideStore.put('mark', 'a', 1);
  expect(calls).toEqual([]);
  await sideStore.put('text', 'a', 'why');
  expect(await sideStore.putIfAbsent('text', 'b', 'why')).toBe(true);
  expect(calls).toEqual(['room', 'room']);
});
