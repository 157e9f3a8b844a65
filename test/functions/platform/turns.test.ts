import { expect, test } from 'vitest';
import { eachTurn, inTurns, KEYS_PER_TURN, mapInTurns } from '../../../functions/platform/turns.ts';
import { turnsDuring } from '../turnsDuring.ts';

test('at each so-many-th step the event loop has a turn', async () => {
  const turn = eachTurn(10);
  const steps = async (count: number) => {
    for (let step = 0; step < count; step += 1) await turn();
  };
  expect(await turnsDuring(() => steps(9))).toBe(0);
  expect(await turnsDuring(() => steps(1))).toBe(1);
  expect(await turnsDuring(() => steps(50))).toBe(5);
  expect(await turnsDuring(async () => turn(9))).toBe(0);
  expect(await turnsDuring(async () => turn(9))).toBe(1);
  expect(await turnsDuring(async () => turn(25))).toBe(1);
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
