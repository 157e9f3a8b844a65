import { expect, test } from 'vitest';
import { originSecretOf } from '../../../functions/handlers/runtime/secrets.ts';

/** A check whose time and accepted values the test sets; `looks` counts how often they were read. */
const setUp = (...first: readonly string[]) => {
  const world = { now: 0, keys: first as readonly string[] | Error, looks: 0 };
  const read = async (): Promise<readonly string[]> => {
    world.looks += 1;
    if (world.keys instanceof Error) throw world.keys;
    return world.keys;
  };
  return { world, check: originSecretOf(first, read, () => world.now) };
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

test.each([undefined, '', 'other', 'key ', 'Key', 'ke'])('any other value is refused: %j', async (given) => {
  const { check } = setUp('key');
  expect(await check(given)).toBe(false);
  expect(await check('key')).toBe(true);
});

test('both values are accepted while CloudFront changes to the new one', async () => {
  const { check } = setUp('new', 'old');
  expect([await check('new'), await check('old'), await check('older')]).toEqual([true, true, false]);
});

test('a value that was made since is accepted at its first request', async () => {
  const { world, check } = setUp('old');
  world.now = 11 * SECOND;
  world.keys = ['new', 'old'];
  expect([await check('new'), await check('old'), world.looks]).toEqual([true, true, 1]);
});

test('guesses cause one read in ten seconds, not one each', async () => {
  const { world, check } = setUp('key');
  for (world.now = 0; world.now < 30 * SECOND; world.now += SECOND) expect(await check(`guess ${world.now}`)).toBe(false);
  expect(world.looks).toBe(2);
});

test('a revoked value is refused five minutes later', async () => {
  const { world, check } = setUp('new', 'old');
  world.keys = ['new'];
  world.now = 5 * MINUTE - 1;
  expect(await check('old')).toBe(true);
  world.now = 5 * MINUTE;
  expect([await check('old'), await check('new')]).toEqual([false, true]);
});

test('while the secret cannot be read, the known values stay accepted', async () => {
  const { world, check } = setUp('key');
  world.now = 10 * MINUTE;
  world.keys = new Error('away');
  expect([await check('key'), await check('other')]).toEqual([true, false]);
});
