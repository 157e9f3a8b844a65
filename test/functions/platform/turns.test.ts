import { expect, test } from 'vitest';
import { eachTurn, inTurns, KEYS_PER_TURN, mapInTurns } from '../../../functions/platform/turns.ts';
import { turnsDuring } from '../turnsDuring.ts';

test('at each so-many-th step, of one or of several at once, the event loop has a turn', async () => {
  const turn = eachTurn(10);
  const turns: number[] = [];
  for (const steps of [9, 1, 9, 9, 25]) turns.push(await turnsDuring(async () => turn(steps)));
  expect(turns).toEqual([0, 1, 0, 1, 1]);
});

test('between two parts of a list it has one, and the results are in order', async () => {
  const items = Array.from({ length: 2 * KEYS_PER_TURN + 1 }, (_, n) => n);
  expect(
    await turnsDuring(async () => expect((await inTurns(items, KEYS_PER_TURN, async (part) => part)).flat()).toEqual(items)),
  ).toBe(2);
  const doubled = async () => expect(await mapInTurns(items, async (n) => [n, n])).toEqual(items.map((n) => [n, n]));
  expect(await turnsDuring(doubled)).toBe(2);
});

test('many such works at once have turns of their own, so that none is longer than a part', async () => {
  const works = () => Promise.all(Array.from({ length: 5 }, () => inTurns([1, 2, 3], 1, async (part) => part)));
  expect(await turnsDuring(works)).toBe(10);
});
