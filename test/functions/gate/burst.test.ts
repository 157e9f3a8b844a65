import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test, vi } from 'vitest';
import { openGate } from '../openGate.ts';

const NOTICES = 32;

/** Counts the transactions of all files from here on; `fail`: the next COMMIT fails as a full disk does. */
const transactions = () => {
  const counted = { commits: 0, fail: false };
  const { exec } = DatabaseSync.prototype;
  vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (this: DatabaseSync, sql) {
    if (sql === 'COMMIT') counted.commits += 1;
    if (sql !== 'COMMIT' || !counted.fail) return exec.call(this, sql);
    counted.fail = false;
    throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
  });
  return counted;
};
afterEach(() => vi.restoreAllMocks());

const keys = Array.from({ length: NOTICES }, (_, n) => `acme.f${n}`);

test('notices that arrive in one turn share one transaction; one that is refused leaves the others', async () => {
  const { notice } = await openGate();
  await notice({ feature: 'acme.first' }, 'first');
  const counted = transactions();
  const other = notice({ feature: 'acme.first' }, 'first');
  const [refused, ...taken] = await Promise.allSettled([other, ...keys.map((feature) => notice({ feature }))]);
  expect(counted.commits).toBe(1);
  expect(refused).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('other-body') } });
  expect(taken.map((each) => each.status === 'fulfilled' && each.value.change)).toEqual(keys.map((key) => `${key}/1`));
});

test('notices for one feature at the same time are decided one after the other, each on what the one before wrote', async () => {
  const { notice, store } = await openGate();
  const counted = transactions();
  const taken = await Promise.all(Array.from({ length: 8 }, () => notice({ feature: 'acme.same' })));
  expect(taken.map(({ change }) => change)).toEqual(Array.from({ length: 8 }, (_, n) => `acme.same/${n + 1}`));
  expect((await store.head('feature/acme.same'))?.version).toBe(8);
  expect(counted.commits).toBe(8);
});

test('when the transaction fails none of its notices is acknowledged or there, and each can be sent again', async () => {
  const { notice, store } = await openGate();
  const counted = transactions();
  counted.fail = true;
  const sent = () => Promise.allSettled(keys.map((feature) => notice({ feature }, feature)));
  expect((await sent()).map(({ status }) => status)).toEqual(keys.map(() => 'rejected'));
  for (const key of keys) {
    expect(await store.head(`feature/${key}`)).toBeUndefined();
    expect(await store.head(`receipt/acme/${key}`)).toBeUndefined();
  }
  expect((await sent()).map(({ status }) => status)).toEqual(keys.map(() => 'fulfilled'));
  expect(counted.commits).toBe(2);
});
