import { expect, onTestFinished, test, vi } from 'vitest';
import { underLease } from '../../../functions/platform/lease.ts';
import type { SideStore } from '../../../functions/platform/store/sideStore.ts';
import { sideStoreOfTest } from '../../support/stores.ts';

const FOLD = 'fold';

const open = () => {
  const sideStore = sideStoreOfTest();
  let nowMs = 1_000_000;
  return {
    sideStore,
    ports: { sideStore, wallMs: () => nowMs },
    later: (ms: number) => {
      nowMs += ms;
    },
  };
};

test('one works, another one leaves it, and after it has ended the next one works', async () => {
  const { ports, sideStore } = open();
  const within = await underLease(ports, FOLD, async () => {
    expect(await underLease(ports, FOLD, async () => 'inside')).toBe(undefined);
    expect(await underLease(ports, 'fold2', async () => 'of another name')).toBe('of another name');
    return 'done';
  });
  expect(within).toBe('done');
  for (let round = 0; round < 20; round += 1) expect(await underLease(ports, FOLD, async () => round)).toBe(round);
  expect(await sideStore.list('lease', 'fold/')).toStrictEqual([{ id: 'fold/000000000000021', value: { untilMs: 0 } }]);
});

test('work that fails gives its lease back', async () => {
  const { ports } = open();
  await expect(underLease(ports, FOLD, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await underLease(ports, FOLD, async () => 'done')).toBe('done');
});

test('who works for longer than the lease keeps it by signs of life', async () => {
  const { ports, later } = open();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const ended = Promise.withResolvers<string>();
  const working = underLease(ports, FOLD, () => ended.promise);
  for (let step = 0; step < 10; step += 1) {
    later(40_000);
    await vi.advanceTimersByTimeAsync(40_000);
    expect(await underLease(ports, FOLD, async () => 'beside it')).toBe(undefined);
  }
  ended.resolve('done');
  expect(await working).toBe('done');
  expect(await underLease(ports, FOLD, async () => 'next')).toBe('next');
});

test('who died with the lease keeps it until it expires, and not longer', async () => {
  const { ports, later } = open();
  // A process that was stopped gives no sign of life in the seconds of this test.
  void underLease(ports, FOLD, () => new Promise(() => undefined));
  await expect.poll(() => underLease(ports, FOLD, async () => 'done')).toBe(undefined);
  later(59_999);
  expect(await underLease(ports, FOLD, async () => 'done')).toBe(undefined);
  later(1);
  expect(await underLease(ports, FOLD, async () => 'done')).toBe('done');
});

test('who died with a lease by a clock that ran ahead does not keep it until then', async () => {
  const { ports, later } = open();
  later(86_400_000);
  void underLease(ports, FOLD, () => new Promise(() => undefined));
  await expect.poll(() => underLease(ports, FOLD, async () => 'done')).toBe(undefined);
  later(-86_400_000);
  expect(await underLease(ports, FOLD, async () => 'done')).toBe('done');
});

test('a clock that is some seconds ahead takes no lease from who works, and loses none', async () => {
  const { ports } = open();
  const ahead = { ...ports, wallMs: () => ports.wallMs() + 30_000 };
  const within = (one: typeof ports, other: typeof ports) =>
    underLease(one, FOLD, async () => expect(await underLease(other, FOLD, async () => 'beside it')).toBe(undefined));
  await within(ahead, ports);
  await within(ports, ahead);
});

/** A side store in which another process does something before the given call of `putIfAbsent`, as when this one was held up. */
const interrupted = (sideStore: SideStore, meanwhile: () => Promise<unknown>): SideStore => {
  let isOver = false;
  return {
    ...sideStore,
    putIfAbsent: async (...entry) => {
      if (!isOver) await meanwhile();
      isOver = true;
      return sideStore.putIfAbsent(...entry);
    },
  };
};

test.each([0, 1])('who was held up while %i others came and went, and one still works, takes no number again', async (gone) => {
  const { ports, sideStore } = open();
  await underLease(ports, FOLD, async () => undefined);
  const ended = Promise.withResolvers<undefined>();
  let other: Promise<unknown> = Promise.resolve();
  const meanwhile = async () => {
    for (let n = 0; n < gone; n += 1) await underLease(ports, FOLD, async () => undefined);
    await new Promise<void>((begun) => {
      other = underLease(ports, FOLD, () => {
        begun();
        return ended.promise;
      });
    });
  };
  const late = { ...ports, sideStore: interrupted(sideStore, meanwhile) };
  expect(await underLease(late, FOLD, async () => 'too late')).toBe(undefined);
  expect(await underLease(ports, FOLD, async () => 'nor now')).toBe(undefined);
  ended.resolve(undefined);
  await other;
  expect(await underLease(ports, FOLD, async () => 'done')).toBe('done');
});
