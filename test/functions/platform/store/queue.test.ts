import { expect, test } from 'vitest';
import { StreamQueue } from '../../../../functions/platform/store/queue.ts';

const deferred = () => Promise.withResolvers<void>();

test('one stream’s work runs in order, another stream does not wait', async () => {
  const queue = new StreamQueue();
  const order: string[] = [];
  const gate = deferred();
  const first = queue.run('a', async () => {
    await gate.promise;
    order.push('a1');
  });
  const second = queue.run('a', () => Promise.resolve(order.push('a2')));
  await queue.run('b', () => Promise.resolve(order.push('b1')));
  expect(order).toEqual(['b1']);
  gate.resolve();
  await Promise.all([first, second]);
  expect(order).toEqual(['b1', 'a1', 'a2']);
});

test('work that fails fails alone', async () => {
  const queue = new StreamQueue();
  const failing = queue.run('a', () => Promise.reject(new Error('mine')));
  const next = queue.run('a', () => Promise.resolve('done'));
  await expect(failing).rejects.toThrow('mine');
  expect(await next).toBe('done');
  expect(await queue.run('a', () => Promise.resolve('again'))).toBe('again');
});
