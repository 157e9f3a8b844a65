import { expect, test } from 'vitest';
import { originSecretOf } from '../../../functions/handlers/runtime/originSecret.ts';

/** A door at a time that the test sets, with keys that it changes; `looks` counts how often they were read. */
const setUp = (...first: readonly string[]) => {
  const world = { now: 0, keys: first as readonly string[] | Error, looks: 0 };
  const read = async (): Promise<readonly string[]> => {
    world.looks += 1;
    if (world.keys instanceof Error) throw world.keys;
    return world.keys;
  };
  return { world, door: originSecretOf(first, read, () => world.now) };
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

test.each([undefined, '', 'other', 'key ', 'Key', 'ke'])('without the key nobody comes in: %j', async (given) => {
  const { door } = setUp('key');
  expect(await door(given)).toBe(false);
  expect(await door('key')).toBe(true);
});

test('both keys open while CloudFront goes over to the new one', async () => {
  const { door } = setUp('new', 'old');
  expect([await door('new'), await door('old'), await door('older')]).toEqual([true, true, false]);
});

test('a key that was made since is taken at its first request', async () => {
  const { world, door } = setUp('old');
  world.now = 11 * SECOND;
  world.keys = ['new', 'old'];
  expect([await door('new'), await door('old'), world.looks]).toEqual([true, true, 1]);
});

test('whoever guesses makes it look once in ten seconds, not once a guess', async () => {
  const { world, door } = setUp('key');
  for (world.now = 0; world.now < 30 * SECOND; world.now += SECOND) expect(await door(`guess ${world.now}`)).toBe(false);
  expect(world.looks).toBe(2);
});

test('a key that was taken back is refused five minutes later', async () => {
  const { world, door } = setUp('new', 'old');
  world.keys = ['new'];
  world.now = 5 * MINUTE - 1;
  expect(await door('old')).toBe(true);
  world.now = 5 * MINUTE;
  expect([await door('old'), await door('new')]).toEqual([false, true]);
});

test('while the keys cannot be read, those that are known stay good', async () => {
  const { world, door } = setUp('key');
  world.now = 10 * MINUTE;
  world.keys = new Error('away');
  expect([await door('key'), await door('other')]).toEqual([true, false]);
});
