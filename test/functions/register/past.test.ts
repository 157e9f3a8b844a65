import { expect, test } from 'vitest';
import { featureAt, listPast } from '../../../functions/register/lists.ts';
import { project } from '../../../functions/register/project.ts';
import { failing, type Gate, NOON, openGate } from '../openGate.ts';

const LATER = '2026-03-09T12:00:00.000Z';

const known = async (gate: Gate, count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1) {
    const feature = `acme.f${String(n).padStart(4, '0')}`;
    await gate.notice({ feature });
    await project(gate.ports, `feature/${feature}`);
  }
};

test('a filter that nothing passes costs no more than a page: the page is short, counts what it examined, and continues', async () => {
  const gate = await openGate();
  await known(gate, 520);
  const query = { at: NOON, limit: 10, wants: () => false };
  const first = await listPast(gate.ports, query);
  expect(first).toMatchObject({ items: [], looked: 500 });
  const second = await listPast(gate.ports, { ...query, cursor: first?.next ?? '' });
  expect(second).toEqual({ items: [], next: null, looked: 20 });
  expect(await listPast(gate.ports, { at: NOON, limit: 1, cursor: '!' })).toBeUndefined();
});

test('what has not moved since is read without its history, what came later without anything', async () => {
  const reads: string[] = [];
  const gate = await openGate({
    storeOf: (store) =>
      failing(store, (method, [stream]) => {
        if (method === 'history') reads.push(String(stream));
        return undefined;
      }),
  });
  await gate.notice({ feature: 'acme.still' });
  await gate.notice({ feature: 'acme.moved' });
  gate.at(LATER);
  await gate.notice({ feature: 'acme.moved', revises: 1, title: 'Another name' });
  await gate.notice({ feature: 'acme.new' });
  for (const key of ['acme.still', 'acme.moved', 'acme.new']) await project(gate.ports, `feature/${key}`);
  reads.length = 0;
  const page = await listPast(gate.ports, { at: NOON, limit: 10 });
  expect(page?.items.map(({ key, title }) => [key, title])).toEqual([
    ['acme.moved', 'A new way to search'],
    ['acme.still', 'A new way to search'],
  ]);
  expect([...new Set(reads)]).toEqual(['feature/acme.moved']);
});

test('a change is as it was known: its later wording, its approval and its end are not in it', async () => {
  const gate = await openGate();
  const { change, digest } = await gate.notice();
  gate.at(LATER);
  await gate.certify(change, digest);
  await gate.sign(change, digest);
  const then = await featureAt(gate.ports, 'acme', NOON);
  expect(then).toMatchObject({ version: 1, changes: [{ number: 1, status: 'pending', acts: [], approved: null }] });
  expect(await featureAt(gate.ports, 'acme', LATER)).toMatchObject({ changes: [{ status: 'approved' }] });
  expect(await featureAt(gate.ports, 'acme', '2026-03-01T00:00:00.000Z')).toBeUndefined();
  // Time alone ends the window; a past answer knows that, too.
  expect(await featureAt(gate.ports, 'acme', '2026-03-08T12:00:00.000Z')).toMatchObject({ changes: [{ status: 'pending' }] });
});
