import { expect, test } from 'vitest';
import { consume } from '../../../../functions/platform/feed/consume.ts';
import { Unavailable } from '../../../../functions/platform/feed/consumer.ts';
import { deadLetters, replayDeadLetters } from '../../../../functions/platform/feed/deadLetters.ts';
import { readMark } from '../../../../functions/platform/feed/mark.ts';
import { CorruptStore } from '../../../../functions/platform/store/errors.ts';
import { failing, openGate } from '../../openGate.ts';
import { listener, withNotices } from './listener.ts';

test('every commit once, in order, then nothing more', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 3);
  const { seen, consumer } = listener();
  expect(await consume(gate.ports, consumer, 'feature/acme')).toBe('caught-up');
  await consume(gate.ports, consumer, 'feature/acme');
  await withNotices(gate, 'acme', 1);
  await consume(gate.ports, consumer, 'feature/acme');
  expect(seen).toEqual(['acme@1', 'acme@2', 'acme@3', 'acme@4']);
  expect(await readMark(gate.sideStore, 'listener', 'feature/acme')).toBe(4);
});

test('a long history comes in pages, whole and in order', async () => {
  const gate = await openGate();
  for (let index = 0; index < 61; index += 1) {
    await gate.notice();
    await gate.withdraw(`acme/${index + 1}`);
  }
  const { seen, consumer } = listener();
  await consume(gate.ports, consumer, 'feature/acme');
  expect(seen).toEqual(Array.from({ length: 122 }, (_, index) => `acme@${index + 1}`));
});

test('a crash after a commit was handled and before its mark repeats that commit and no other', async () => {
  let crash = false;
  const gate = await openGate({
    sideStoreOf: (sideStore) =>
      failing(sideStore, (method, [kind]) => (crash && method === 'put' && kind === 'mark' ? new Error('killed') : undefined)),
  });
  await withNotices(gate, 'acme', 3);
  const { seen, consumer } = listener((place) => {
    crash = place === 'feature/acme@2' && seen.length === 1;
  });
  await consume(gate.ports, consumer, 'feature/acme');
  expect(seen).toEqual(['acme@1', 'acme@2', 'acme@2', 'acme@3']);
});

test('a mark never goes back, even when an older one arrives late', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 3);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const atSecond = Promise.withResolvers<void>();
  const late = listener(async (place) => {
    if (place === 'feature/acme@1') await first.promise;
    if (place === 'feature/acme@2') {
      atSecond.resolve();
      await second.promise;
    }
  });
  const slow = consume(gate.ports, late.consumer, 'feature/acme');
  await consume(gate.ports, listener().consumer, 'feature/acme');
  expect(await readMark(gate.sideStore, 'listener', 'feature/acme')).toBe(3);
  first.resolve();
  await atSecond.promise;
  expect(await readMark(gate.sideStore, 'listener', 'feature/acme')).toBe(3);
  second.resolve();
  await slow;
  expect(await readMark(gate.sideStore, 'listener', 'feature/acme')).toBe(3);
});

test('poison is tried five times, each after a longer pause, then parked; what follows is not lost', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 3);
  let tries = 0;
  const { seen, consumer } = listener((place) => {
    if (place !== 'feature/acme@2') return;
    tries += 1;
    throw new Error(`try ${tries}`);
  });
  const spaced: number[] = [];
  for (let secondsMax = 0; (await consume(gate.ports, consumer, 'feature/acme')) === 'waiting'; secondsMax += 1) {
    if (secondsMax > 200) throw new Error('never parked');
    if (spaced.at(-1) !== tries) spaced.push(tries);
    gate.later(1_000);
  }
  // The second try follows at once; the others wait.
  expect(spaced).toEqual([2, 3, 4]);
  expect(tries).toBe(5);
  expect(seen).toEqual(['acme@1', 'acme@3']);
  expect(await deadLetters(gate.sideStore)).toMatchObject([
    { consumer: 'listener', stream: 'feature/acme', version: 2, tries: 5, error: 'Error: try 5' },
  ]);
  expect(await readMark(gate.sideStore, 'listener', 'feature/acme')).toBe(3);
  expect(gate.logged.filter(({ event }) => event === 'parked').length).toBe(1);
});

const parkedGate = async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 2);
  let broken = true;
  const told = listener((place) => {
    if (broken && place === 'feature/acme@1') throw new Error('not yet');
  });
  while ((await consume(gate.ports, told.consumer, 'feature/acme')) === 'waiting') gate.later(60_000);
  const mend = (): void => {
    broken = false;
  };
  return { gate, ...told, mend };
};

test('what was parked is replayed, and parked no longer once it was handled', async () => {
  const { gate, seen, consumer, mend } = await parkedGate();
  expect(seen).toEqual(['acme@2']);
  expect(await replayDeadLetters(gate.ports, consumer)).toMatchObject({ handled: 0, failed: [{ tries: 6 }] });
  mend();
  expect(await replayDeadLetters(gate.ports, consumer)).toEqual({ handled: 1, failed: [] });
  expect(await replayDeadLetters(gate.ports, consumer)).toEqual({ handled: 0, failed: [] });
  expect(seen).toEqual(['acme@2', 'acme@1']);
  expect(await deadLetters(gate.sideStore)).toEqual([]);
});

test('what cannot be reached is tried for as long as it takes, and parks nothing', async () => {
  const gate = await openGate();
  await withNotices(gate, 'acme', 2);
  let down = true;
  const { seen, consumer } = listener(() => {
    if (down) throw new Unavailable('nobody there');
  });
  for (let tries = 0; tries < 20; tries += 1) {
    expect(await consume(gate.ports, consumer, 'feature/acme')).toBe('waiting');
    gate.later(5_000);
  }
  down = false;
  expect(await consume(gate.ports, consumer, 'feature/acme')).toBe('caught-up');
  expect(seen).toEqual(['acme@1', 'acme@2']);
  expect(await deadLetters(gate.sideStore)).toEqual([]);
  expect(await gate.sideStore.list('trouble')).toEqual([]);
});

test('a commit that cannot be read is parked alone', async () => {
  const gate = await openGate({
    storeOf: (store) =>
      failing(store, (method, [stream, range]) => {
        const { after = 0, limit = 100 } = (range ?? {}) as { after?: number; limit?: number };
        const holds = after < 2 && after + limit >= 2;
        return method === 'history' && stream === 'feature/acme' && holds ? new CorruptStore('altered') : undefined;
      }),
  });
  await withNotices(gate, 'acme', 3);
  const { seen, consumer } = listener();
  while ((await consume(gate.ports, consumer, 'feature/acme')) === 'waiting') gate.later(60_000);
  expect(seen).toEqual(['acme@1', 'acme@3']);
  expect(await deadLetters(gate.sideStore, 'listener')).toMatchObject([{ version: 2, error: 'CorruptStore: altered' }]);
});
