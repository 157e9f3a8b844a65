import { expect, test } from 'vitest';
import { runConsumers } from '../../../../functions/platform/feed/consumers.ts';
import { deadLetters } from '../../../../functions/platform/feed/deadLetters.ts';
import { readMark } from '../../../../functions/platform/feed/mark.ts';
import { openGate } from '../../openGate.ts';
import { listener, withNotices } from './listener.ts';

test('two runs of one stream never overlap; another stream does not wait', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 2);
  await withNotices(gate, 'other', 1);
  const gateOpen = Promise.withResolvers<void>();
  let inside = 0;
  let most = 0;
  const { seen, consumer } = listener(async (place) => {
    if (!place.startsWith('feature/acme')) return;
    inside += 1;
    most = Math.max(most, inside);
    await gateOpen.promise;
    inside -= 1;
  });
  const consumers = runConsumers(gate.ports, [consumer]);
  const looks = Array.from({ length: 10 }, () => consumers.look('feature/acme'));
  await consumers.look('feature/other');
  expect(seen).toEqual(['other@1']);
  gateOpen.resolve();
  await Promise.all(looks);
  await consumers.settled();
  expect(most).toBe(1);
  expect(seen).toEqual(['other@1', 'acme@1', 'acme@2']);
});

test('a nudge during a run is not lost', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 1);
  const consumers = runConsumers(gate.ports, [
    {
      name: 'slow',
      wants: () => true,
      handle: async ({ version }) => {
        if (version > 1) return;
        await gate.notice();
        consumers.nudge('feature/acme');
      },
    },
  ]);
  consumers.nudge('feature/acme');
  await consumers.settled();
  await consumers.settled('slow');
  expect(await readMark(gate.sideStore, 'slow', 'feature/acme')).toBe(2);
});

test('one stream’s trouble holds up no other', async () => {
  const gate = await openGate();
  for (const feature of ['acme', 'broken', 'zeta']) await withNotices(gate, feature, 1);
  const { seen, consumer } = listener((place) => {
    if (place.includes('broken')) throw new Error('always');
  });
  const consumers = runConsumers(gate.ports, [consumer]);
  await consumers.sweep();
  expect(seen).toEqual(['acme@1', 'zeta@1']);
  for (let round = 0; round < 6; round += 1) {
    gate.later(60_000);
    await consumers.sweep();
  }
  expect(await deadLetters(gate.sideStore)).toMatchObject([{ stream: 'feature/broken', version: 1 }]);
});

test('only wanted streams are looked at', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 1);
  const { seen, consumer } = listener();
  const consumers = runConsumers(gate.ports, [consumer]);
  await consumers.look('policy');
  await consumers.look('feature/acme', 'somebody else');
  expect(seen).toEqual([]);
  expect((await gate.sideStore.list('mark')).length).toBe(0);
});
