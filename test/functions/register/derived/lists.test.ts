import { expect, test } from 'vitest';
import { DERIVED_VERSION } from '../../../../domain/derived/record.ts';
import { jsonOf } from '../../../../domain/kernel/json.ts';
import { Alterations, EVERY_FEATURE, Ledger } from '../../../../functions/platform/ledger.ts';
import {
  DERIVED,
  FOLD_MARK,
  listFault,
  readKeyRecord,
  readSources,
  sourceId,
  tasksByDay,
} from '../../../../functions/register/derived/records.ts';
import { storedIndex } from '../../../../functions/register/memoryIndex.ts';
import { sideStoreOfTest, storeOfTest } from '../../../support/stores.ts';
import { keyRecord, putKeyRecord, putSourceRecord, putTask, sourceRecord, task } from './derivedCity.ts';

test('a record comes back as it was put; one of another key or another version of the code is none', async () => {
  const sideStore = sideStoreOfTest();
  const record = keyRecord();
  await putKeyRecord(sideStore, record);
  await sideStore.put(DERIVED.key, 'other', jsonOf(record));
  await sideStore.put(DERIVED.key, 'older', jsonOf({ ...record, key: 'older', derivedVersion: 0 }));
  expect(await readKeyRecord(sideStore, 'flock')).toStrictEqual(record);
  for (const key of ['other', 'older', 'unknown']) expect(await readKeyRecord(sideStore, key)).toBeUndefined();
});

test('a list says so where no feature can be believed, or another version of the code wrote what it has', async () => {
  const [store, sideStore] = [storeOfTest(), sideStoreOfTest()];
  const restored = { stream: EVERY_FEATURE, from: 0, code: 'restored', detail: 'Put back.' } as const;
  const held = new Ledger({ held: async () => [restored] }, new Alterations()).believed(store);
  const register = { ...storedIndex({ store, sideStore }), holdsBack: () => false };
  const ports = { store, sideStore, register };
  expect(await listFault({ ...ports, store: held })).toStrictEqual({ fault: true });
  expect(await listFault({ ...ports, register: { ...register, holdsBack: () => true } })).toStrictEqual({ fault: true });
  expect(await listFault(ports)).toStrictEqual({});
  for (const [derivedVersion, expected] of [
    [DERIVED_VERSION, {}],
    [DERIVED_VERSION - 1, { fault: true }],
  ] as const) {
    await sideStore.put(DERIVED.mark, FOLD_MARK, { position: { derivedVersion } });
    expect(await listFault(ports)).toStrictEqual(expected);
  }
});

test('sources are read of one vendor or of all; what a vendor attests is another source than one reported under that name', async () => {
  const sideStore = sideStoreOfTest();
  const sources = [
    sourceRecord({ source: '@x/y' }),
    sourceRecord({ source: '@x/y', attested: true, kind: 'vendor' }),
    sourceRecord({ vendor: 'flock2' }),
  ];
  for (const source of sources) await putSourceRecord(sideStore, source);
  expect(new Set(sources.map(sourceId)).size).toBe(3);
  expect((await readSources(sideStore, 'flock'))?.length).toBe(2);
  expect(new Set(await readSources(sideStore))).toEqual(new Set(sources));
});

test('tasks by day: the urgent ones or the others, not those to switch on or without a day, behind an instant or a place', async () => {
  const sideStore = sideStoreOfTest();
  const on = (key: string, by: string | null, more = {}) => task({ key, by: by && `2026-${by}T00:00:00.000Z`, ...more });
  const [first, second, third] = [on('flock.b', '01-31'), on('flock.a', '02-01'), on('acme.a', '02-01', { vendor: 'acme' })];
  const others = [on('a', '01-01', { urgent: true }), on('b', '03-01', { kind: 'switch-on' }), on('c', null)];
  for (const each of [...others, second, third, first]) await putTask(sideStore, each);
  const read = (after: string, limit = 9) => tasksByDay(sideStore, { rank: 1, after, limit });
  const all = await read('2026-01-01T00:00:00.000Z');
  expect(all.map((each) => each.task)).toStrictEqual([first, third, second]);
  expect((await read('2026-02-01T00:00:00.000Z')).map((each) => each.task)).toStrictEqual([third, second]);
  expect((await read(all[1]?.place ?? '')).map((each) => each.task)).toStrictEqual([second]);
  expect((await read('', 1)).map((each) => each.task)).toStrictEqual([first]);
  expect((await tasksByDay(sideStore, { rank: 0, after: '', limit: 9 })).map((each) => each.task)).toStrictEqual([others[0]]);
});
