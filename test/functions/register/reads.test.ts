import { describe, expect, onTestFinished, test } from 'vitest';
import type { SideStore } from '../../../functions/platform/store/sideStore.ts';
import { openSqliteSideStore } from '../../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { putRegister } from '../../../functions/register/documents.ts';
import { listChanges, listFeatures } from '../../../functions/register/lists.ts';
import { catchUp, emptyRegister } from '../../../functions/register/project.ts';
import { storedIndex } from '../../../functions/register/storedIndex.ts';
import { testGuard } from '../../support/macs.ts';
import { openGate } from '../openGate.ts';

const NOW = '2026-03-02T12:00:00.000Z';
const PAGE = 5;

/** Counts the documents that a side store hands out. */
const counting = (sideStore: SideStore) => {
  const read = { documents: 0 };
  const counted: SideStore = {
    ...sideStore,
    get: async (kind, id) => {
      read.documents += 1;
      return sideStore.get(kind, id);
    },
    list: async (...query) => {
      const entries = await sideStore.list(...query);
      read.documents += entries.length;
      return entries;
    },
  };
  return { read, counted };
};

/** A register of so many features of one product, each with the product and the contract above it. */
const registerOf = async (features: number) => {
  const gate = await openGate();
  const sideStore = openSqliteSideStore(':memory:', testGuard);
  onTestFinished(() => sideStore.close());
  const keys = Array.from({ length: features }, (_, index) => `flock.lpr.feature-${String(index).padStart(5, '0')}`);
  await Promise.all(['flock', 'flock.lpr', ...keys].map((key) => putRegister(sideStore, { ...emptyRegister(key), version: 1 })));
  const { read, counted } = counting(sideStore);
  const ports = { ...gate.ports, sideStore: counted };
  return { read, keys, ports: { ...ports, register: storedIndex(ports) } };
};

describe.each([10, 1_000])('with %i features', (features) => {
  test('a page of the register reads what it shows, one more, and what is above it', async () => {
    const { read, ports, keys } = await registerOf(features);
    const first = await listFeatures(ports, { prefix: 'flock.lpr.', limit: PAGE, now: NOW });
    expect(first?.items.map(({ key }) => key)).toStrictEqual(keys.slice(0, PAGE));
    expect(read.documents).toBe(PAGE + 1 + 2);
    read.documents = 0;
    const second = await listFeatures(ports, { prefix: 'flock.lpr.', limit: PAGE, now: NOW, cursor: first?.next ?? '' });
    expect(second?.items.map(({ key }) => key)).toStrictEqual(keys.slice(PAGE, 2 * PAGE));
    expect(read.documents).toBeLessThanOrEqual(PAGE + 1 + 2);
  });

  test('a prefix that is no key reads no more than a page of keys that only begin like it', async () => {
    const { read, ports } = await registerOf(features);
    const beneath = async () => (await listFeatures(ports, { prefix: 'flock.lpr.feature', limit: PAGE, now: NOW }))?.items ?? [];
    expect(await beneath()).toStrictEqual([]);
    expect(read.documents).toBeLessThanOrEqual(PAGE + 1);
    await putRegister(ports.sideStore, { ...emptyRegister('flock.lpr.feature.part'), version: 1 });
    expect((await beneath()).map(({ key }) => key)).toStrictEqual(['flock.lpr.feature.part']);
  });
});

test('a later page of changes reads nothing of the features before its cursor', async () => {
  const gate = await openGate();
  const keys = Array.from({ length: 30 }, (_, index) => `acme.f${String(index).padStart(2, '0')}`);
  for (const feature of keys) {
    await gate.notice({ feature });
    await catchUp(gate.ports, feature);
  }
  const { read, counted } = counting(gate.ports.sideStore);
  const page = async (cursor?: string) => {
    read.documents = 0;
    const ports = { ...gate.ports, sideStore: counted };
    return listChanges({ ...ports, register: storedIndex(ports) }, { status: 'pending', limit: 10, now: NOW, cursor });
  };
  const second = await page((await page())?.next ?? '');
  const third = await page(second?.next ?? '');
  expect(third?.items.map(({ view }) => view.key)).toStrictEqual(keys.slice(20));
  expect(third?.next).toBeNull();
  // The feature at the cursor, those after it, and a document for each of their changes.
  expect(read.documents).toBeLessThanOrEqual(2 * (1 + 10));
});
