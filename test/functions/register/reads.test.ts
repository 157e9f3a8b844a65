import { expect, test } from 'vitest';
import type { SideStore } from '../../../functions/platform/store/sideStore.ts';
import { listChanges } from '../../../functions/register/lists.ts';
import { storedIndex } from '../../../functions/register/memoryIndex.ts';
import { catchUp } from '../../../functions/register/project.ts';
import { openGate } from '../openGate.ts';

const NOW = '2026-03-02T12:00:00.000Z';

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
