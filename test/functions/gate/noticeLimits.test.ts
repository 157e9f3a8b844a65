import { describe, expect, test } from 'vitest';
import {
  DEFAULT_NOTICE_LIMITS,
  type NoticeLimits,
  noticeCounter,
  usageInMemory,
  usageInSideStore,
} from '../../../functions/gate/noticeLimits.ts';
import { sideStoreOfTest } from '../../support/stores.ts';
import { NOON } from '../openGate.ts';

const SIDE_KIND = 'notice-usage';
const after = (seconds: number) => new Date(Date.parse(NOON) + seconds * 1_000).toISOString();

const open = (records: 'memory' | 'side store') => {
  const sideStore = sideStoreOfTest();
  let now = NOON;
  const usage = records === 'memory' ? usageInMemory() : usageInSideStore(sideStore);
  return {
    sideStore,
    at: (seconds: number) => {
      now = after(seconds);
    },
    counter: (limits: NoticeLimits) => noticeCounter(limits, usage, () => now),
  };
};

describe.each(['memory', 'side store'] as const)('limits kept in the %s', (records) => {
  test('take as many notices within an hour as the limit says, and again once the hour that began with the first is over', async () => {
    const { at, counter } = open(records);
    const count = counter({ ...DEFAULT_NOTICE_LIMITS, bytesPerDay: 0 });
    const one = () => count({ sender: 'vendor:acme', bytes: 1 });
    for (let n = 0; n < 120; n += 1) expect(await one()).toBeUndefined();
    at(1_200);
    expect(await one()).toStrictEqual({
      states: [{ name: 'notices', quota: 120, windowS: 3_600, remaining: 0, resetS: 2_400 }],
      retryAfterS: 2_400,
    });
    at(3_599);
    expect(await one()).toMatchObject({ retryAfterS: 1 });
    at(3_600);
    expect(await one()).toBeUndefined();
  });

  test('take as many bytes within a day, and one that does not fit leaves the room to smaller ones', async () => {
    const { at, counter } = open(records);
    const count = counter({ perHour: 0, bytesPerDay: 1_000 });
    const send = (bytes: number) => count({ sender: 'vendor:acme', bytes });
    expect(await send(900)).toBeUndefined();
    expect(await send(101)).toMatchObject({ states: [{ name: 'notice-bytes', remaining: 100 }], retryAfterS: 86_400 });
    expect(await send(100)).toBeUndefined();
    expect(await send(1)).toMatchObject({ states: [{ remaining: 0 }] });
    at(86_400);
    expect(await send(1_000)).toBeUndefined();
  });

  test('count each sender apart', async () => {
    const { counter } = open(records);
    const count = counter({ perHour: 1, bytesPerDay: 0 });
    expect(await count({ sender: 'vendor:acme', bytes: 1 })).toBeUndefined();
    expect(await count({ sender: 'vendor:acme', bytes: 1 })).toBeDefined();
    expect(await count({ sender: 'token:acme', bytes: 1 })).toBeUndefined();
  });

  test('name both limits, and wait for the later of those exceeded', async () => {
    const { at, counter } = open(records);
    const count = counter({ perHour: 1, bytesPerDay: 10 });
    expect(await count({ sender: 'vendor:acme', bytes: 10 })).toBeUndefined();
    at(60);
    expect(await count({ sender: 'vendor:acme', bytes: 1 })).toStrictEqual({
      states: [
        { name: 'notices', quota: 1, windowS: 3_600, remaining: 0, resetS: 3_540 },
        { name: 'notice-bytes', quota: 10, windowS: 86_400, remaining: 0, resetS: 86_340 },
      ],
      retryAfterS: 86_340,
    });
  });
});

test('in memory ten thousand senders are known; the one that has not delivered for the longest time is forgotten', async () => {
  const count = open('memory').counter({ perHour: 2, bytesPerDay: 0 });
  const isTaken = async (n: number) => (await count({ sender: `vendor:${n}`, bytes: 1 })) === undefined;
  for (let n = 0; n < 10_000; n += 1) await isTaken(n);
  expect([await isTaken(0), await isTaken(10_000)]).toEqual([true, true]);
  expect([await isTaken(0), await isTaken(1), await isTaken(1)]).toEqual([false, true, true]);
});

test('the side store keeps one record a sender, and none where there is no limit', async () => {
  const { at, counter, sideStore } = open('side store');
  const unlimited = counter({ perHour: 0, bytesPerDay: 0 });
  for (let n = 0; n < 200; n += 1) expect(await unlimited({ sender: 'vendor:acme', bytes: 1e9 })).toBeUndefined();
  expect(await sideStore.list(SIDE_KIND)).toEqual([]);
  const count = counter(DEFAULT_NOTICE_LIMITS);
  for (let hour = 0; hour < 50; hour += 1) {
    at(hour * 3_600);
    for (const sender of ['vendor:acme', 'form:1']) expect(await count({ sender, bytes: 5 })).toBeUndefined();
  }
  expect((await sideStore.list(SIDE_KIND)).map(({ id }) => id)).toEqual(['form:1', 'vendor:acme']);
});

test('a record of another shape counts as none', async () => {
  const { counter, sideStore } = open('side store');
  await sideStore.put(SIDE_KIND, 'vendor:acme', { hour: 'all' });
  expect(await counter({ perHour: 1, bytesPerDay: 0 })({ sender: 'vendor:acme', bytes: 1 })).toBeUndefined();
});
